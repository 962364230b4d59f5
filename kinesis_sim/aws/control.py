"""The laboratory's own small API, and the command line's side of it: clock, bill, faults.

GET  /_kinesis_lab/clock            {"now": "2026-01-01T00:00:00.000Z", "epochMilliseconds": …, …}
POST /_kinesis_lab/clock/advance    {"by": "25h"}  (500ms, 90s, 5m, 25h, 7d and sums such as 1h30m)
POST /_kinesis_lab/clock/run-until  {"at": "2026-01-02T00:00:00Z"}
GET  /_kinesis_lab/bill             {"total": "10.95", "text": "…", "rows": […]}  (amounts as text;
     all Regions in use)
GET  /_kinesis_lab/faults           {"faults": […], "kinds": […]}  (see account/faults)
POST /_kinesis_lab/faults           {"kind": "throttle", "target": "meu-stream", "share": 0.25,
                                    "from": instant, "until": instant or "for": "5m", …} → its row
POST /_kinesis_lab/faults/end       {"id": "fault-1"}, or "*" for all of them

The bill is of the server's own account, or of ``?account=210987654321``, its text in the server's
language, or in that of ``?language=pt-BR``; a plan of faults is of one account in one Region,
``?account=…&region=sa-east-1``, the server's unless told otherwise.

Everything due on the way fires before the answer; meanwhile others are answered, GET clock says how
far it is ("moving"), and the move ends between two actions when its caller leaves (see ``moves``).
A clock that follows the wall keeps following it from where it was moved to. Changes need
``Content-Type: application/json``, which no page can send without asking first, and whoever asks
for this API is not allowed to (see ``door``).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.exchange import Receive, Reply, Request
from kinesis_sim.aws.fault_control import ended, planned, told
from kinesis_sim.aws.wire.routes import fields
from kinesis_sim.errors import KinesisSimError, MoveStopped, UsageError
from kinesis_sim.instants import duration_ms, to_ms, written
from kinesis_sim.words import speaking_in, spoken, spoken_language

if TYPE_CHECKING:
    from kinesis_sim.account.bill import Line
    from kinesis_sim.account.faults.plan import Faults
    from kinesis_sim.aws.moves import Moves
    from kinesis_sim.simulator import Simulator

CONTROL_PATH = "/_kinesis_lab/"
_CLOCK = f"{CONTROL_PATH}clock"
_BILL = f"{CONTROL_PATH}bill"
_FAULTS = f"{CONTROL_PATH}faults"
JSON_TYPE = "application/json"
_LOOK_SECONDS = 1.0


class ControlApi:
    """Answers the control API for one simulator."""

    def __init__(self, sim: Simulator, moves: Moves) -> None:
        self._sim = sim
        self._moves = moves

    async def answer(self, request: Request, receive: Receive) -> Reply:
        """One request that came through the door."""
        try:
            return await self._route(request, receive)
        except UsageError as error:
            return _reply(400, {"message": str(error)})
        except MoveStopped as stopped:
            return _reply(503, {"message": str(stopped)})

    async def _route(self, request: Request, receive: Receive) -> Reply:
        path = request.path.rstrip("/")
        if path == _CLOCK and request.method in ("GET", "HEAD"):
            return _reply(200, self._reading())
        if path == _BILL and request.method in ("GET", "HEAD"):
            with speaking_in(dict(fields(request.query)).get("language", spoken_language())):
                return _reply(200, self._bill(self._meant(request)))
        if path == _FAULTS and request.method in ("GET", "HEAD"):
            return _reply(200, self._sim_faults(self._meant(request), told))
        moves = {f"{_CLOCK}/advance": self._advance, f"{_CLOCK}/run-until": self._run_until}
        changes = {_FAULTS: planned, f"{_FAULTS}/end": ended}
        if path not in moves and path not in changes:
            return _reply(404, {"message": f"There is no {request.path}."})
        if request.method != "POST":
            return _reply(405, {"message": f"{request.path} takes POST."})
        if request.content_type != JSON_TYPE:
            return _reply(415, {"message": f"Send the body as {JSON_TYPE}."})
        document = _document(request.body)
        if path in changes:
            meant, change = self._meant(request), changes[path]
            return _reply(200, self._sim_faults(meant, lambda faults: change(faults, document)))
        move = moves[path]
        try:
            await self._moves.run(lambda: move(document), receive)
        finally:
            with self._sim.lock:
                self._sim.inputs.moved()
        return _reply(200, self._reading())

    def _meant(self, request: Request) -> Simulator:
        """The account and Region that the address names. Raises UsageError."""
        named = dict(fields(request.query))
        account = self._sim.accounts.of(named.get("account", self._sim.account))
        return account.in_region(named.get("region", account.region))

    def _sim_faults(
        self, sim: Simulator, change: Callable[[Faults], dict[str, Any]]
    ) -> dict[str, Any]:
        with sim.lock:
            sim.clock.catch_up()
            return change(sim.faults)

    def _advance(self, document: dict[str, Any]) -> None:
        self._move(self._sim.clock.now + duration_ms(_text(document, "by")))

    def _run_until(self, document: dict[str, Any]) -> None:
        self._move(to_ms(_text(document, "at")))

    def _move(self, at: int) -> None:
        self._sim.clock.run_until(max(at, self._sim.clock.now) if self._follows(at) else at)

    def _follows(self, at: int) -> bool:
        """Whether the wall may have run past a target that was computed a moment ago."""
        clock = self._sim.clock
        return not clock.is_manual and 0 <= clock.now - at < 1000

    def _bill(self, account: Simulator) -> dict[str, Any]:
        """All Regions that cost something; the default one's when none does."""
        bills = [sim.bill() for sim in account.regions]
        used = [bill for bill in bills if bill.rows] or bills[:1]
        rows = [_written(bill.region, line) for bill in used for line in bill.rows]
        total = sum((bill.total for bill in used), Decimal(0))
        text = "\n\n".join(map(repr, used))
        if len(used) > 1:
            said = spoken("account")
            text += f"\n\n{said.say('bill.regions', usd=said.marked(f'{total:,.2f}'))}"
        return {"total": str(total), "text": text, "rows": rows}

    def _reading(self) -> dict[str, Any]:
        clock = self._sim.clock
        now, moving = clock.now, self._moves.progress
        row = {"now": written(now), "epochMilliseconds": now, "rate": clock.rate}
        if moving is None:
            return row
        return {**row, "moving": {"until": written(moving.until), "actions": moving.fired}}


def _written(region: str, line: Line) -> dict[str, Any]:
    """A line of a bill with its Region, amounts as text."""
    row = line.row().items()
    told = {name: value if isinstance(value, bool) else str(value) for name, value in row}
    return {"region": region, **told}


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise UsageError("The body is no JSON.") from None
    if not isinstance(document, dict):
        raise UsageError("The body is no JSON object.")
    return document


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise UsageError(f'The body needs "{name}", a text.')
    return value


def _reply(status: int, document: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(document).encode() + b"\n", JSON_TYPE)


def addressed(path: str, **named: str | None) -> str:
    """A path of the control API with whom it is about; what is None is left out."""
    from urllib.parse import urlencode

    query = urlencode({name: value for name, value in named.items() if value is not None})
    return f"{path}?{query}" if query else path


def ask(endpoint_url: str, path: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
    """Call the control API of a running server; UsageError when it refuses or is not there."""
    from urllib.error import HTTPError, URLError
    from urllib.request import Request as HttpRequest
    from urllib.request import urlopen

    if not endpoint_url.startswith(("http://", "https://")):
        raise UsageError(f"{endpoint_url!r} is no endpoint; give one like http://127.0.0.1:4567.")
    data = None if document is None else json.dumps(document).encode()
    url = f"{endpoint_url.rstrip('/')}{CONTROL_PATH}{path}"
    try:
        with urlopen(HttpRequest(url, data, {"Content-Type": JSON_TYPE})) as answer:
            return _document(answer.read())
    except HTTPError as error:
        raise UsageError(_said(error.read()) or f"{url} answered {error.code}.") from None
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise UsageError(f"No server answers at {endpoint_url} ({reason}).") from None


def ask_and_look(
    endpoint_url: str, path: str, document: dict[str, Any], tell: Callable[[str], None]
) -> dict[str, Any]:
    """As ``ask``, for a move of the clock: ``tell`` is told every second how far it is."""
    found: list[dict[str, Any] | KinesisSimError] = []

    def move() -> None:
        try:
            found.append(ask(endpoint_url, path, document))
        except KinesisSimError as error:
            found.append(error)

    # A daemon: when the command is interrupted, its connection closes, and the move ends.
    moving = threading.Thread(target=move, daemon=True)
    moving.start()
    while True:
        moving.join(_LOOK_SECONDS)
        if not moving.is_alive():
            break
        reading = ask(endpoint_url, "clock")
        if "moving" in reading:
            tell(f"{reading['now']} on the way to {reading['moving']['until']}")
    if isinstance(found[0], KinesisSimError):
        raise found[0]
    return found[0]


def _said(body: bytes) -> str:
    try:
        return str(_document(body).get("message", ""))
    except UsageError:
        return ""
