"""Nobody is answered before what the answer rests on is safe in the data folder."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


async def safe(sim: Simulator) -> None:
    """Return when all that was taken in so far is kept. Raises NotKept when it cannot be."""
    folder = sim.folder
    if folder is None:
        return
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(trouble: Exception | None) -> None:
        if done.done():
            return
        if trouble is None:
            done.set_result(None)
        else:
            done.set_exception(trouble)

    def told(trouble: Exception | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, trouble)

    if folder.when_safe(told):
        await done
