"""A picture has one home: a folder of its own with parts of known names, over one kit."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.project.source import PACKAGE, modules

SHOW = PACKAGE / "show"
HOMES = sorted({path.parent.name for path in SHOW.glob("*/*.py")} - {"kit"})
ROLES = {
    "__init__.py": "what it shows, in a line",
    "fold.py": "rows from events and the domain",
    "mix.py": "a stream of its own to play with",
    "rows.py": "rows as JSON, for a picture that is no scene yet",
    "errors.py": "what a learner opens",
    "asks.py": "what it asks before it shows",
    "words.py": "sentences from rows",
    "notices.py": "what to notice",
    "scene.py": "marks from rows, laid out once",
    "table.py": "rows as lines of text beside them, laid out with them",
    "figure.py": "matplotlib, for a picture that is no scene yet",
    "diagram.py": "boxes and arrows",
    "widget.py": "wishes from the browser",
    "widget.js": "the browser's part, for a picture that is no scene yet",
    "widget.css": "its looks",
    "text.toml": "all it says, every language side by side",
}
BORROWED = {("shards", "readers.fold")}
"""Pictures that draw another one's rows: the shard map shows readers when asked."""
IMAGE = re.compile(r'img class=\\"kl-figure')
FRAMED = re.compile(
    r'tabindex=\\"0\\"><img class=\\"kl-figure\\" width=\\"\d+\\" height=\\"\d+\\" style='
)
SCRIPTS = sorted(PACKAGE.rglob("*.js"))
KIT = [SHOW / "kit" / name for name in ("dom.js", "controls.js", "scene.js", "alive.js")]


def test_every_widget_is_looked_at_on_narrow_paper() -> None:
    text = (PACKAGE.parent / "tests/browser/pictures.py").read_text("utf-8")
    named = set(re.findall(r'^    "(\w+)": ', text, re.MULTILINE))
    missing = {path.parent.name for path in SHOW.glob("*/widget.py")} - named - {"kit"}
    assert missing == set(), "give each a line in PICTURES of tests/browser/pictures.py"


def test_a_time_of_day_is_written_in_one_place() -> None:
    """It stood in seven pictures in four spellings."""
    spelled = [
        module.place
        for module in modules()
        if module.room == "show" and "%H:%M" in module.path.read_text("utf-8")
    ]
    assert spelled == ["show/kit/timeline.py"], "use clock() or full() of show/kit/timeline.py"


def test_a_committed_figure_stands_in_the_frame_that_figures_have_now() -> None:
    """A notebook built before ``Sheet.html`` changed has to be built anew."""
    stale = [
        path.name
        for path in sorted((PACKAGE.parent / "notebooks").glob("*/*.ipynb"))
        if IMAGE.search(text := path.read_text("utf-8")) and not FRAMED.search(text)
    ]
    assert stale == []


@pytest.mark.parametrize("home", HOMES)
def test_a_home_has_its_parts_under_known_names(home: str) -> None:
    parts = {path.name for path in (SHOW / home).iterdir() if path.is_file()}
    assert parts <= ROLES.keys(), f"{home}: {sorted(parts - ROLES.keys())} have no known role"
    assert {"__init__.py", "text.toml"} <= parts
    assert parts & {"scene.py", "figure.py"}, f"{home}: nothing draws it"
    if "scene.py" in parts:  # a scene is drawn by the kit
        assert not parts & {"figure.py", "rows.py", "widget.js", "widget.css"}


def strangers(home: str, names: Iterable[str]) -> list[str]:
    """Imports of another picture's parts that its home must not know."""
    found = []
    for name in names:
        place = name.removeprefix("kinesis_sim.show.")
        owner, _, part = place.partition(".")
        if owner in HOMES and owner != home and part:
            module = f"{owner}.{part.partition('.')[0]}"
            if (home, module) not in BORROWED:
                found.append(module)
    return found


@pytest.mark.parametrize("home", ["kit", *HOMES])
def test_pictures_know_the_kit_and_not_one_another(home: str) -> None:
    for module in modules():
        if module.place.startswith(f"show/{home}/"):
            names = [imported.name for imported in module.imports]
            assert strangers(home, names) == [], module.place


def test_nobody_outside_the_room_knows_a_pictures_words() -> None:
    for module in modules():
        if module.room != "show":
            names = [imported.name for imported in module.imports]
            assert strangers("", names) == [], module.place
        elif (home := module.path.parent.name) in {*HOMES, "kit"}:
            said = set(re.findall(r'\bWords\("(\w+)"', module.path.read_text())) - {"kit"}
            assert said <= {home, "shards"} if home == "kit" else said <= {home}, module.place


def test_the_law_finds_what_it_forbids() -> None:
    assert strangers("heat", ["kinesis_sim.show.capacity.words.Told"]) == ["capacity.words"]
    assert strangers("heat", ["kinesis_sim.show.heat.fold", "kinesis_sim.show.kit.words"]) == []
    assert strangers("shards", ["kinesis_sim.show.readers.fold.Readers"]) == []
    assert repeated({"a": "function f(x) {\n  return x + x + x + x + x;\n}\n" * 2}) == []
    twice = "function f(x) {\n  return x + x + x + x + x;\n}\n"
    assert repeated({"a": twice, "b": f"const y = 1;\n{twice}"}) == [("f", ["a", "b"])]


# --- scripts --------------------------------------------------------------------------------------


def repeated(scripts: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Functions that stand in more than one script, word for word."""
    found = defaultdict(set)
    for place, text in scripts.items():
        for match in re.finditer(r"^( *)function (\w+)\(.*?^\1\}$", text, re.S | re.M):
            body = " ".join(match[0].split())
            found[match[2], body].add(place)
    return [(name, sorted(places)) for (name, _), places in found.items() if len(places) > 1]


def test_no_function_stands_in_two_scripts() -> None:
    scripts = {path.relative_to(PACKAGE).as_posix(): path.read_text() for path in SCRIPTS}
    assert repeated(scripts) == []


def declared(text: str) -> set[str]:
    return set(re.findall(r"^(?:const|function|let|class) (\w+)", text, re.M))


def test_no_script_declares_anew_what_the_kit_has() -> None:
    kit = set().union(*(declared(path.read_text()) for path in KIT))
    assert {"made", "svg", "drawScene", "slider"} <= kit
    for path in SCRIPTS:
        if path not in KIT:
            again = kit & declared(path.read_text()) - {"scenes"}
            assert again == set(), f"{path.relative_to(PACKAGE)}: {sorted(again)}"


def test_what_the_kit_declares_is_used() -> None:
    used = Counter(re.findall(r"\w+", "\n".join(path.read_text() for path in SCRIPTS)))
    names = set().union(*(declared(path.read_text()) for path in SHOW.glob("kit/*.js")))
    assert [name for name in sorted(names) if used[name] < 2] == []


def test_scripts_are_typed_and_linted_in_make_lint() -> None:
    root = Path(__file__).parents[2]
    assert '"lint": "eslint kinesis_sim && tsc' in (root / "package.json").read_text()
    assert re.search(r"^lint: .*\bscripts\b", (root / "Makefile").read_text(), re.M)
