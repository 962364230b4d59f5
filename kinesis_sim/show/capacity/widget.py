"""The capacity picture as a widget: a stream, a wave to come, and the means to be ready for it.

A button is a wish. The operation behind it is called here, through a real boto3 client, and then
the wave goes on for two minutes; what AWS would refuse is refused, in its own words. The browser
only lays out rows.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kinesis_sim.instants import MINUTE
from kinesis_sim.show.capacity.fold import water
from kinesis_sim.show.capacity.scene import page
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Control, Page
from kinesis_sim.show.kit.timeline import clock
from kinesis_sim.show.kit.words import Words
from kinesis_sim.streams.shard import Shard

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator
    from kinesis_sim.workloads.scenes.tide import Tide

STEP_MINUTES = 10
AFTER_MINUTES = 2
"""How long the wave goes on after an operation: long enough for each of them to be done."""


class CapacityDesk(Desk):
    """Load under the capacity line, cost beside it; split, merge, UpdateShardCount and mode.

    hours: how much of the tide there is to play, from its beginning.
    """

    def __init__(self, sim: Simulator, tide: Tide, hours: float, words: Words) -> None:
        self._sim, self._tide, self._words = sim, tide, words
        self._kinesis = sim.client("kinesis")
        self._end = tide.begin + round(hours * 60) * MINUTE
        super().__init__("capacity-desk")

    def _made(self) -> Page:
        rows, say = water(self._sim, self._tide.stream), self._words.say
        other = "PROVISIONED" if rows.mode == "ON_DEMAND" else "ON_DEMAND"
        scale = Control(
            "scale", "UpdateShardCount", {"kind": "scale"}, value=rows.shards,
            said=say("control.target"),
        )  # fmt: skip
        controls = [
            Control("play", say("control.clock"), {"kind": "play"}),
            Control("split", say("control.split"), {"kind": "split"}, apart=True),
            Control("merge", say("control.merge"), {"kind": "merge"}),
            scale,
            Control("mode", say(f"control.{other}"), {"kind": "mode"}),
        ]
        return page(rows, self._words, self._ahead(), controls)

    def play(self, minutes: int = STEP_MINUTES) -> None:
        """Let the wave go on, to the end of the day at most."""
        left = (self._end - self._sim.clock.now) // MINUTE
        if left >= 1:
            self._tide.play(minutes=min(minutes, left))
            self.reply = self._words.say(
                "reply.moved", time=clock(self._sim.clock.now, seconds=False)
            )
        else:
            self.reply = self._words.say("reply.ended")
        self.refresh()

    def split(self) -> None:
        """SplitShard in the middle of the shard that took most in the last minute."""
        shard = max(self._open, key=self._taken)
        middle = (shard.hashes.start + shard.hashes.end + 1) // 2
        self._do("SplitShard", ShardToSplit=shard.id, NewStartingHashKey=str(middle))

    def merge(self) -> None:
        """MergeShards for the two neighbours that took least in the last minute."""
        pairs = list(pairwise(self._open))
        if not pairs:
            self.reply = self._words.say("reply.alone")
            return
        low, high = min(pairs, key=lambda pair: self._taken(pair[0]) + self._taken(pair[1]))
        self._do("MergeShards", ShardToMerge=low.id, AdjacentShardToMerge=high.id)

    def scale(self, target: int) -> None:
        """UpdateShardCount."""
        self._do("UpdateShardCount", TargetShardCount=target, ScalingType="UNIFORM_SCALING")

    def switch(self) -> None:
        """UpdateStreamMode to the other mode."""
        stream = self._sim.streams[self._tide.stream]
        mode = "PROVISIONED" if stream.on_demand else "ON_DEMAND"
        self._do("UpdateStreamMode", StreamARN=stream.arn, StreamModeDetails={"StreamMode": mode})

    # --- wishes from the browser --------------------------------------------------------------

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "play"}:
                self.play()
            case {"kind": "split"}:
                self.split()
            case {"kind": "merge"}:
                self.merge()
            case {"kind": "mode"}:
                self.switch()
            case {"kind": "scale", "value": int(target)} if target >= 1:
                self.scale(target)
            case {"kind": "scale"}:
                self.reply = self._words.say("reply.target")

    def _do(self, operation: str, **params: Any) -> None:
        """Call an operation as a learner would, then let the wave go on for two minutes."""
        name = {} if "StreamARN" in params else {"StreamName": self._tide.stream}
        if self._called(self._kinesis, operation, **name, **params):
            self.play(AFTER_MINUTES)
            self.reply = self._words.say("reply.done", operation=operation)
        else:
            self.refresh()

    @property
    def _open(self) -> list[Shard]:
        """The stream's open shards, in order of their hash keys."""
        return list(self._sim.streams[self._tide.stream].open_shards)

    def _taken(self, shard: Shard) -> int:
        """Bytes offered to a shard in the last minute; a wider one first where nothing came."""
        from kinesis_sim.streams.events import RecordsPut

        since, taken = self._sim.clock.now - MINUTE, 0
        for event in self._sim.events.of(RecordsPut, stream=self._tide.stream):
            if event.at > since and event.stream == self._tide.stream:
                shares = (share for share in event.shares if share.shard == shard.index)
                taken += sum(share.bytes + share.throttled_bytes for share in shares)
        return taken

    def _ahead(self) -> list[tuple[int, float]]:
        """The wave to come in shards' worth: its records are so large that bytes decide."""
        now = self._sim.clock.now
        instants = [*range(now, self._end, MINUTE), self._end] if now < self._end else []
        return [(at, self._tide.height(at)) for at in instants]
