"""How much more memory a stretch of work may take: what a library makes of little is bounded too.

A database counts its tables and joins, but not the text that one function makes of a letter. The
operating system counts everything, so while the work lasts the process may grow by so much and no
more; what asks for more gets no memory and says so. Linux only: elsewhere nothing is bounded.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PAGES = Path("/proc/self/statm")


class AddressSpace:
    """The limit of this process. Stretches may overlap: the last to end puts back what was."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0
        self._before: tuple[int, int] | None = None

    @contextmanager
    def at_most(self, more: int) -> Iterator[None]:
        """Within it the process may map ``more`` bytes beyond what it has mapped now.

        A narrower limit that stands already is kept.
        """
        with self._lock:
            if not self._within:
                self._before = self._narrow(more)
            self._within += 1
        try:
            yield
        finally:
            with self._lock:
                self._within -= 1
                if not self._within:
                    self._widen()

    def _narrow(self, more: int) -> tuple[int, int] | None:
        """The limits before, or None where the system has none to set."""
        try:
            import resource

            mapped = int(_PAGES.read_text().split()[0]) * resource.getpagesize()
        except (ImportError, OSError):
            return None
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = mapped + more
        if soft != resource.RLIM_INFINITY and soft <= most:
            return None
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))
            return soft, hard
        return None

    def _widen(self) -> None:
        if self._before is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, self._before)
            self._before = None


ADDRESS_SPACE = AddressSpace()
"""That of this process: limits are the process's, so there is one."""
