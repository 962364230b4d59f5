"""Java, Maven and the jars of Flink: found on this machine, fetched once into the user's cache."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from kinesis_sim.errors import UsageError

Say = Callable[[str], None]
HERE = Path(__file__).parent
SOURCES = ("pom.xml", "SqlRunner.java")
_MEGABYTES = {False: 118, True: 191}
"""What Maven brings without and with the connectors (measured 2026-11)."""
_SERVICE = "META-INF/services/org.apache.flink.metrics.reporter.MetricReporterFactory"
_REPORTER = "kinesislab.SqlRunner$LateRecords\n"
_JAR = re.compile(r"Downloaded from [^ ]+: .*/([^/ ]+\.jar) ")
_FLAGS = (
    *(f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("util", "lang", "time")),
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx1g"),
)


@dataclass(frozen=True)
class Toolchain:
    """What runs a script: the command that starts Java with everything on its class path."""

    java: str
    folder: Path

    def command(self, job: Path, settings: Iterable[str] = ()) -> list[str]:
        """The process that runs a job. settings: Flink's, ``key=value``."""
        path = os.pathsep.join([str(self.folder / "classes"), str(self.folder / "lib" / "*")])
        return [self.java, *_FLAGS, "-cp", path, "kinesislab.SqlRunner", str(job), *settings]


def toolchain(*, live: bool, say: Say) -> Toolchain:
    """Flink, fetched and built where it is not there yet.

    live: with the connectors of Kinesis and Firehose. say: told what is fetched, and how far it is.
    Raises UsageError for a machine without Java or Maven, or when Maven fails.
    """
    java, compiler = _program("java"), _program("javac")
    key = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in SOURCES)).hexdigest()
    folder = cache() / f"flink-{key[:16]}{'-live' if live else ''}"
    if not folder.exists():
        part = folder.with_name(f"{folder.name}.{os.getpid()}")
        try:
            _fetch(part, folder, _program("mvn"), live=live, say=say)
            _build(part, compiler)
            _put(part, folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return Toolchain(java, folder)


def _put(part: Path, folder: Path) -> None:
    """Give what is whole its name; another process may have been faster."""
    try:
        part.rename(folder)
    except OSError:
        if not folder.exists():
            raise


def cache() -> Path:
    """The user's folder for what can be fetched again."""
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "kinesis-lab"


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise UsageError(
            f"Flink needs the program {name!r}, which is not there: install a JDK, 17 or newer, "
            "and Maven (Debian and Ubuntu: apt install default-jdk-headless maven; macOS: "
            "brew install openjdk@17 maven). The simulator itself runs the same SQL without them."
        )
    return found


def _fetch(part: Path, folder: Path, maven: str, *, live: bool, say: Say) -> None:
    part.mkdir(parents=True)
    shutil.copy(HERE / "pom.xml", part)
    say(f"Fetching Apache Flink ({_MEGABYTES[live]} MB) by Maven, once, into {folder}")
    command = [maven, "--batch-mode", "-Dstyle.color=never", *(["-Plive"] if live else [])]
    goal = ["dependency:copy-dependencies", "-DoutputDirectory=lib"]
    running = subprocess.Popen(
        [*command, *goal],
        cwd=part,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told: list[str] = []
    jars = 0
    with running:
        for line in running.stdout or ():
            told = [*told[-30:], line.strip()]
            if found := _JAR.search(line):
                jars += 1
                say(f"  {jars}: {found[1]}")
    if running.returncode:
        errors = [line for line in told if line.startswith("[ERROR]")] or told
        raise UsageError(f"Maven could not fetch Flink: {' '.join(errors[:3])}")


def _build(folder: Path, compiler: str) -> None:
    classes = folder / "classes"
    (classes / _SERVICE).parent.mkdir(parents=True)
    (classes / _SERVICE).write_text(_REPORTER)
    path = str(folder / "lib" / "*")
    command = [compiler, "--release", "17", "-cp", path, "-d", str(classes)]
    built = subprocess.run(
        [*command, str(HERE / "SqlRunner.java")], capture_output=True, text=True, check=False
    )
    if built.returncode:
        raise UsageError(f"javac could not build Flink's runner: {built.stderr.strip()[:500]}")
