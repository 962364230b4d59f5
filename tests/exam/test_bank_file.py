"""Questions of one's own: practised like the course's; a stranger's file runs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kinesis_sim.__main__ import main
from kinesis_sim.course.progress import VARIABLE, Progress
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts_file import read_attempts
from kinesis_sim.exam.bank_file import LARGEST_FILE, read_bank

ENDLESS = Path("/dev/zero")
OPTIONS = "".join(
    f'[[item.options]]\nid = "{name}"\ntext.en = "Option {name}"\nwhy.en = "Why {name}"\n'
    for name in "abc"
)
HEAD = """[[item]]
id = "own-1"
type = "single"
difficulty = 2
topics = ["K02"]
exams = { saa = "3.5" }
key = ["b"]
stem.en = "Which one?"
"""
GOOD = HEAD + OPTIONS


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, "utf-8")
    return path


def test_questions_of_ones_own_are_practised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.sqlite"))
    lines = iter(["1", "e"])
    monkeypatch.setattr("builtins.input", lambda _: next(lines, "q"))
    path = written(tmp_path, GOOD)
    assert [item.id for item in read_bank(path)] == ["own-1"]
    assert main(["exam", "practice", "--bank", str(path)]) == 0
    told = capsys.readouterr().out
    assert "Which one?" in told
    assert "Why b" in told


HOSTILE = [
    (GOOD.replace("Which one?", "Which\\u001b[2J one?"), "stem"),
    (GOOD.replace("Which one?", "Which\\u202e one?"), "stem"),
    (GOOD.replace("Why a", "Why\\u0007 a"), "options"),
    (GOOD.replace("Option c", "Option\\u0000 c"), "options"),
    (GOOD.replace('"3.5"', '"\\u001b[2J"'), "exams"),
    (GOOD.replace('key = ["b"]', 'key = ["b"]\nunit.en = "\\u009b2J"'), "unit"),
    (
        GOOD.replace(
            'key = ["b"]',
            'key = ["b"]\nsources = [{ what = "a\\u001b[2J", checked = 2026-01-01 }]',
        ),
        "sources",
    ),
    (GOOD.replace('id = "own-1"', 'id = "K02-one-second"'), "has the id of a question of the"),
    ("", "holds no questions"),
    ("item = 5", "holds no questions"),
    ("item = []", "holds no questions"),
    ("item = [1]", "is no table"),
    ("x = " + "[" * 50_000, "cannot be read"),
    ("not toml at all", "cannot be read"),
    (GOOD + GOOD, "share an id"),
    (HEAD.replace("difficulty", "hardness") + OPTIONS, "has no difficulty"),
    (GOOD.replace('id = "own-1"', 'id = "../../etc/passwd"'), "id is no short name"),
    (GOOD.replace('id = "own-1"', 'id = "<script>alert(1)</script>"'), "id is no short name"),
    (GOOD.replace("single", "essay"), "its type is none of"),
    (GOOD.replace("difficulty = 2", f"difficulty = {10**30}"), "difficulty is not 1 to 5"),
    (GOOD.replace("difficulty = 2", "difficulty = true"), "difficulty is not 1 to 5"),
    (GOOD.replace('["K02"]', '["Z99"]'), "topics"),
    (GOOD.replace('["K02"]', '"K02"'), "topics"),
    (GOOD.replace('["K02"]', "[]"), "topics"),
    (GOOD.replace("{ saa", "{ xyz"), "exams"),
    (GOOD.replace('{ saa = "3.5" }', "5"), "exams"),
    (GOOD.replace('stem.en = "Which one?"', "stem = 5"), "stem"),
    (GOOD.replace('stem.en = "Which one?"', 'stem.xx = "Which one?"'), "stem"),
    (GOOD.replace("Which one?", "x" * 5_000), "stem"),
    (GOOD.replace('key = ["b"]', 'key = ["z"]'), "which is no option"),
    (GOOD.replace('key = ["b"]', 'key = ["a", "b"]'), "does not fit"),
    (GOOD.replace('key = ["b"]', "key = [[1]]"), "key is neither"),
    (GOOD.replace('key = ["b"]', "key = nan"), "key is neither"),
    (GOOD.replace('key = ["b"]', 'key = ["b"]\nproof = "capacity.anything"'), "has 'proof'"),
    (GOOD.replace('key = ["b"]', 'key = ["b"]\nnumbers = { n = [1000000000] }'), "has 'numbers'"),
    (GOOD.replace('key = ["b"]', 'key = ["b"]\nfacts = ["x"]'), "has 'facts'"),
    (GOOD.replace('key = ["b"]', 'key = ["b"]\nsources = [1]'), "sources"),
    (GOOD.replace('key = ["b"]', 'key = ["b"]\ntolerance = inf'), "tolerance"),
    (HEAD + 'options = "abc"', "options"),
    (HEAD + "options = [{ id = 5 }]", "options"),
]


@pytest.mark.parametrize(("text", "sentence"), HOSTILE, ids=[s for _, s in HOSTILE])
def test_a_strangers_bank_is_refused_in_a_sentence(
    tmp_path: Path, text: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "progress.sqlite"
    monkeypatch.setenv(VARIABLE, str(file))
    before = Progress(file).exported()
    with pytest.raises(UsageError, match=sentence):
        read_bank(written(tmp_path, text))
    assert main(["exam", "practice", "--bank", str(tmp_path / "own.toml")]) == 2
    assert Progress(file).exported() == before


def test_lines_and_wide_spaces_are_no_harm(tmp_path: Path) -> None:
    text = GOOD.replace("Which one?", "Which\\n\\tone\\u00a0– or two\\u3000?")
    assert [item.id for item in read_bank(written(tmp_path, text))] == ["own-1"]


def test_questions_of_ones_own_are_gone_on_with_reviewed_and_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.sqlite"))
    own = ["--bank", str(written(tmp_path, GOOD.replace("own-1", "own-2") + GOOD))]
    for lines, arguments in (
        (["1", "q"], ["practice", *own]),
        (["e", "e"], ["start", *own]),
        ([], ["review", *own]),
        ([], ["report", *own]),
        ([], ["--bank", own[1], "review"]),
    ):
        typed = iter(lines)
        monkeypatch.setattr("builtins.input", lambda _, typed=typed: next(typed, "q"))
        assert main(["exam", *arguments]) == 0
        told = capsys.readouterr().out
        shows = " of 2 right" if arguments[0] == "report" else "Which one?"
        assert shows in told, arguments
        assert "not in the question bank" not in told


def test_a_file_too_large_or_absent_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_bank(tmp_path / "absent.toml")
    with pytest.raises(UsageError, match="is not read"):
        read_bank(written(tmp_path, "#" * (LARGEST_FILE + 1)))


@pytest.mark.skipif(not ENDLESS.exists(), reason="needs /dev/zero")
def test_a_device_that_says_no_size_is_not_read_for_ever() -> None:
    with pytest.raises(UsageError, match="which may have no end"):
        read_bank(ENDLESS)
    with pytest.raises(UsageError, match="which may have no end"):
        read_attempts([ENDLESS])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a." * 200_000 + "a = 1", "nested too deeply"),
        ("".join(f"[a{n}.{'x.' * 100}x]\n" for n in range(4_000)), "nested too deeply"),
        ('"a". ' * 100_000 + "a = 1", "nested too deeply"),
        ("item = " + "9" * 900_000, "more than 4300 digits"),
    ],
    ids=["one key", "many tables", "quoted", "digits"],
)
def test_what_would_keep_the_reader_busy_is_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    """tomllib's work grows with the square of a key's parts; Python reads no such number."""
    with pytest.raises(UsageError, match=said):
        read_bank(written(tmp_path, text))


@pytest.mark.parametrize(
    "stem", ['"a.b.c.d.e.f.g.h.i.j"', "'a.b.c.d.e.f.g.h.i.j'", '"""a.b.c.d.e.f.g.h.i.j\n"""']
)
def test_a_text_with_many_full_stops_is_no_key(tmp_path: Path, stem: str) -> None:
    text = GOOD.replace('"Which one?"', f"{stem}  # a.b.c.d.e.f.g.h.i.j")
    assert read_bank(written(tmp_path, text))


@pytest.mark.parametrize("key", ["0x" + "f" * 400, "nan", "inf", "1e15"])
def test_a_number_that_no_answer_can_be_is_no_key(tmp_path: Path, key: str) -> None:
    with pytest.raises(UsageError, match="key"):
        read_bank(written(tmp_path, GOOD.replace('["b"]', key)))


def test_a_file_of_windows_begins_with_a_mark(tmp_path: Path) -> None:
    assert [item.id for item in read_bank(written(tmp_path, f"\ufeff{GOOD}"))] == ["own-1"]


def test_a_text_that_is_too_long_or_not_printable_is_said_to_be_so(tmp_path: Path) -> None:
    for text in ("x" * 4_001, "\\u001b[2J"):
        with pytest.raises(UsageError, match="not printable, or longer than 4000 characters"):
            read_bank(written(tmp_path, GOOD.replace("Which one?", text)))


def test_markup_in_a_strangers_text_is_shown_and_not_run(tmp_path: Path) -> None:
    from kinesis_sim.exam.booth import Booth
    from kinesis_sim.exam.record import ExamRecord

    text = GOOD.replace("Which one?", "<img src=x onerror=alert(1)> which?")
    booth = Booth(ExamRecord(Progress()), "en", read_bank(written(tmp_path, text)))
    booth.wish({"do": "practice", "what": "all", "count": 1}, 1_780_000_000_000)
    stem = booth.view(1_780_000_000_000)["question"]["asked"]["stem"]
    assert stem.startswith("&lt;img src=x onerror=alert(1)&gt;")
