"""What lies at addresses that operations gave out, over HTTP: playlists, segments of media.

Nobody signs for them: who has the address may read, as with AWS's own session URLs. A service that
nobody has used yet has given out none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.aws.exchange import Reply, Request
from kinesis_sim.aws.wire.routes import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinesis_sim.account.service import ServedPage
    from kinesis_sim.simulator import Simulator


def answer(home: Simulator, request: Request) -> Reply | None:
    """The page, of whichever account and Region has it; None when no service knows the path.

    The caller holds the simulator's lock.
    """
    query = dict(fields(request.query))
    found = next(_found(home, request.path, query), None)
    if found is None:
        return None
    body = b"" if request.method == "HEAD" else found.body
    headers = [(b"cache-control", b"no-store")]
    if found.error:
        headers.append((b"x-amz-errortype", found.error.encode()))
    return Reply(found.status, body, found.content_type, headers)


def _found(home: Simulator, path: str, query: dict[str, str]) -> Iterator[ServedPage]:
    """What each Region's services have there: a page that is there before one that is not."""
    pages = [
        page
        for sim in home.accounts.all_regions()
        for service in tuple(sim.services.values())
        if (page := service.pages(path, query)) is not None
    ]
    yield from sorted(pages, key=lambda page: page.status)
