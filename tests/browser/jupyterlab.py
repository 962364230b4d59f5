"""JupyterLab in headless Chromium, for tests: start it, open a notebook, run it, look at it.

    with jupyterlab(folder) as lab, fresh_page(app) as page:
        notebook = lab.open(page, "en/00_start_here.ipynb")
        notebook.run_all()

Nothing sleeps: every wait is Playwright's, on something the page shows. No request leaves the
machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from kinesis_sim.course.notebooks import execute

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SHIPPED = NOTEBOOKS / "jupyterlab.json"
"""The settings that come with the course, which a learner's JupyterLab has."""
ARTIFACTS = Path(__file__).parents[1] / "artifacts"
READY = (
    240_000  # ms until a test gives up on a server, a kernel or a lesson; nothing waits for time
)
PATIENCE = 60_000  # ms until it gives up on anything else
expect.set_options(timeout=PATIENCE)
SLOW = "KINESIS_LAB_SLOW"
"""``KINESIS_LAB_SLOW=6 pytest tests/browser`` finds tests that race: pages six times as slow, and
kernels that let a widget wait. No test fails by that which does not race."""
SLOWNESS = int(os.environ.get(SLOW, "1"))
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NUMBER = re.compile(r"\[\d+\]")  # of a cell that has run
LOOPBACK = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:")


# "done", the text of an error, or null while a prompt of the given ones is still there.
ENDED = """(waiting) => {
  const error = document.querySelector('[data-mime-type="application/vnd.jupyter.error"]');
  if (error) return error.innerText;
  const panel = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden)");
  const prompts = panel.querySelectorAll(".jp-CodeCell .jp-InputArea .jp-InputPrompt");
  const shown = [...prompts].map((prompt) => prompt.innerText.replace(":", ""));
  return shown.some((prompt) => waiting.includes(prompt)) ? null : "done";
}"""


CLOSE = """() => {
  for (const shown of [...jupyterapp.shell.widgets("main")]) shown.dispose();
}"""
"""Nothing is asked about what was not kept."""
OPEN = """async (path) => {
  const shown = await jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
  await shown.context.ready;
  await shown.sessionContext.ready;
  await shown.sessionContext.session.kernel.info;
  while (jupyterapp.shell.currentWidget !== shown) await new Promise(requestAnimationFrame);
}"""
"""Open a notebook and wait for its kernel, and until commands are about this notebook."""
THEME = "data-jp-theme-light"
SPLASH = "#jupyterlab-splash"
"""What JupyterLab covers itself with while it puts on a theme."""


@dataclass(frozen=True)
class Notebook:
    """A notebook open in JupyterLab."""

    page: Page
    panel: Locator

    def run_all(self) -> None:
        """Run every cell and wait until each has run.

        The outputs it came with are cleared first: a fresh kernel numbers the cells as they are
        numbered already, and there would be nothing to wait for.
        """
        self.clear()
        self.menu("Run", "runmenu:run-all")
        self.done("[ ]", "[*]")

    def clear(self) -> None:
        """Take away the outputs the notebook came with, and the numbers of its cells: ``run`` waits
        for a new number, which a fresh kernel's would not be."""
        self.menu("Edit", "editmenu:clear-all")
        numbered = self.panel.locator(".jp-CodeCell .jp-InputArea .jp-InputPrompt")
        expect(numbered.filter(has_text=NUMBER)).to_have_count(0)

    def menu(self, title: str, command: str) -> None:
        """Choose a command from the main menu."""
        self.page.locator(f'#jp-MainMenu .lm-MenuBar-item:has-text("{title}")').click()
        self.page.locator(f'.lm-Menu-item[data-command="{command}"]').click()

    def done(self, *waiting: str) -> None:
        """Wait until no code cell has one of these prompts; fail at once when a cell has raised."""
        ended = self.page.wait_for_function(ENDED, arg=list(waiting), timeout=READY)
        assert ended.json_value() == "done"

    def idle(self) -> None:
        """Wait until the kernel is there and has nothing to do."""
        self.page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=READY)

    def cell(self, holding: str) -> Locator:
        """The code cell whose code holds a text."""
        code = self.page.locator(".jp-InputArea-editor", has_text=holding)
        return self.panel.locator(".jp-CodeCell", has=code).first

    def run(self, holding: str) -> Locator:
        """Run the cell that holds a text with Shift+Enter; returns it when it has a new number."""
        cell = self.cell(holding)
        prompt = cell.locator(".jp-InputArea .jp-InputPrompt")
        before = prompt.inner_text()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        expect(prompt).not_to_have_text(before)
        self.done("[*]")
        expect(prompt).to_have_text(NUMBER)
        return cell

    def photograph(self, name: str, what: Locator | None = None) -> Path:
        """Keep a picture of the page, or of all of one element, in ``tests/artifacts``."""
        ARTIFACTS.mkdir(exist_ok=True)
        path = ARTIFACTS / f"{name}.png"
        if what is None:
            self.page.screenshot(path=path)
            return path
        box, before = what.bounding_box(), self.page.viewport_size
        assert box is not None
        assert before is not None
        height = before["height"] + round(box["height"])
        self.page.set_viewport_size({"width": before["width"], "height": height})
        what.screenshot(path=path)
        self.page.set_viewport_size(before)
        return path


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab; ``url`` ends without a slash. root: the folder that it shows."""

    url: str
    root: Path

    def open(self, page: Page, notebook: str) -> Notebook:
        """Open a notebook (a path under the root) alone in ``page`` and wait for its kernel.

        A page that shows this JupyterLab already is not loaded again, which takes seconds.
        """
        if page.url.startswith(self.url):
            page.evaluate(CLOSE)
            page.evaluate(OPEN, notebook)
        else:
            page.goto(f"{self.url}/lab/tree/{notebook}?reset", timeout=READY)
        panel = page.locator(".jp-NotebookPanel").first
        panel.locator(".jp-CodeCell").first.wait_for(timeout=READY)
        opened = Notebook(page, panel)
        opened.idle()
        return opened

    def leave(self, page: Page) -> None:
        """Close what ``page`` shows, as it is on the disk, and end the kernels."""
        page.evaluate(CLOSE)
        self.shut_kernels()

    def shut_kernels(self) -> None:
        """End what runs, so that the next notebook opened begins with a kernel of its own."""
        with httpx.Client(base_url=self.url) as server:
            for session in server.get("/api/sessions").json():
                server.delete(f"/api/sessions/{session['id']}").raise_for_status()


@contextmanager
def jupyterlab(folder: Path, notebooks: Path = NOTEBOOKS) -> Iterator[Lab]:
    """JupyterLab on a free port, on a copy of ``notebooks`` in ``folder``; stopped at the end."""
    root = folder / "notebooks"
    shutil.copytree(notebooks, root)
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", *settings(root, port)]
    process = subprocess.Popen(
        command,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until_serving(process)
        yield Lab(f"http://127.0.0.1:{port}", root)
    finally:
        process.terminate()
        process.communicate(timeout=READY / 1000)


def settings(root: Path, port: int) -> list[str]:
    """Command-line settings: loopback only, no token, no browser, no news."""
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": root,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.disable_check_xsrf": True,  # the tests themselves end kernels
        "IdentityProvider.token": "",
        "LabApp.expose_app_in_browser": True,  # lessons are run by JupyterLab's own commands
        "LabApp.news_url": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    return [f"--{name}={value}" for name, value in options.items()]


def environment(folder: Path) -> dict[str, str]:
    """The test's environment with homes of Jupyter and IPython inside ``folder``."""
    own = {name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    overrides: dict[str, dict[str, object]] = json.loads(SHIPPED.read_text("utf-8")) | {
        # Its theme is what a page prefers (``fresh_page``, ``put_on``).
        "@jupyterlab/apputils-extension:themes": {
            "theme": "JupyterLab Light",
            "adaptive-theme": True,
        },
        # What a test writes into a notebook is not there for the next one.
        "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    }
    overrides["@jupyterlab/notebook-extension:tracker"]["windowingMode"] = "none"  # every cell
    file = folder / "jupyter_config_dir" / "labconfig" / "default_setting_overrides.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(overrides))
    return execute.environment() | own | {"JUPYTER_RUNTIME_DIR": str(folder / "runtime")}


def wait_until_serving(process: subprocess.Popen[str]) -> None:
    """Read the server's log until it says it serves; fail with the log when it stops instead."""
    log: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        log.append(line)
        if "is running at" in line:
            return
    raise RuntimeError("JupyterLab stopped:\n" + "".join(log))


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def chrome(playwright: Playwright, chromium: str, *more: str) -> Iterator[Browser]:
    """A running headless Chromium. more: flags beside the usual ones."""
    flags = [*FLAGS, *more]
    app = playwright.chromium.launch(executable_path=chromium, headless=True, args=flags)
    try:
        yield app
    finally:
        app.close()


@contextmanager
def fresh_page(
    app: Browser, width: int = 1200, height: int = 1000, *, dark: bool = False
) -> Iterator[Page]:
    """A page that remembers nothing of earlier ones and reaches this machine only."""
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    context = app.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    context.route(lambda url: not url.startswith(LOOPBACK), lambda route: route.abort())
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        slow_down(page)
        yield page
    finally:
        context.close()


def put_on(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Have JupyterLab wear a theme, and wait until it does."""
    page.emulate_media(color_scheme=scheme)
    worn = str(scheme == "light").lower()
    expect(page.locator("body")).to_have_attribute(THEME, worn)
    expect(page.locator(SPLASH)).to_have_count(0)


def slow_down(page: Page) -> None:
    """Take so many times as long for all that the page does, where SLOW asks for it."""
    if SLOWNESS > 1:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWNESS})
