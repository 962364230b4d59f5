"""Run a notebook and keep of its outputs what is the same on every machine."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CELL_TIMEOUT = 120  # seconds; only a cell that hangs needs as long
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # a random id, useless without its kernel
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
HOME = re.compile(r"/(?:home|root|Users)/\w+|[A-Z]:\\Users\\")


class ExecutionError(RuntimeError):
    """A notebook raised, warned, or printed what another machine would print differently."""


def execute(notebook: Any, folder: Path, name: str) -> None:
    """Run ``notebook`` in place with ``folder`` as its working directory.

    ExecutionError on any fault.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute(env=environment())
    except CellExecutionError as error:
        raise ExecutionError(f"{name}: {ANSI.sub('', str(error))}") from error
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            _clean(cell, f"{name}, cell {cell.id!r}", str(folder.resolve().parent))


def environment() -> dict[str, str]:
    """This process's environment, with the commands installed beside its Python (``aws``) first."""
    scripts = str(Path(sys.executable).parent)
    return os.environ | {"PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])}


def _clean(cell: Any, where: str, root: str) -> None:
    cell.metadata.pop("execution", None)
    cell.outputs = list(_joined(cell.outputs))
    for output in cell.outputs:
        output.get("data", {}).pop(WIDGET_VIEW, None)
        for text in _texts(output):
            _same_everywhere(text, output, where, root)


def _joined(outputs: list[Any]) -> Iterator[Any]:
    """``outputs`` with neighbouring pieces of one stream as one: where they break is chance."""
    last: Any = None
    for output in outputs:
        if last is not None and _same_stream(last, output):
            last["text"] += output["text"]
            continue
        if last is not None:
            yield last
        last = output
    if last is not None:
        yield last


def _same_stream(one: Any, other: Any) -> bool:
    streams = one["output_type"] == other["output_type"] == "stream"
    return streams and bool(one["name"] == other["name"])


def _texts(output: Any) -> Iterator[str]:
    yield str(output.get("text", ""))
    for mime, data in output.get("data", {}).items():
        if mime.startswith("text/"):
            yield str(data)


def _same_everywhere(text: str, output: Any, where: str, root: str) -> None:
    if output.get("name") == "stderr":
        raise ExecutionError(f"{where} writes to stderr: {text.strip()[:300]}")
    own = {"a memory address": ADDRESS, "a path of this machine": HOME}
    for what, pattern in (own | {"this folder's path": re.compile(re.escape(root))}).items():
        if found := pattern.search(text):
            raise ExecutionError(f"{where} shows {what} ({found[0]}): give it a stable text.")
