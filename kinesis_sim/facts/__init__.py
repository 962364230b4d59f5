"""What the simulator follows: every fact as a row with its page of AWS, its day and its doubts.

Six documents (``data-streams``, ``firehose``, ``analytics``, ``video``, ``around``, ``exams``),
each a folder of TOML files, one per section. A row is named ``data-streams/4.1/write``, its section
``data-streams §4.1``; in the code a mark is the same after ``facts/``: facts/data-streams §4.1.
Recorded answers of AWS outrank its documentation; where they disagree a row says both.
"""

from kinesis_sim.facts.citation import Citation
from kinesis_sim.facts.document import (
    DOCUMENTS,
    Document,
    Row,
    Section,
    document,
    old_rows,
    row_named,
)
from kinesis_sim.facts.marks import SECTIONS, FactMark, cited, marks, rows_of
from kinesis_sim.facts.search import near, search

__all__ = [
    "DOCUMENTS",
    "SECTIONS",
    "Citation",
    "Document",
    "FactMark",
    "Row",
    "Section",
    "cited",
    "document",
    "marks",
    "near",
    "old_rows",
    "row_named",
    "rows_of",
    "search",
]
