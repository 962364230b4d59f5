"""The pictures of the README: ``python -m kinesis_sim.show.images`` writes them to ``images/``.

The same bytes in every run, so that a test can tell when a committed picture no longer shows what
the simulator does.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from kinesis_sim import Simulator
from kinesis_sim.show import DIAGRAMS
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import LANGUAGES
from kinesis_sim.workloads.scenes.scene import PedalaScene

HOT_KEY = "station-9"
KEYS = ("bike-0042", "bike-0107", HOT_KEY)


def pictures() -> Iterator[tuple[str, bytes]]:
    """File name and content of every picture, in every language."""
    sim, scene = a_day_of_rides(), a_concert()
    for lang in LANGUAGES:
        ending = "svg" if lang == "en" else f"{lang}.svg"
        yield f"shard-map.{ending}", svg(sim.show.shards("pedala-rides", keys=KEYS, lang=lang))
        yield f"control-room.{ending}", svg(scene.show(lang=lang).drawn())
        for name in DIAGRAMS:
            yield f"{name}.{ending}", svg(sim.show.architecture(name, lang=lang))


def svg(sheet: Sheet) -> bytes:
    """A figure as SVG without dates or chance; letters as outlines, so that no font is needed."""
    from matplotlib import rc_context

    image = BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with rc_context({"svg.hashsalt": "kinesis-lab", "svg.fonttype": "path"}):
        sheet.savefig(image, format="svg", metadata=nothing | {"Title": sheet.summary})
    return by_outline(image.getvalue())


_GLYPH = re.compile(rb'<path id="(DejaVuSans[^"]*-[0-9a-f]+)" d="([^"]*)"')


def by_outline(image: bytes) -> bytes:
    """Name each letter by its outline.

    matplotlib takes its place in the font's table, and that differs between the DejaVu Sans that
    comes with matplotlib and the one of a distribution.
    """
    for name, outline in set(_GLYPH.findall(image)):
        family = name.rpartition(b"-")[0]
        new = family + b"-%08x" % zlib.crc32(outline)
        image = re.sub(rb'(["#])' + re.escape(name) + rb'"', rb"\1" + new + b'"', image)
    return image


def a_day_of_rides() -> Simulator:
    """Two shards, a busy station, a split in the evening, a night, and the trim horizon behind."""
    sim = Simulator(start="2026-01-01T15:00:00Z", latency=None, delays="quick")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="pedala-rides", ShardCount=2)
    sim.advance(minutes=10)
    _ride(sim, 110)
    low = sim.streams["pedala-rides"].open_shards[0]
    middle = str((low.hashes.start + low.hashes.end) // 2)
    kinesis.split_shard(StreamName="pedala-rides", ShardToSplit=low.id, NewStartingHashKey=middle)
    sim.advance(minutes=5)
    _ride(sim, 45)
    _rush(sim)
    _ride(sim, 45)
    sim.run_until("2026-01-02T17:10:00Z")
    return sim


def a_concert() -> PedalaScene:
    """The control room, a quarter of a minute after a concert has ended at one station."""
    scene = PedalaScene()
    scene.hot_key()
    scene.sim.advance(seconds=15)
    return scene


def _ride(sim: Simulator, count: int) -> None:
    kinesis = sim.client("kinesis")
    for ride in range(count):
        key = HOT_KEY if ride % 3 == 0 else f"bike-{ride * 37 % 211:04d}"
        size = 2_000 + ride * ride * 971 % 12_000
        kinesis.put_record(StreamName="pedala-rides", PartitionKey=key, Data=b"." * size)
        sim.advance(minutes=2)


def _rush(sim: Simulator) -> None:
    """The end of a concert: the busy station has more to say than a shard takes in a second."""
    kinesis = sim.client("kinesis")
    taps = [{"Data": b"." * 20, "PartitionKey": HOT_KEY}] * 500
    for _ in range(5):
        for _ in range(3):
            kinesis.put_records(StreamName="pedala-rides", Records=taps)
        sim.advance(minutes=9)


def main(folder: Path) -> None:
    """Write every picture into a folder."""
    folder.mkdir(exist_ok=True)
    for name, content in pictures():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("images"))
