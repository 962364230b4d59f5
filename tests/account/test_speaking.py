"""Values that learners see speak their language, and every unit of prices and quotas has it."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from kinesis_sim.account.prices import price_list
from kinesis_sim.account.quotas import TABLE
from kinesis_sim.account.units import UNITS
from kinesis_sim.aws.latency import Latency
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.firehose.tally import Tally
from kinesis_sim.words import speak, tables
from kinesis_sim.workloads.scenes.feed import Fed

SAID = [
    (Fed(1, 0), "1 record stored, 0 refused", "1 registro gravado, 0 recusados"),
    (
        Fed(1_000, 500),
        "1,000 records stored, 500 refused",
        "1.000 registros gravados, 500 recusados",
    ),
    (
        Tally(accepted=2_073, delivered=1_983, lost=84),
        "2,073 accepted = 1,983 delivered + 0 dropped + 0 in the error output + 84 lost + 6 held",
        "2.073 aceitos = 1.983 entregues + 0 descartados + 0 na saída de erros + 84 perdidos "
        "+ 6 retidos",
    ),
    (
        Latency(10, 50),
        "10 ms for a call that reads or writes records, 50 ms for any other",
        "10 ms por chamada que lê ou grava registros, 50 ms por qualquer outra",
    ),
    (
        TABLE["streams.shard_write_records"],
        "1,000 records/s per shard (checked ",
        "1.000 registros/s por shard (conferido em ",
    ),
    (
        Hints(5 * 1024 * 1024, 300_000),
        "5 MiB or 300 s, whichever comes first",
        "5 MiB ou 300 s, o que vier primeiro",
    ),
]


class Printer:
    """What IPython hands a value that shows itself."""

    def __init__(self) -> None:
        self.written = ""

    def text(self, said: str) -> None:
        self.written += said


@pytest.mark.parametrize(("value", "english", "portuguese"), SAID)
def test_a_value_shows_itself_in_a_sentence(value: object, english: str, portuguese: str) -> None:
    for lang, said in (("en", english), ("pt-BR", portuguese)):
        speak(lang)
        printer = Printer()
        value._repr_pretty_(printer, False)  # type: ignore[attr-defined]
        assert printer.written.startswith(said)
    assert repr(value).startswith(f"{type(value).__name__}(")


def test_a_bill_speaks_portuguese_to_its_last_unit() -> None:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=2)
    sim.advance(hours=30)
    english = repr(sim.bill())
    speak("pt-BR")
    bill = sim.bill()
    assert repr(bill).startswith("Kinesis Data Streams, us-east-1, preços conferidos em ")
    assert "hora de shard a 0,015" in repr(bill)
    assert "<th>usado</th>" in bill._repr_html_()
    speak("en")
    assert repr(bill) == english


def test_every_unit_has_its_portuguese_and_none_is_left_over() -> None:
    units = {quota.unit for quota in TABLE.values()}
    units |= {price.unit for price in price_list("us-east-1").prices.values()}
    assert tables(UNITS)["pt-BR"].keys() == units


def test_a_language_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(UsageError, match="Values speak en and pt-BR, not 'fr'"):
        speak("fr")
