"""The load mixer as a widget: controls, and the heat map of what that load does to a stream."""

from __future__ import annotations

from kinesis_sim.show.heat.mix import Mix, mixed
from kinesis_sim.show.heat.notices import mixed_notice, setting, settings
from kinesis_sim.show.heat.scene import mixed_page
from kinesis_sim.show.kit.desk import Mixer
from kinesis_sim.show.kit.page import Page
from kinesis_sim.show.kit.words import Words


class LoadMixer(Mixer[Mix]):
    """Rate, size, hot key, shards, rhythm and retry as controls over a heat map, shard by time."""

    def __init__(self, mix: Mix, words: Words) -> None:
        self._words = words
        super().__init__("heat", mix)

    def _made(self) -> Page:
        mix, words, result = self.mix, self._words, mixed(self.mix)
        said = mixed_notice(mix, result, words)
        told = words.say("mixer.summary", setting=settings(mix, words), notice=said)
        controls = self._controls(lambda name, step: setting(Mix.of({name: step}), name, words))
        return mixed_page(result.heat, words, said, told, controls)
