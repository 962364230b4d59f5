"""Statements with words lost, put in or exchanged are refused in a sentence, or run."""

from __future__ import annotations

import re
from random import Random

from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.types.sqltype import DOUBLE, INTEGER, TIMESTAMP, varchar
from tests.analytics.feeds import START, TABLE
from tests.analytics.sql.test_corpus import FLINK, KINESIS
from tests.analytics.sql.test_odd_statements import texts as odd
from tests.analytics.test_snapshot_law import QUERIES
from tests.effort import examples

TOKEN = re.compile(r"\w+|'[^']*'|\s+|.", re.DOTALL)


def mutated(text: str, words: list[str], draw: Random) -> str:
    tokens = TOKEN.findall(text)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(tokens))
        choice = draw.random()
        if choice < 0.3 and len(tokens) > 1:
            del tokens[at]
        elif choice < 0.6:
            tokens[at] = draw.choice(words)
        elif choice < 0.8:
            tokens.insert(at, draw.choice(words))
        else:
            other = draw.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
    return "".join(tokens)


def test_a_mutated_statement_of_flink_sql_is_refused_or_runs() -> None:
    draw, texts = Random(14), [*FLINK, *QUERIES, *odd("flink")]
    words = [word for text in texts for word in TOKEN.findall(text)]
    ran = refused = 0
    for _ in range(examples(400)):
        session = FlinkSession()
        session.execute(TABLE)
        try:
            session.execute(mutated(draw.choice(texts), words, draw))
            job = session.job()
            for at in range(4):
                job.put(
                    "t", (at, draw.choice(["a", None]), draw.choice([1, None]), START + 3_000 * at)
                )
            job.finish()
            ran += 1
        except SqlError:
            refused += 1
        except (ArithmeticError, ValueError):
            ran += 1  # a value of a row, told as such
    assert ran
    assert refused


def test_a_mutated_statement_of_kinesis_sql_is_refused_or_runs() -> None:
    draw, texts = Random(14), [*KINESIS, *odd("kinesis")]
    words = [word for text in texts for word in TOKEN.findall(text)]
    refused = 0
    for _ in range(examples(200)):
        session = KinesisSession()
        session.declare("S", {"A": INTEGER, "E": TIMESTAMP, "TICKER": varchar(4)})
        session.declare("s", {"X": DOUBLE, "K": INTEGER})
        session.execute('CREATE STREAM "D" (A INTEGER, B INTEGER)')
        try:
            session.execute(mutated(draw.choice(texts), words, draw))
            session.put("S", {"A": 1, "TICKER": "x"}, START)
            session.finish()
        except SqlError:
            refused += 1
    assert refused
