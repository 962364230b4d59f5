"""The files of Iceberg tables in a mapping of addresses to bytes, instead of on a disk.

pyiceberg reads and writes through these; the mapping is a dictionary, or one over an account's S3.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from io import BytesIO
from typing import Any

from pyiceberg.io import FileIO, InputFile, OutputFile

Files = MutableMapping[str, bytes]
"""``s3://bucket/key`` → content."""
FILES = "kinesis-lab.files"
IMPLEMENTATION = f"{__name__}.MappedFiles"


class _Upload(BytesIO):
    """A file that is put in its place when it is closed."""

    def __init__(self, files: Files, location: str) -> None:
        super().__init__()
        self._files = files
        self._location = location

    def close(self) -> None:
        if not self.closed:
            self._files[self._location] = self.getvalue()
        super().close()


class _Input(InputFile):
    def __init__(self, files: Files, location: str) -> None:
        super().__init__(location)
        self._files = files

    def __len__(self) -> int:
        return len(self._files[self.location])

    def exists(self) -> bool:
        return self.location in self._files

    def open(self, seekable: bool = True) -> Any:
        if self.location not in self._files:
            raise FileNotFoundError(self.location)
        return BytesIO(self._files[self.location])


class _Output(OutputFile):
    def __init__(self, files: Files, location: str) -> None:
        super().__init__(location)
        self._files = files

    def __len__(self) -> int:
        return len(self._files[self.location])

    def exists(self) -> bool:
        return self.location in self._files

    def to_input_file(self) -> InputFile:
        return _Input(self._files, self.location)

    def create(self, overwrite: bool = False) -> Any:
        if not overwrite and self.exists():
            raise FileExistsError(self.location)
        return _Upload(self._files, self.location)


class MappedFiles(FileIO):
    """pyiceberg's way to files, over the mapping that the property FILES of the catalogue holds.

    pyiceberg makes it by the name IMPLEMENTATION; without that it would look for S3 itself.
    """

    def __init__(self, properties: dict[str, Any]) -> None:
        super().__init__(properties)
        self._files: Files = properties[FILES]

    def new_input(self, location: str) -> InputFile:
        """A file to read."""
        return _Input(self._files, location)

    def new_output(self, location: str) -> OutputFile:
        """A file to write."""
        return _Output(self._files, location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Remove a file. Raises FileNotFoundError."""
        place = location if isinstance(location, str) else location.location
        if place not in self._files:
            raise FileNotFoundError(place)
        del self._files[place]
