"""Writes what a restart costs into both READMEs: ``python -m tests.project.readme_measured``.

The figures are those of ``benchmarks/measured.json``, which ``python -m benchmarks --keep`` writes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from benchmarks.measured import measured

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?s)(<!-- measured -->\n)(.*?)\n?(<!-- /measured -->)")
LANGUAGES = {"README.md": "en", "README.pt-BR.md": "pt-BR"}
Said = dict[str, str]
HEADS: dict[str, tuple[Said, Said]] = {
    "week": (
        {
            "en": "a week of this and nothing else",
            "pt-BR": "uma semana disto e nada mais",
        },
        {
            "en": "the next start takes, s of processor time",
            "pt-BR": "a próxima partida leva, s de processador",
        },
    ),
    "restart": (
        {"en": "one call that is taken again", "pt-BR": "uma chamada refeita"},
        {"en": "µs of processor time", "pt-BR": "µs de processador"},
    ),
}
WEEK: dict[str, Said] = {
    "with metrics, folded": {
        "en": "a KCL worker that polls four shards, finds nothing, and publishes twenty metrics "
        "every 10 s",
        "pt-BR": "um worker da KCL que lê quatro shards, nada encontra e publica vinte métricas "
        "a cada 10 s",
    },
    "with metrics, call by call": {
        "en": "… the same, if nothing were folded",
        "pt-BR": "… o mesmo, se nada fosse resumido",
    },
    "PutMetricData of 20": {
        "en": "PutMetricData of 20 metrics every 10 s",
        "pt-BR": "PutMetricData de 20 métricas a cada 10 s",
    },
    "the same, with an alarm": {
        "en": "… with an alarm on one of them",
        "pt-BR": "… com um alarme em uma delas",
    },
    "PutRecord of 1 KiB": {
        "en": "PutRecord of 1 KiB every second",
        "pt-BR": "PutRecord de 1 KiB a cada segundo",
    },
    "PutRecords of 100": {
        "en": "PutRecords of 100 × 1 KiB every 10 s",
        "pt-BR": "PutRecords de 100 × 1 KiB a cada 10 s",
    },
    "GetRecords that finds 10": {
        "en": "GetRecords that finds 10 records, every second",
        "pt-BR": "GetRecords que encontra 10 registros, a cada segundo",
    },
    "Firehose's PutRecordBatch of 100": {
        "en": "Firehose's PutRecordBatch of 100 every 10 s",
        "pt-BR": "PutRecordBatch de 100 do Firehose a cada 10 s",
    },
    "S3's PutObject of 10 KiB": {
        "en": "S3's PutObject of 10 KiB every 10 s",
        "pt-BR": "PutObject de 10 KiB do S3 a cada 10 s",
    },
}
"""Rows of the sections polling and week, in the order in which they are printed."""
CALL: dict[str, Said] = {
    "PutRecord": {"en": "PutRecord", "pt-BR": "PutRecord"},
    "PutRecords of 100": {
        "en": "PutRecords of 100 records",
        "pt-BR": "PutRecords de 100 registros",
    },
    "Firehose's PutRecord": {"en": "Firehose's PutRecord", "pt-BR": "PutRecord do Firehose"},
    "S3's PutObject": {"en": "S3's PutObject", "pt-BR": "PutObject do S3"},
    "SQS's SendMessage": {
        "en": "SQS's SendMessage, as an example of moto's services",
        "pt-BR": "SendMessage do SQS, como exemplo dos serviços do moto",
    },
}
FOOT: Said = {
    "en": 'Measured {days} (`make bench SECTIONS="{sections}"`; load {loads}); a week is worked '
    "out from minutes or hours of it.",
    "pt-BR": 'Medido em {days} (`make bench SECTIONS="{sections}"`; carga {loads}); uma semana '
    "é calculada a partir de minutos ou horas dela.",
}


def block(lang: str) -> str:
    """Two tables and when they were measured."""
    told = measured()
    weeks = told["polling"]["figures"] | told["week"]["figures"]
    parts = [
        _table("week", WEEK, weeks, lang),
        _table("restart", CALL, told["restart"]["figures"], lang),
        FOOT[lang].format(
            days=", ".join(dict.fromkeys(_day(row["day"], lang) for row in told.values())),
            sections=" ".join(told),
            loads="–".join(_number(load, lang) for load in _loads(told)),
        ),
    ]
    return "\n\n".join(parts)


def _loads(told: dict[str, Any]) -> list[float]:
    found = [row["load"] for row in told.values()]
    return sorted({min(found), max(found)})


def _day(day: str, lang: str) -> str:
    return day if lang == "en" else "/".join(reversed(day.split("-")))


def _table(section: str, names: dict[str, Said], figures: dict[str, float], lang: str) -> str:
    heads = [head[lang] for head in HEADS[section]]
    rows = [[said[lang], _number(figures[name], lang)] for name, said in names.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, ["---", "---:"], *rows])


def _number(value: float, lang: str) -> str:
    """Two figures of it; what is under a tenth is that."""
    least = "0.1"
    said = f"{float(f'{value:.2g}'):,g}" if value >= float(least) else f"< {least}"
    return said if lang == "en" else said.translate(str.maketrans(",.", ".,"))


def main() -> None:
    for name, lang in LANGUAGES.items():
        path = ROOT / name
        text = path.read_text("utf-8")
        assert BLOCK.search(text), f"{name} has no block of figures"
        made = BLOCK.sub(lambda found, lang=lang: f"{found[1]}{block(lang)}\n{found[3]}", text)
        path.write_text(made, "utf-8")


if __name__ == "__main__":
    main()
