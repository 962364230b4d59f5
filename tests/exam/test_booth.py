"""The booth: wishes in, views out; keys only where they may be known."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.course import progress_file
from kinesis_sim.course.item import Item
from kinesis_sim.course.progress import Progress
from kinesis_sim.exam.booth import Booth
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.widget import ExamDesk
from kinesis_sim.instants import DAY
from tests.course.items import MATCH, MULTI, NUMERIC, ORDER, item
from tests.exam.pool import NOW, pool, question

MINUTE = 60_000
BANK = pool(5)


def booth(
    bank: dict[str, Item] | None = None, lang: str = "en", record: ExamRecord | None = None
) -> Booth:
    bank = BANK if bank is None else bank
    return Booth(record or ExamRecord(Progress()), lang, bank.values(), seed=1)


def do(one: Booth, at: int = NOW, **wish: Any) -> dict[str, Any]:
    one.wish(wish, at)
    return one.view(at)


def mock(one: Booth, count: int = 10, **more: Any) -> dict[str, Any]:
    return do(one, do="mock", exam="saa", count=count, **more)


def test_before_the_end_a_mock_exam_knows_no_key() -> None:
    one = booth()
    seen = [mock(one)]
    for place in range(10):
        seen.append(do(one, do="answer", question=place, answer=["a"]))
        seen.append(do(one, do="show", question=place))
        seen.append(do(one, do="go", question=min(place + 1, 9)))
    said = json.dumps(seen)
    assert "because" not in said
    assert '"right"' not in said
    assert "Kept." in said
    assert {view["question"]["result"] for view in seen} == {None}


def test_a_mock_exam_ends_in_a_report_with_a_review() -> None:
    one = booth()
    mock(one)
    for place in range(9):
        do(one, do="answer", question=place, answer=["b" if place < 7 else "c"])
    assert "Without an answer: 1." in do(one, do="end")["say"]
    view = do(one, do="end")
    assert view["screen"] == "report"
    report = view["report"]
    assert report["total"] == "7 of 10 right, 70 %"
    assert [row[3] for row in report["domains"]] == ["too few to say"] * 4
    assert [wrong["place"] for wrong in report["wrong"]] == [7, 8, 9]
    assert report["wrong"][0]["yours"] == "Your answer: the option that goes on and on."
    assert report["wrong"][2]["yours"] == "You gave no answer."
    assert "because of b" in json.dumps(report["wrong"])
    assert any("scaled score" in note for note in report["notes"])
    assert not any(str(number) in report["total"] for number in range(100, 1_001))


def test_practice_explains_at_once_and_the_first_answer_counts() -> None:
    one = booth()
    do(one, do="practice", what="topic:K02", count=5)
    view = do(one, do="answer", question=0, answer=["a"])
    assert view["question"]["result"]["right"] is False
    assert view["say"].startswith("Not quite. The right answer: the option called b.")
    view = do(one, do="answer", question=0, answer=["b"])
    assert view["question"]["places"][0]["state"] == "wrong"
    assert "03 Producers: " in view["question"]["result"]["taught"]


def test_an_answer_can_be_changed_taken_back_and_flagged() -> None:
    one = booth()
    mock(one)
    do(one, do="answer", question=0, answer=["a"])
    view = do(one, do="answer", question=0, answer=["b"])
    assert view["question"]["answer"] == ["b"]
    view = do(one, do="flag", question=0, on=True)
    assert view["question"]["places"][0] == {
        "state": "answered",
        "flagged": True,
        "says": "Question 1, answered, flagged",
    }
    assert do(one, do="clear", question=0)["question"]["answer"] is None


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "practice only"), ("pt-BR", "só para praticar")]
)
def test_an_exam_without_a_mock_can_be_practised_and_says_so(lang: str, words: str) -> None:
    bank = {one.id: one for one in (item(id=f"K06-{n}", exams={"sap": "1.1"}) for n in "ab")}
    one = Booth(ExamRecord(Progress()), lang, bank.values(), seed=1)
    [offered] = [row for row in one.view(NOW)["hall"]["practice"] if row[0] == "exam:sap"]
    assert offered[1] == f"SAP-C02 (2), {words}"
    assert "sap" not in dict(one.view(NOW)["hall"]["exams"])
    view = do(one, do="practice", what="exam:sap", count=5)
    assert "SAP-C02" in view["question"]["title"]
    do(one, do="end")
    notes = do(one, do="end")["report"]["notes"]
    assert [note for note in notes if "SAP-C02" in note and words.split(maxsplit=1)[1] in note]


def test_time_is_told_doubled_and_up() -> None:
    one = booth()
    assert mock(one)["question"]["left"] == 20 * MINUTE
    assert do(one, do="pace", pace="2")["question"]["left"] == 40 * MINUTE
    do(one, NOW + MINUTE, do="answer", question=0, answer=["b"])
    view = do(one, NOW + 41 * MINUTE, do="answer", question=1, answer=["b"])
    assert (view["screen"], view["say"]) == ("report", "Time is up. What you answered counts.")
    assert view["report"]["total"] == "1 of 10 right, 10 %"
    assert mock(one, pace="off")["question"]["left"] is None


def test_after_a_crash_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    file = tmp_path / "progress.sqlite"
    one = booth(record=ExamRecord(Progress(file)))
    mock(one)
    for place in range(4):
        do(one, NOW + MINUTE, do="answer", question=place, answer=["b"])
    two = booth(record=ExamRecord(Progress(file)))
    going, said = two.view(NOW + DAY)["hall"]["open"]
    assert said == "Not finished: Mock exam SAA-C03, 4 of 10 answered."
    view = do(two, NOW + DAY, do="resume", sitting=going)
    assert (view["question"]["number"], view["question"]["left"]) == (5, 19 * MINUTE)
    assert "4 of 10 answered" in view["say"]


def test_two_windows_see_each_others_answers(tmp_path: Path) -> None:
    file = tmp_path / "progress.sqlite"
    one, two = (booth(record=ExamRecord(Progress(file))) for _ in range(2))
    mock(one)
    do(two, do="resume", sitting=one.sitting)
    do(one, do="answer", question=0, answer=["b"])
    view = do(two, do="answer", question=1, answer=["b"])
    assert [place["state"] for place in view["question"]["places"][:3]] == [
        "answered",
        "answered",
        "open",
    ]


def test_what_is_due_and_what_is_weak_can_be_practised_once_it_is() -> None:
    one = booth()
    assert "Nothing is due" in do(one, do="practice", what="due", count=5)["say"]
    assert "Nothing has gone wrong" in do(one, do="practice", what="weak", count=5)["say"]
    do(one, do="practice", what="topic:K02", count=2)
    for place in range(2):
        do(one, do="answer", question=place, answer=["a"])
    view = do(one, NOW + 3 * DAY, do="home")
    offered = dict(view["hall"]["practice"])
    assert offered["due"] == "What is due (2)"
    assert offered["weak"] == "What goes wrong (K02)"
    view = do(one, NOW + 3 * DAY, do="practice", what="due", count=20)
    assert view["question"]["total"] == 2


def test_the_day_of_an_exam_is_kept_and_told() -> None:
    one = booth()
    view = do(one, do="goal", family="saa", day="2026-06-28")
    assert view["say"] == "SAA-C03 on 2026-06-28: 31 days left."
    assert view["hall"]["goals"] == [view["say"]]
    after = do(one, NOW + 60 * DAY, do="look")
    assert after["hall"]["goals"] == ["SAA-C03 on 2026-06-28: that day is past."]
    for day in ("yesterday", "2020-01-01", "9999-12-31", "2026-13-40"):
        assert do(one, do="goal", family="saa", day=day)["tone"] == "bad"
    assert do(one, do="goal", family="saa", day="")["hall"]["goals"] == []


@pytest.mark.parametrize(
    ("exam", "day", "say"),
    [
        ("saa", "2026-05-28", "SAA-C03 on 2026-05-28: today."),
        ("SAA-C03", "2026-05-29", "SAA-C03 on 2026-05-29: 1 day left."),
        ("dva", "2026-11-30", "DVA-C02 on 2026-11-30: 186 days left."),
        ("dva-c03", "2026-12-01", "DVA-C03 on 2026-12-01: 187 days left."),
        ("DVA-C02", "2026-12-01", "DVA-C02 is not sat on 2026-12-01; DVA-C03 is."),
        ("saa-c99", "2026-06-28", "SAA-C99 is not sat on 2026-06-28; SAA-C03 is."),
    ],
)
def test_a_version_is_aimed_at_on_a_day_on_which_it_is_sat(exam: str, day: str, say: str) -> None:
    one = booth()
    view = do(one, do="goal", family=exam, day=day)
    assert view["say"] == say
    assert view["hall"]["goals"] == ([say] if " is not " not in say else [])


@pytest.mark.parametrize("exam", ["saa", "SAA-C03", "saa-c03"])
def test_a_version_is_practised_as_its_family(exam: str) -> None:
    assert do(booth(), do="practice", what=f"exam:{exam}", count=1)["question"]["total"] == 1


@pytest.mark.parametrize("exam", ["saa-c99", "saa-", "xyz", "", "-"])
def test_no_exam_is_not_practised(exam: str) -> None:
    assert do(booth(), do="practice", what=f"exam:{exam}", count=1)["tone"] == "bad"


def test_every_kind_of_question_can_be_practised() -> None:
    bank = {one.id: one for one in (item(**change) for change in (MULTI, ORDER, MATCH, NUMERIC))}
    one = booth(bank)
    view = do(one, do="practice", what="all", count=5)
    right = {
        "K06-multi": ["c", "a"],
        "K06-order": ["b", "a", "c"],
        "K06-match": {"one": "b", "two": "a", "three": "c"},
        "K06-number": 1000,
    }
    for place in range(view["question"]["total"]):
        asked = do(one, do="go", question=place)["question"]["asked"]
        view = do(one, do="answer", question=place, answer=right[asked["id"]])
        assert view["question"]["result"]["right"], asked["id"]
    assert "no questions of SAA-C03" in do(one, do="mock", exam="saa", count=4)["say"]


def test_portuguese_is_spoken_throughout() -> None:
    bank = {one.id: one for one in (question(2, n, type="multi", key=["a", "b"]) for n in range(5))}
    one = booth(bank, "pt-BR")
    view = mock(one, 5)
    assert view["question"]["title"] == "Simulado SAA-C03"
    assert view["question"]["asked"]["instruction"] == "Selecione DUAS."
    assert do(one, do="answer", question=0, answer=["a"])["say"] == "Escolhidas: 1 de 2."
    do(one, do="end")
    assert do(one, do="end")["report"]["title"] == "Resultado: Simulado SAA-C03"


def test_show_me_runs_the_proof_and_opens_its_picture() -> None:
    from kinesis_sim.course.bank import items

    bank = {one.id: one for one in items() if one.id == "K02-one-second"}
    one = booth(bank)
    do(one, do="practice", what="topic:K02", count=1)
    assert do(one, do="show", question=0)["question"]["proof"] == "", "not before the answer"
    do(one, do="answer", question=0, answer=["tiny", "small"])
    proof = do(one, do="show", question=0)["question"]["proof"]
    assert "def one_second" in proof
    assert "The simulator ran this experiment just now" in proof
    assert '<img src="data:image/png;base64,' in proof
    assert 'alt="' in proof


def test_a_view_names_the_press_that_it_answers() -> None:
    one = booth()
    assert mock(one, press="first")["press"] == "first"
    assert do(one, do="go", question=1)["press"] == ""
    for strange in ("x" * 65, 7, ["a"], None):
        assert do(one, do="go", question=1, press=strange)["press"] == ""
    assert do(one, do="nothing", press="last")["press"] == "last"


HOSTILE: list[Any] = [
    None,
    [],
    "end",
    {},
    {"do": "__init__"},
    {"do": ["end"]},
    {"do": "answer"},
    {"do": "answer", "question": 0, "answer": "<script>"},
    {"do": "answer", "question": 0, "answer": ["zzz"]},
    {"do": "answer", "question": 0, "answer": [["a"]]},
    {"do": "answer", "question": 0, "answer": {"a": "b"}},
    {"do": "answer", "question": -1, "answer": ["a"]},
    {"do": "answer", "question": 10**30, "answer": ["a"]},
    {"do": "go", "question": True},
    {"do": "go", "question": "0"},
    {"do": "mock", "exam": "../../etc/passwd", "count": 10},
    {"do": "mock", "exam": "saa", "count": 10**30},
    {"do": "mock", "exam": "saa", "count": "all"},
    {"do": "mock", "exam": "saa", "count": 5, "pace": "never"},
    {"do": "practice", "what": "topic:'; drop table turns", "count": 5},
    {"do": "practice", "what": "topic:Z99", "count": 5},
    {"do": "practice", "what": None, "count": None},
    {"do": "resume", "sitting": "'; drop table turns"},
    {"do": "goal", "family": "xyz", "day": "2027-01-01"},
    {"do": "pace", "pace": 9},
    {"do": "pace", "pace": ["1"]},
]


@pytest.mark.parametrize("wish", HOSTILE, ids=repr)
def test_a_wish_that_is_none_is_answered_and_changes_nothing(wish: Any) -> None:
    one = booth()
    mock(one)
    do(one, do="answer", question=3, answer=["b"])
    before = one.record.progress.exported()
    one.wish(wish, NOW)
    view = one.view(NOW)
    assert view["tone"] == "bad"
    assert view["say"]
    assert "Traceback" not in view["say"]
    assert one.record.progress.exported() == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
DO = st.sampled_from(["answer", "go", "flag", "mock", "practice", "resume", "goal", "show", "pace"])
NAMES = ("question", "answer", "count", "exam", "what", "sitting", "family", "day", "pace", "on")


@given(DO, st.dictionaries(st.sampled_from(NAMES), JSON))
def test_whatever_is_wished_is_done_or_answered(do_what: str, rest: dict[str, Any]) -> None:
    one = booth()
    mock(one, 3)
    one.wish({"do": do_what, **rest}, NOW)
    json.dumps(one.view(NOW))


def test_the_widget_shows_the_booths_view_and_says_the_same_in_every_run() -> None:
    desk = ExamDesk("pt-BR", progress=Progress(), bank=BANK.values(), today=lambda: NOW, seed=1)
    assert repr(desk) == "Preparação para a prova"
    desk.wish(do="mock", exam="saa", count=4)
    assert desk.view["question"]["total"] == 4
    desk._handle_custom_msg({"do": "answer", "question": 0, "answer": ["b"]}, [])
    assert desk.view["question"]["answer"] == ["b"]
    assert repr(desk) == "Preparação para a prova"
    assert "because" not in desk.static_html()


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ({}, [[1]]),
        ({}, [{}]),
        ({}, {"a": [1]}),
        (MATCH, {"zz": "a"}),
        (MATCH, {"one": [1]}),
        (NUMERIC, 10**400),
        (NUMERIC, "1e999"),
        (NUMERIC, float("nan")),
    ],
    ids=lambda value: "" if isinstance(value, dict) and "id" in value else str(value)[:20],
)
def test_a_strangers_answer_in_the_file_is_none(kind: dict[str, Any], answer: Any) -> None:
    asked = item(**kind)
    one = booth({asked.id: asked})
    do(one, do="practice", what="all", count=1)
    assert one.sitting is not None
    did = json.dumps({"did": "answer", "question": 0, "answer": answer, "right": False})
    with one.record.progress.changing() as db:
        sql = "insert into turns values (?, ?, ?, ?)"
        db.execute(sql, (one.sitting, 8, did.replace('"1e999"', "1e999"), NOW))
    seen = [one.view(NOW), do(one, do="end")]
    assert seen[0]["question"]["answer"] is None
    assert [wrong["place"] for wrong in seen[1]["report"]["wrong"]] == [0]
    json.dumps(seen, allow_nan=False)


@pytest.mark.parametrize("at", ["yesterday", 2.5, b"\xff"], ids=repr)
def test_a_strangers_turn_without_an_instant_leaves_the_hall_open(at: Any) -> None:
    one = booth()
    mock(one)
    with one.record.progress.changing() as db:
        db.execute("update turns set at = ?", (at,))
    do(one, do="home")
    assert one.view(NOW)["hall"]["open"] is None


def test_a_sitting_that_has_gone_leads_to_the_hall_and_is_said() -> None:
    one = booth()
    for wish in ({"do": "answer", "question": 0, "answer": ["b"]}, {"do": "look"}, {"do": "end"}):
        mock(one)
        one.record.progress.delete()
        view = do(one, **wish)
        assert (view["screen"], view["tone"]) == ("hall", "bad"), wish
        assert "not in your progress file any more" in view["say"]
        assert "begin anew here" in view["say"]
        assert one.record.attempts() == []
    mock(one)
    gone = one.sitting
    one.record.progress.delete()
    assert one.view(NOW)["screen"] == "hall", "even where nobody wished for anything"
    view = do(one, do="resume", sitting=gone)
    assert "not in your progress file any more" in view["say"]


def test_a_busy_disk_is_said_and_the_exam_goes_on_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_file, "BUSY_MS", 1)
    file = tmp_path / "progress.sqlite"
    desk = ExamDesk("pt-BR", progress=Progress(file), bank=BANK.values(), today=lambda: NOW, seed=1)
    desk.wish(do="mock", exam="saa", count=4)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin exclusive")
        desk.wish(do="answer", question=0, answer=["b"])
        assert desk.view["tone"] == "bad"
        assert "não pode ser lido nem escrito agora" in desk.view["say"]
        assert desk.view["question"]["answer"] is None, "what was shown stays"
    desk.wish(do="answer", question=0, answer=["b"])
    assert desk.view["question"]["answer"] == ["b"]


TWO = {"id": "K02-two", "type": "multi", "key": ["a", "b"], "options": MULTI["options"]}


@pytest.mark.parametrize(
    ("kind", "answer", "en", "pt"),
    [
        (TWO, ["a"], "wants two answers", "pede duas respostas"),
        (TWO, ["a", "b", "c"], "wants two answers", "pede duas respostas"),
        (TWO, ["a", "a"], "wants two answers", "pede duas respostas"),
        ({}, ["a", "b"], "wants one answer", "pede uma resposta"),
        ({}, {"a": "b"}, "wants one answer", "pede uma resposta"),
        (ORDER, ["a", "b"], "all 3 options in order", "as 3 alternativas em ordem"),
        (ORDER, ["a", "b", "b"], "all 3 options in order", "as 3 alternativas em ordem"),
        (MATCH, {"one": "b"}, "each of its 3 lines", "uma das 3 linhas"),
        (NUMERIC, "seven", "wants a number", "pede um número"),
        (NUMERIC, 10**400, "wants a number", "pede um número"),
    ],
    ids=str,
)
def test_practice_takes_no_answer_of_the_wrong_number_or_kind(
    kind: dict[str, Any], answer: Any, en: str, pt: str
) -> None:
    asked = item(**kind)
    for lang, wanted in (("en", en), ("pt-BR", pt)):
        one = booth({asked.id: asked}, lang)
        do(one, do="practice", what="all", count=1)
        view = do(one, do="answer", question=0, answer=answer)
        assert wanted in view["say"].lower().replace("esta questão ", "")
        assert view["tone"] == "bad"
        assert view["question"]["answer"] is None, "the first answer counts, so this is none"
        assert one.record.attempts() == []


@pytest.mark.parametrize("answer", [["a", "b"], ["a", "b", "c", "d"]], ids=len)
def test_a_mock_exam_takes_no_more_than_is_wanted(answer: list[str]) -> None:
    one = booth()
    mock(one, 1)
    view = do(one, do="answer", question=0, answer=answer)
    assert view["say"] == "This question wants one answer: one of its options."
    assert view["question"]["answer"] is None


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"do": "practice", "what": "topic:Z99", "count": 5}, "'Z99'", "não tem o tópico 'Z99'"),
    ({"do": "practice", "what": "topic:V01", "count": 5}, "of V01", "não tem questões de V01"),
    ({"do": "practice", "what": "exam:xyz", "count": 5}, "'xyz'", "família de provas 'xyz'"),
    ({"do": "practice", "what": "exam:clf", "count": 5}, "of clf", "não tem questões de clf"),
    ({"do": "practice", "what": "what?", "count": 5}, "cannot be done", "não pode"),
    ({"do": "practice", "what": "all", "count": 0}, "1 to 200", "de 1 a 200 questões, não 0"),
    ({"do": "practice", "what": "all", "count": 10**400}, "1 to 200", "de 1 a 200 questões"),
    ({"do": "practice", "what": "due", "count": 5}, "Nothing is due", "Nada para rever"),
    ({"do": "practice", "what": "weak", "count": 5}, "gone wrong", "Nada deu errado"),
    ({"do": "mock", "exam": "xyz", "count": 5}, "no mock exam", "Não há simulado 'xyz'"),
    ({"do": "mock", "exam": "SAA-C02", "count": 5}, "is not sat", "não é aplicada"),
    ({"do": "mock", "exam": "sap", "count": 5}, "SAP-C0", "não se conhecem os pesos"),
    ({"do": "goal", "family": "mla", "day": ""}, "are not known", "MLA-C0"),
    ({"do": "mock", "exam": "clf", "count": 5}, "of CLF-C02", "não tem questões de CLF-C02"),
    ({"do": "mock", "exam": "saa", "count": "5"}, "1 to 200", "de 1 a 200 questões, não '5'"),
    ({"do": "mock", "exam": "saa", "count": 5, "pace": "9"}, "cannot be done", "não pode"),
    ({"do": "goal", "family": "xyz", "day": ""}, "no mock exam", "Não há simulado 'xyz'"),
    ({"do": "goal", "family": "saa", "day": "soon"}, "as a date", "como uma data"),
    ({"do": "resume", "sitting": "s9"}, "any more", "não está mais"),
    ({"do": "end"}, "cannot be done", "não pode"),
    ({"do": "nothing"}, "cannot be done", "não pode"),
]


@pytest.mark.parametrize(("wish", "en", "pt"), REFUSED, ids=[str(w)[:60] for w, _, _ in REFUSED])
def test_what_is_refused_is_refused_in_the_learners_language(
    wish: dict[str, Any], en: str, pt: str
) -> None:
    for lang, wanted in (("en", en), ("pt-BR", pt)):
        view = do(booth(lang=lang), **wish)
        assert wanted in view["say"].replace("&#x27;", "'")
        assert (view["screen"], view["tone"]) == ("hall", "bad")


def test_what_is_refused_is_shown_and_not_run() -> None:
    view = do(booth(), do="mock", exam="<img src=x onerror=alert(1)>", count=5)
    assert "&lt;img src=x" in view["say"]
    assert "<img" not in view["say"]


def test_an_option_without_a_reason_is_told_without_one() -> None:
    bare = [{"id": name, "text": {"en": f"the {name}"}} for name in "abcd"]
    asked = item(options=bare, key=["b"])
    one = booth({asked.id: asked})
    do(one, do="practice", what="all", count=1)
    view = do(one, do="answer", question=0, answer=["a"])
    assert [option["why"] for option in view["question"]["result"]["options"]] == [""] * 4
