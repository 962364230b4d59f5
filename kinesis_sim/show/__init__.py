"""What a learner sees: rows from events, figures from rows, widgets for the notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from kinesis_sim import instants
from kinesis_sim.arguments import said
from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.show.kit.history import History, history
from kinesis_sim.show.kit.words import Words
from kinesis_sim.signatures import faced
from kinesis_sim.words import spoken_language

if TYPE_CHECKING:
    from datetime import datetime

    from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
    from kinesis_sim.analytics.running import Feed
    from kinesis_sim.show.anomalies.widget import AnomalyDesk
    from kinesis_sim.show.buffer.fold import Buffers
    from kinesis_sim.show.buffer.widget import BufferMixer, LiveBuffer
    from kinesis_sim.show.capacity.widget import CapacityDesk
    from kinesis_sim.show.checkpoints.widget import CheckpointsDesk
    from kinesis_sim.show.control_room.widget import ControlRoom
    from kinesis_sim.show.delivery.widget import DeliveryDesk
    from kinesis_sim.show.fragments.fold import Footage
    from kinesis_sim.show.fragments.widget import FragmentDesk
    from kinesis_sim.show.heat.widget import LoadMixer
    from kinesis_sim.show.kit.page import Page
    from kinesis_sim.show.kit.sheet import Sheet
    from kinesis_sim.show.player.widget import HlsPlayer
    from kinesis_sim.show.pumps.widget import PumpDesk
    from kinesis_sim.show.readers.fold import Readers
    from kinesis_sim.show.readers.widget import ReaderDesk
    from kinesis_sim.show.retention.widget import RetentionDesk
    from kinesis_sim.show.shards.widget import ShardMap
    from kinesis_sim.show.signaling.widget import SignalingDesk
    from kinesis_sim.show.states.widget import StatesDesk
    from kinesis_sim.show.windows.widget import WindowsDesk
    from kinesis_sim.simulator import Simulator
    from kinesis_sim.workloads.events.arrival import Arrival
    from kinesis_sim.workloads.pipeline.result import Result
    from kinesis_sim.workloads.readers.bookmark import Bookmark
    from kinesis_sim.workloads.scenes.audience import Audience
    from kinesis_sim.workloads.scenes.doorbell import Doorbell
    from kinesis_sim.workloads.scenes.filming import Filming
    from kinesis_sim.workloads.scenes.fraud_watch import WatchedDay
    from kinesis_sim.workloads.scenes.ride_job import RideJob
    from kinesis_sim.workloads.scenes.scene import PedalaScene
    from kinesis_sim.workloads.scenes.tide import Tide
    from kinesis_sim.workloads.scenes.unlocks import Unlocks

DIAGRAMS = ("architecture", "pipeline", "integration", "configuration")
_PACKAGES = {"anywidget", "ipywidgets", "matplotlib", "traitlets"}


@faced
class Show:
    """Pictures of one simulator: figures that stand still, and widgets that move.

    lang: the language of what pictures say, "en" or "pt-BR", that of the lesson unless set; every
    call can name another. MissingPackage names the install line where matplotlib or anywidget is
    absent.
    """

    judged: ClassVar = ("address", "watch")
    """Arguments for which a method's own words are better than "give a …"."""

    def __init__(self, sim: Simulator) -> None:
        self.lang = spoken_language()
        self._sim = sim

    def shards(
        self,
        stream: str,
        *,
        keys: Sequence[str] = (),
        at: str | datetime | int | None = None,
        readers: bool = False,
        lang: str | None = None,
    ) -> Sheet:
        """The shard map of a stream, now or at an earlier instant, with partition keys pinned.

        readers: whether to draw who reads each shard, a triangle at its place and its lag as a bar.
        Raises UsageError when there is no such stream, or ``at`` lies outside its history.
        """
        rows = self.history(stream)
        who = self._readers(stream) if readers else None
        instant, words = _instant(rows, at), self._words(lang)
        return _figure(
            _part("shards.scene").page(rows, [instant], keys, words, readers=who), words.lang
        )

    def live(self, stream: str, *, keys: Sequence[str] = (), lang: str | None = None) -> ShardMap:
        """The shard map as a widget: a slider over history, the clock's buttons, keys to pin.

        It follows the stream: cells that run later change it. UsageError when there is no such
        stream.
        """
        widgets = _part("shards.widget")
        return widgets.ShardMap(self._sim, stream, keys, self._words(lang))  # type: ignore[no-any-return]

    def heat(self, stream: str, *, keys: Sequence[str] = (), lang: str | None = None) -> Sheet:
        """How full each shard was over time, and what it refused.

        keys: partition keys to write at the shard where their records go now. Where no shard came
        near a limit, shades compare the shards with one another. UsageError when there is no such
        stream.
        """
        from kinesis_sim.show.heat.fold import heat_map

        history = self.history(stream)
        homes = [(key, history.pin(key).home(history.now)) for key in keys]
        pins = [(key, home) for key, home in homes if home is not None]
        rows = heat_map(history, self._sim.streams.shard_limits, pins)
        words = Words("heat", lang or self.lang)
        return _figure(_part("heat.scene").page(rows, words), words.lang)

    def mixer(self, *, lang: str | None = None, **settings: int | str) -> LoadMixer:
        """Half a minute of load to play with: the heat map of a stream of its own, and controls.

        settings: where the controls stand at first; see ``mixer.Mix``. UsageError for settings that
        the mixer does not have.
        """
        from kinesis_sim.show.heat.mix import Mix

        mix = Mix.of(settings)
        words = Words("heat", lang or self.lang)
        return _part("heat.widget").LoadMixer(mix, words)  # type: ignore[no-any-return]

    def capacity(self, stream: str, *, lang: str | None = None) -> Sheet:
        """The load of a stream under its capacity line, throttles hatched, and its cost so far.

        UsageError when there is no such stream.
        """
        from kinesis_sim.show.capacity.fold import water

        words = Words("capacity", lang or self.lang)
        page = _part("capacity.scene").page(water(self._sim, stream), words)
        return _figure(page, words.lang)

    def live_capacity(
        self, tide: Tide, *, hours: float = 3, lang: str | None = None
    ) -> CapacityDesk:
        """The capacity picture as a widget.

        ``hours`` of a tide to come, and buttons that split, merge, scale and switch the mode of its
        stream for real.
        """
        from kinesis_sim.workloads.scenes.tide import Tide

        if not isinstance(tide, Tide):
            raise UsageError(f"{said(tide)} is no tide: give sim.show.live_capacity a Tide.")
        words = Words("capacity", lang or self.lang)
        widgets = _part("capacity.widget")
        return widgets.CapacityDesk(self._sim, tide, hours, words)  # type: ignore[no-any-return]

    def retention(
        self, stream: str, *, at: str | datetime | int | None = None, lang: str | None = None
    ) -> Sheet:
        """What a stream keeps, its trim horizon, and where its readers stand, now or earlier.

        Readers are those that write down checkpoints (``Bookmark``, ``KclApplication``). Raises
        UsageError when there is no such stream, or ``at`` lies outside its history.
        """
        from kinesis_sim.show.retention.fold import retention

        rows = retention(self._sim, stream)
        instant = _instant(rows.history, at)
        words = Words("retention", lang or self.lang)
        page = _part("retention.scene").page(rows, [instant], words)
        return _figure(page, words.lang)

    def live_retention(
        self,
        stream: str,
        *,
        readers: Sequence[Bookmark] = (),
        traffic: Iterable[Arrival] = (),
        lang: str | None = None,
    ) -> RetentionDesk:
        """The retention timeline as a widget: a slider over history, what-ifs, and the clock.

        readers: those that its button lets read. traffic: what arrives while its clock button moves
        time. UsageError when there is no such stream.
        """
        words = Words("retention", lang or self.lang)
        desk = _part("retention.widget").RetentionDesk
        return desk(self._sim, stream, readers, traffic, words)  # type: ignore[no-any-return]

    def buffer(
        self, name: str, *, at: str | datetime | int | None = None, lang: str | None = None
    ) -> Sheet:
        """The buffers of a Firehose stream, the objects they left in S3, and what is not there yet.

        UsageError when there is no such stream, it delivers elsewhere than to S3, or ``at`` lies
        outside its history.
        """
        from kinesis_sim.show.buffer.fold import buffers

        rows = buffers(self._sim, name)
        words = Words("buffer", lang or self.lang)
        page = _part("buffer.scene").page(rows, words, _instant(rows, at))
        return _figure(page, words.lang)

    def live_buffer(self, name: str, *, lang: str | None = None) -> LiveBuffer:
        """The same as a widget with a slider over the stream's history; it follows the stream."""
        from kinesis_sim.show.buffer.fold import buffers

        words = Words("buffer", lang or self.lang)
        widgets = _part("buffer.widget")
        return widgets.LiveBuffer(lambda: buffers(self._sim, name), words)  # type: ignore[no-any-return]

    def buffer_mixer(self, *, lang: str | None = None, **settings: float | str) -> BufferMixer:
        """Half an hour of a Firehose stream of its own to play with: hints, traffic, refusals.

        settings: where the controls stand at first, a morning and a night unless given; see
        ``buffer.mix.BufferMix``. UsageError for settings that it does not have.
        """
        from kinesis_sim.show.buffer.mix import OPENING, BufferMix

        mix = BufferMix.of(settings or OPENING)
        words = Words("buffer", lang or self.lang)
        return _part("buffer.widget").BufferMixer(mix, words)  # type: ignore[no-any-return]

    def control_room(
        self, scene: PedalaScene | None = None, *, ask: bool = True, lang: str | None = None
    ) -> ControlRoom:
        """A scene as a widget that plays: producers, shards, consumers, faults and cures.

        scene: one on this simulator; a new one unless given. ask: whether a fault's button asks
        first what will happen. UsageError for another simulator's scene.
        """
        from kinesis_sim.workloads.scenes.scene import PedalaScene

        scene = scene or PedalaScene(self._sim)
        if not isinstance(scene, PedalaScene):
            raise UsageError(f"{said(scene)} is no scene: leave it out, or give a PedalaScene.")
        if scene.sim is not self._sim:
            raise UsageError("The scene runs on another simulator: call scene.show().")
        words = Words("control_room", lang or self.lang)
        return _part("control_room.widget").ControlRoom(scene, words, ask=ask)  # type: ignore[no-any-return]

    def readers(
        self,
        stream: str,
        *,
        seconds: int | None = None,
        at: str | datetime | int | None = None,
        lang: str | None = None,
    ) -> Sheet:
        """Who reads a stream, where each reader is on each shard, and its lag.

        seconds: how much of the past to show, up to ``at`` or now; all since the first record
        unless given. UsageError when there is no such stream, or ``at`` lies outside its history.
        """
        history = self.history(stream)
        end = _instant(history, at)
        first = min((share.at for share in history.shares), default=history.begin)
        begin = first if seconds is None else max(first, end - 1_000 * seconds)
        words = Words("readers", lang or self.lang)
        scene = _part("readers.scene")
        picture = scene.Picture(history, self._readers(stream), (begin, end), [end], words)
        return _figure(picture.page(), words.lang)

    def live_readers(
        self, audience: Audience | None = None, *, lang: str | None = None
    ) -> ReaderDesk:
        """Four readers of a stream as a widget: time to move, workers to crash, a record to poison.

        audience: one on this simulator; a new one unless given. UsageError for another simulator's.
        """
        from kinesis_sim.workloads.scenes.audience import Audience

        audience = audience or Audience(self._sim)
        if audience.sim is not self._sim:
            raise UsageError("The audience reads on another simulator: give this one its own.")
        words = Words("readers", lang or self.lang)
        return _part("readers.widget").ReaderDesk(audience, words)  # type: ignore[no-any-return]

    def fragments(
        self, stream: str, *, at: str | datetime | int | None = None, lang: str | None = None
    ) -> Sheet:
        """The fragments of a video stream, by the producer's clock and the service's.

        With their acknowledgements, and whether they are stored, expired or lost, now or at an
        earlier instant. UsageError when there is no such stream, or ``at`` lies outside its
        history.
        """
        from kinesis_sim.show.fragments.fold import footage

        rows, words = footage(self._sim, stream), Words("fragments", lang or self.lang)
        picture = _part("fragments.scene").Picture(rows, words, _instant(rows, at))
        return _figure(picture.page(), words.lang)

    def live_fragments(
        self, filming: Filming | None = None, *, lang: str | None = None
    ) -> FragmentDesk:
        """The same as a widget: a camera to film with, a line to cut, retention to change.

        filming: one on this simulator; a new one unless given. UsageError for another simulator's.
        """
        from kinesis_sim.workloads.scenes.filming import Filming

        filming = filming or Filming(self._sim)
        if not isinstance(filming, Filming) or filming.sim is not self._sim:
            raise UsageError("live_fragments wants a Filming on this simulator, or nothing.")
        words = Words("fragments", lang or self.lang)
        return _part("fragments.widget").FragmentDesk(filming, words)  # type: ignore[no-any-return]

    def player(self, address: str, *, lang: str | None = None) -> HlsPlayer:
        """A player for an HLS session of a video stream: what the browser decodes is what it sees.

        address: the HLSStreamingSessionURL that GetHLSStreamingSessionURL answers, of fragmented
        MP4; whoever has it may play. A session that is over is told as the service tells it.
        UsageError for what is no such address.
        """
        words = Words("player", lang or self.lang)
        return _part("player.widget").HlsPlayer(self._sim, address, words)  # type: ignore[no-any-return]

    def pumps(self, session: KinesisSession, *, stream: str = "", lang: str | None = None) -> Sheet:
        """The rows of an application of Kinesis SQL in the windows of its pumps, up to now.

        session: ``sim.analytics.kinesis_sql()``, or the ``session`` of a job. stream: what to call
        its source; the name of its input unless given. UsageError for what is no such session.
        """
        from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
        from kinesis_sim.show.pumps.fold import pumping

        if not isinstance(session, KinesisSession):
            raise UsageError(f"{said(session)} is no session: give sim.analytics.kinesis_sql().")

        now = max(self._sim.clock.now, session.clock)
        rows, words = pumping(session, now), Words("pumps", lang or self.lang)
        source = stream or next((name for name in session.streams if name != "error_stream"), "–")
        page = _part("pumps.scene").Picture(rows, words).page(source)
        return _figure(page, words.lang)

    def live_pumps(self, unlocks: Unlocks, *, lang: str | None = None) -> PumpDesk:
        """The same as a widget: unlocks to put, in time or late, and the clock to move.

        UsageError for another simulator's.
        """
        from kinesis_sim.workloads.scenes.unlocks import Unlocks

        if not isinstance(unlocks, Unlocks) or unlocks.sim is not self._sim:
            raise UsageError("live_pumps wants the Unlocks of this simulator: Unlocks(sim).")
        words = Words("pumps", lang or self.lang)
        return _part("pumps.widget").PumpDesk(unlocks, words)  # type: ignore[no-any-return]

    def anomalies(
        self, watch: WatchedDay, *, threshold: float = 2, lang: str | None = None
    ) -> Sheet:
        """A day's anomaly scores under a threshold: frauds found and missed, and false alarms.

        watch: ``kinesis_sim.workloads.scenes.fraud_watch.watch()``. UsageError for what is none.
        """
        _need_watch(watch)
        words = Words("anomalies", lang or self.lang)
        page = _part("anomalies.scene").Picture(watch, threshold, words).page()
        return _figure(page, words.lang)

    def live_anomalies(
        self, watch: WatchedDay, *, threshold: float = 4, lang: str | None = None
    ) -> AnomalyDesk:
        """The same as a widget: the threshold is a slider. UsageError for what is no watch."""
        _need_watch(watch)
        words = Words("anomalies", lang or self.lang)
        return _part("anomalies.widget").AnomalyDesk(watch, threshold, words)  # type: ignore[no-any-return]

    def run(self, result: Result, *, lang: str | None = None) -> Sheet:
        """A pipeline's result over time.

        What was offered, stored and throttled, what waited, the open shards, and consumers' lag
        where there are consumers.
        """
        from kinesis_sim.show.run.fold import run

        sheet: Sheet = _part("run.figure").figure(run(result), Words("run", lang or self.lang))
        return sheet

    def delivery(
        self, stream: str, *, at: str | datetime | int | None = None, lang: str | None = None
    ) -> Sheet:
        """The way of a Firehose stream's records, now or at an earlier instant.

        Every stage with what passed, waits, failed or was dropped, and the error output.

        UsageError when there is no such stream, or ``at`` lies before it or in the future.
        """
        words, picture = Words("delivery", lang or self.lang), _part("delivery.scene").Picture
        with self._sim.lock:
            instant = None if at is None else self._delivery_instant(stream, at)
            page = picture(self._sim, stream, words, instant).page()
        return _figure(page, words.lang)

    def live_delivery(self, stream: str, *, lang: str | None = None) -> DeliveryDesk:
        """The pipeline as a widget.

        Time to move, destination and transform to break and mend, error objects to open. UsageError
        when there is no such stream.
        """
        words = Words("delivery", lang or self.lang)
        return _part("delivery.widget").DeliveryDesk(self._sim, stream, words)  # type: ignore[no-any-return]

    def signaling(self, channel: str, *, lang: str | None = None) -> Sheet:
        """Who met whom in a signaling channel: peers, messages that arrive, wait or are lost.

        UsageError when there is no such channel.
        """
        from kinesis_sim.show.signaling.fold import channel_steps

        words = Words("signaling", lang or self.lang)
        picture = _part("signaling.scene").Picture(channel_steps(self._sim, channel), words)
        return _figure(picture.page(), words.lang)

    def live_signaling(self, bell: Doorbell, *, lang: str | None = None) -> SignalingDesk:
        """The same as a widget: a rider who rings, a master who comes and answers, time to pass."""
        words = Words("signaling", lang or self.lang)
        return _part("signaling.widget").SignalingDesk(bell, words)  # type: ignore[no-any-return]

    def states(self, of: str = "stream", *, name: str = "", lang: str | None = None) -> Sheet:
        """The life of a "stream", a "shard" … as a diagram of the table that the code follows.

        of: a table of ``kinesis_sim.state_tables``. name: of one such thing, whose present state
        and way are marked. UsageError for a table that is not there, or a name never heard of.
        """
        from kinesis_sim.show.states.fold import table_of, way

        table, words = table_of(of), Words("states", lang or self.lang)
        been = way(self._sim, of, name) if name else ()
        return _figure(_part("states.scene").Diagram(table, words, been).page(name), words.lang)

    def live_states(self, of: str, name: str, *, lang: str | None = None) -> StatesDesk:
        """The same as a widget with a slider over the states that the thing has been in."""
        words = Words("states", lang or self.lang)
        return _part("states.widget").StatesDesk(self._sim, of, name, words)  # type: ignore[no-any-return]

    def windows(
        self, sql: str, feed: Feed, *, by_shard: bool = False, lang: str | None = None
    ) -> Sheet:
        """A query's rows under its watermark: windows that open and close, late rows, changes.

        sql: a script of Flink SQL, whose last query is drawn; feed: see ``sim.analytics.sql``, its
        first 90 rows are; by_shard: a watermark for each shard. The input does not end, so the last
        windows stay open. Raises SqlError, UsageError.
        """
        fold, words = _part("windows.fold"), Words("windows", lang or self.lang)
        run = fold.followed(sql, fold.fed(feed), by_shard=by_shard)
        delay = fold.delay_of(sql)
        kind = "by-shard" if by_shard else "one"
        subtitle = words.say(f"subtitle.{kind}" if delay else "subtitle.none", delay=delay)
        page = _part("windows.scene").Picture(run, words, subtitle).page()
        return _figure(page, words.lang)

    def live_windows(self, sql: str, feed: Feed, *, lang: str | None = None) -> WindowsDesk:
        """The same as a widget that plays, row by row.

        The watermark's delay, a watermark for each shard, and a backfill that reads shard after
        shard, each over the learner's own query. Raises SqlError, UsageError.
        """
        rows, words = _part("windows.fold").fed(feed), Words("windows", lang or self.lang)
        return _part("windows.widget").WindowsDesk(sql, rows, words)  # type: ignore[no-any-return]

    def checkpoints(self, counter: RideJob, *, lang: str | None = None) -> Sheet:
        """What a ride counter remembers: its position, checkpoints, crashes, and both sinks."""
        words = Words("checkpoints", lang or self.lang)
        if not counter.seconds:
            raise UsageError("The counter has not run yet: let it play some seconds first.")
        life = _part("checkpoints.fold").JobLife(counter, 160)
        return _figure(_part("checkpoints.scene").Picture(life, words).page(), words.lang)

    def live_checkpoints(
        self, counter: RideJob | None = None, *, lang: str | None = None
    ) -> CheckpointsDesk:
        """The same as a widget: time to pass, a machine to lose, a job to stop and to rescale.

        counter: one on this simulator, whose job is crashed 35 s behind a checkpoint unless given.
        UsageError for another simulator's.
        """
        from kinesis_sim.workloads.scenes.ride_job import RideJob

        if counter is None:
            counter = RideJob(self._sim)
            counter.play(95)
            counter.crash()
            counter.play(12)
        if counter.sim is not self._sim:
            raise UsageError("The counter runs on another simulator: give this one its own.")
        words = Words("checkpoints", lang or self.lang)
        return _part("checkpoints.widget").CheckpointsDesk(counter, words)  # type: ignore[no-any-return]

    def architecture(self, name: str = "architecture", *, lang: str | None = None) -> Sheet:
        """One of the study notes' diagrams as it is today.

        name: "architecture", "pipeline", "integration" or "configuration". Dashed and marked: not
        built in this simulator yet.
        """
        if name not in DIAGRAMS:
            raise UsageError(f"architecture({name!r}): choose one of {', '.join(DIAGRAMS)}.")
        words = Words("diagrams", lang or self.lang)
        sheet: Sheet = _part("diagrams.figure").figure(name, words)
        return sheet

    def history(self, stream: str) -> History:
        """The rows that the shard map is drawn from; UsageError when there is no such stream."""
        with self._sim.lock:
            sim = self._sim
            return history(sim.streams[stream], sim.events, sim.clock.now)

    def _delivery_instant(self, stream: str, at: str | datetime | int) -> int:
        instant, begin = instants.to_ms(at), self._sim.firehose[stream].created_at
        if not begin <= instant <= self._sim.clock.now:
            ends = [instants.to_datetime(e).isoformat() for e in (begin, self._sim.clock.now)]
            raise UsageError(f"at={at!r}: {stream} has been there from {' to '.join(ends)}.")
        return instant

    def _readers(self, stream: str) -> Readers:
        from kinesis_sim.show.readers.fold import Readers

        with self._sim.lock:
            return Readers(self._sim.streams[stream], self._sim.events)

    def _words(self, lang: str | None) -> Words:
        return Words("shards", lang or self.lang)


def _instant(rows: History | Buffers | Footage, at: str | datetime | int | None) -> int:
    if at is None:
        return rows.now
    instant = instants.to_ms(at)
    if not rows.begin <= instant <= rows.now:
        ends = [instants.to_datetime(end).isoformat() for end in (rows.begin, rows.now)]
        raise UsageError(f"at={at!r}: the history of {rows.stream} runs from {' to '.join(ends)}.")
    return instant


def _need_watch(watch: object) -> None:
    from kinesis_sim.workloads.scenes.fraud_watch import WatchedDay

    if not isinstance(watch, WatchedDay):
        raise UsageError(f"{said(watch)} is no watch: give what fraud_watch.watch() answers.")


def _figure(page: Page, lang: str) -> Sheet:
    """A page as a figure."""
    sheet: Sheet = _part("kit.page").figure(page, Words("kit", lang))
    return sheet


def _part(name: str) -> Any:
    """A module of this room that needs an optional package."""
    try:
        return import_module(f"kinesis_sim.show.{name}")
    except ModuleNotFoundError as error:
        if error.name not in _PACKAGES:
            raise
        raise MissingPackage(
            f'Pictures need {error.name}: pip install "kinesis-lab[lab]"'
        ) from error
