"""What AWS was recorded answering, replayed here: request by request, in order, on the clock.

Files under ``data/`` hold the recordings, one JSON object each:

``source``: repository, file and day of the recording; ``note`` where something needs saying.
``pace``: seconds between two requests that say nothing else (1).
``newer``: members that AWS added after the recording, each with the reason; an answer may have them
though the recording has not.
``scenes``: each begins in a fresh simulator; ``name`` and ``rows``. A scene may ``begin`` with
another one's rows (by name, of the same file), which are not counted again.

A row is one request and what came back:

``call``: ``kinesis.PutRecord``, a service by botocore's name and an operation;
``function.Register`` and ``function.Events`` stand for the Lambda function's side (``stage``).
``ask``: the request's members. ``{"$repeat": ["a", 5]}`` is a long text, ``{"$now": -60}`` an
instant by the scene's clock in epoch seconds, ``{"$json": {…}}`` an object sent as JSON text
(in an answer: a text that is this object).
``at`` or ``wait``: seconds since the scene began, or since the last request; else ``pace``.
``gives``: the whole answer. ``{"*": true, …}``: the members that are named, whatever else there is.
``refused``: the error's code and text; a null text says that only the code is on record, a list
gives the violations of a ValidationException in an order that is not.
``raw``: the request goes as JSON past the SDK, which would not send it.
``region``: another one than the simulator's. ``setup``: ours, to set the scene, not compared.
``differs``: the reason why this simulator answers otherwise (a test holds that it does).
``not_simulated``: the reason why the request is not made at all.

Texts stand for values that nobody can foresee by their kinds: ``<<sequence>>`` fits any sequence
number, ``<<sequence:first>>`` the same one wherever it is written, in requests too (``pattern``).
``<<times:a-257>>`` is no placeholder but 257 times ``a``.
"""

from kinesis_sim.fidelity.recordings.book import Publication, RecordedScene, Recording, scenes
from kinesis_sim.fidelity.recordings.replay import Replayed, replay
from kinesis_sim.fidelity.recordings.report import RecordingTally, as_text, tallies, totals

__all__ = [
    "Publication",
    "RecordedScene",
    "Recording",
    "RecordingTally",
    "Replayed",
    "as_text",
    "replay",
    "scenes",
    "tallies",
    "totals",
]
