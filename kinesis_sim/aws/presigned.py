"""Addresses that carry their own signature (SigV4 in the query), as WebSockets have them.

That one is over is always noticed, by the simulator's clock; who signed it is for ``sigv4``. One
that is signed for later than the clock shows is taken: the clients' clocks are the machine's, the
simulator's may stand anywhere (model's choice; AWS refuses it).
"""

from __future__ import annotations

import re

from kinesis_sim.aws.exchange import Request
from kinesis_sim.aws.wire.routes import fields
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.instants import SECOND, to_ms, written

_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_LONGEST_SECONDS = 604_800
"""SigV4's own limit: seven days."""


def check(request: Request, now: int) -> None:
    """Let an address pass that is not signed, or not over. now: epoch ms.

    Raises ServiceError: AccessDeniedException (403) when it is (facts/video/7/connect-errors).
    """
    said = dict(fields(request.query))
    if "X-Amz-Signature" not in said:
        return
    match, lasts = _DATE.fullmatch(said.get("X-Amz-Date", "")), said.get("X-Amz-Expires", "")
    try:
        signed = to_ms("{}-{}-{}T{}:{}:{}Z".format(*match.groups())) if match else -1
    except UsageError:
        signed = -1
    seconds = int(lasts) if re.fullmatch(r"\d{1,6}", lasts, re.ASCII) else 0
    if signed < 0 or not 1 <= seconds <= _LONGEST_SECONDS:
        raise _denied("X-Amz-Date or X-Amz-Expires is missing, or says no time.")
    if now >= signed + seconds * SECOND:
        raise _denied(
            f"The address was signed at {written(signed)} for {seconds} seconds; "
            f"it is {written(now)} here."
        )


def _denied(why: str) -> ServiceError:
    return ServiceError("AccessDeniedException", why, 403)
