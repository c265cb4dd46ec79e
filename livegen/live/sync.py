"""Chooses the beat that the session follows, and reports each beat.

Several sources may say where the beats are, and one of them counts. In order of rank: a MIDI clock; Ableton Link, if
there are others in its session; the beat that was tapped; otherwise the performer's own pulse, which the session finds
by itself. The setting ``sync`` may name one source, and then the others do not count; with ``own`` that is our own
tempo, or what was tapped. Whenever a source may have something new (at a clock's tick, at a tap, every 50 ms with Link,
at a change of settings), the source of highest rank is asked for its grid: a time, the beat at that time, the length of
a beat. The setting ``offset`` moves the beats of a clock and of Link, which may come late through a driver.

The session gets a new grid only when it matters: at once if the source is another or the beats have moved by more than
2 ms, otherwise once a beat at most. Every grid that it gets goes into the journal, and the small corrections at each
tick would fill the journal and make the beat tremble. A clock that falls silent without a stop is followed on at its
last tempo, for ten seconds or, if ``sync`` names it, for ever; when no source is left, the beat is the performer's
again, at the last tempo.
"""

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Callable

from livegen.beat.clock_in import ClockIn
from livegen.beat.clock_out import ClockOut
from livegen.beat.tap_tempo import TapTempo
from livegen.beat.transport import AUTO, CLOCK, LINK, OWN, PULSE, TAP, Grid
from livegen.events import ClockMessage
from livegen.live.ableton_link import AbletonLink, open_link
from livegen.live.stage import Stage
from livegen.session.changes import Change
from livegen.settings import spec
from livegen.system import clock

_NEAR = 0.0005  # seconds: nearer grids are the same until the next beat
_FAR = 0.002  # seconds: a grid that moved further is taken up at once
_EVEN = 1e-5  # share of a beat's length that is no change of tempo
_EARLY = 0.0005  # seconds that a timer may ring before a beat
_LATE = 0.25  # share of a beat after which it is not reported any more
_SOON = 0.05  # seconds until the first beat that is counted in
_LINK_EVERY = 0.05  # seconds between questions to Link


class Sync:
    """Chooses the beat, has the session follow it, and sends each beat to all who listen.

    Only ``hear_from_thread`` may be called on another thread than the loop's.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._loop = asyncio.get_running_loop()
        self._arrived: deque[tuple[ClockMessage, str]] = deque()
        self._follower = ClockIn()
        self._sender = ClockOut()
        self._taps = TapTempo()
        self._tapped: Grid | None = None
        self._link: AbletonLink | None = None
        self._timers: dict[Callable[[], None], asyncio.TimerHandle] = {}
        self._seen: Grid | None = None  # the last grid whose beats were reported
        self._told: tuple[str, int] | None = None  # source and number of the last beat that was reported
        self._tempo = stage.settings.tempo

    def open(self) -> None:
        """Begin. Raises SettingsError if Link is wanted and its package is not there."""
        if self._stage.settings.link:
            self._link = open_link(self._stage.settings.tempo, self._stage.settings.metre, self._loop)
            self._ask_link()
        self.settings_changed()

    def close(self) -> None:
        """Stop our clock, leave Link, and send nothing more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for message in self._sender.stop(clock.now()):
            self._stage.output.rig.send_clock(message)
        if self._link is not None:
            self._link.close()
            self._link = None

    # Messages received

    def hear_from_thread(self, message: ClockMessage, port: str) -> None:
        """Take in a message of a MIDI clock, on another thread."""
        self._arrived.append((message, port))
        if len(self._arrived) == 1:
            with contextlib.suppress(RuntimeError):  # the loop has closed
                self._loop.call_soon_threadsafe(self._hear_arrived)

    def _hear_arrived(self) -> None:
        for _ in range(len(self._arrived)):
            self.hear_clock(*self._arrived.popleft())

    def hear_clock(self, message: ClockMessage, port: str) -> None:
        """Follow a MIDI clock. While we send one, none is followed unless it is asked for: it may be our own."""
        if self._stage.settings.send_clock and self._stage.settings.sync != CLOCK:
            return
        self._follower.hear_clock(message, port, self._stage.settings.position_in_ticks)
        self._choose()
        if self._follower.due is not None and self._watch not in self._timers:
            self._at(self._follower.due, self._watch)

    def _watch(self) -> None:
        """Notice that a clock fell silent."""
        self._follower.pass_time(clock.now())
        self._choose()
        if self._follower.due is not None:
            self._at(self._follower.due, self._watch)
        elif self._follower.grid(clock.now()) is not None:
            self._at(clock.now() + 1.0, self._watch)

    def tap(self) -> float | None:
        """A beat is now. Returns the tempo (beats a minute) if the taps have set one."""
        grid = self._taps.hear_tap(clock.now())
        if grid is None:
            return None
        self._tapped = grid
        tempo = spec("tempo")
        assert tempo.low is not None and tempo.high is not None
        self._tempo = bpm = max(tempo.low, min(tempo.high, round(60.0 / grid.length, 2)))
        if self._link is not None and self._stage.settings.sync in (AUTO, LINK):
            self._link.tempo = bpm
        self._choose()
        return bpm

    def count_in(self) -> None:
        """A bar is about to be counted in: where no clock leads, keep the tempo that is set, as if it were tapped."""
        if self._best(clock.now()) is None:
            self._tapped = Grid(clock.now() + _SOON, 0.0, 60.0 / self._stage.settings.tempo, TAP)
            self._choose()

    def settings_changed(self) -> None:
        """Settings were changed, perhaps those of the beat."""
        settings = self._stage.settings
        if settings.tempo != self._tempo:
            self._tempo, self._tapped = settings.tempo, None
            if self._link is not None and settings.sync in (AUTO, LINK):
                self._link.tempo = settings.tempo
        if self._link is not None:
            self._link.quantum = settings.metre
        self._choose()
        self._keep_clock()

    def forget(self) -> None:
        """Forget the tapped beat."""
        self._tapped = None
        self._choose()

    def after(self) -> None:
        """Something was heard or played, or time has passed: the beats may have moved."""
        if self._stage.session.transport.grid is not self._seen:
            self._expect_beat()

    # The choice of a beat

    def _choose(self) -> None:
        """Have the session follow the beat that counts now, if it differs from the one it follows."""
        now, transport = clock.now(), self._stage.session.transport
        for sentence in self._follower.said:
            self._stage.say(sentence)
        self._follower.said.clear()
        grid = self._best(now)
        if grid is None:
            if transport.source != PULSE:
                known = transport.grid
                self._follow(Grid(now, transport.beat_at(now), known.length, known.source, running=False))
        elif transport.source != grid.source or self._has_moved(grid, now):
            self._follow(grid)
        self._expect_beat()

    def _follow(self, grid: Grid) -> None:
        """Have the session keep to this beat."""
        self._stage.carry_out(Change("follow", (grid.beat, grid.length, grid.source, grid.running)), grid.at)

    def _has_moved(self, grid: Grid, now: float) -> bool:
        """Whether a grid differs so much from the one that is followed that it matters now."""
        transport = self._stage.session.transport
        off = abs(transport.beat_at(now) - grid.beat) * grid.length
        if off > _FAR:
            return True
        bent = abs(grid.length / transport.beat - 1.0) > _EVEN
        return now - transport.grid.at >= grid.length and (off > _NEAR or bent)

    def _best(self, now: float) -> Grid | None:
        settings, transport = self._stage.settings, self._stage.session.transport
        late = settings.offset / 1000.0
        sync = settings.sync
        grid: Grid | None = None
        if sync in (AUTO, CLOCK):
            grid = self._follower.grid(now, forever=sync == CLOCK)
        if grid is None and self._link is not None and (sync == LINK or (sync == AUTO and self._link.peers)):
            grid = self._link.grid(clock.now)
        if grid is not None:
            return grid._replace(beat=grid.beat - late / grid.length)
        if sync in (AUTO, OWN) and self._tapped is not None:
            return self._tapped._replace(at=now, beat=self._tapped.beat + (now - self._tapped.at) / self._tapped.length)
        if sync == OWN:
            return Grid(now, transport.beat_at(now), 60.0 / settings.tempo, OWN)
        return None

    def _ask_link(self) -> None:
        self._choose()
        self._at(clock.now() + _LINK_EVERY, self._ask_link)

    # Reports

    def _expect_beat(self) -> None:
        """Report the beat that has come, and set timers for the next beat and the next tick of our clock."""
        self._seen = self._stage.session.transport.grid
        self._tell_beat()
        self._keep_clock()

    def _tell_beat(self) -> None:
        """Report a beat, once: a clock's tick may come before our own timer rings for the same beat."""
        session = self._stage.session
        transport, soon = session.transport, clock.now() + _EARLY
        if not transport.running:
            return
        beat = math.floor(transport.beat_at(soon))
        if (transport.source, beat) != self._told and soon - transport.time_of(beat) < transport.beat * _LATE:
            self._told = transport.source, beat
            pulse, swing = session.performer.pulse, session.performer.timing.swing
            self._stage.output.tell("/livegen/out/beat", beat % transport.beats_per_bar + 1, beat)
            self._stage.output.tell_chord(session.player.changes.harmony(soon))
            self._stage.output.tell_spot(session.player.changes.spot(soon))
            self._stage.output.tell("/livegen/out/tempo", transport.tempo, pulse.confidence, swing, transport.source)
        self._at(transport.next_beat(soon), self._tell_beat)

    def _keep_clock(self) -> None:
        """Send the ticks that are due, and set a timer for the next."""
        if not self._stage.settings.send_clock:
            for message in self._sender.stop(clock.now()):
                self._stage.output.rig.send_clock(message)
            return
        self._tick()

    def _tick(self) -> None:
        for message in self._sender.due(self._stage.session.transport, clock.now()):
            self._stage.output.rig.send_clock(message)
        if self._sender.next is not None and self._stage.settings.send_clock:
            self._at(self._sender.next, self._tick)

    def _at(self, due: float, act: Callable[[], None]) -> None:
        """Act at that time, and no longer at the time for which this was last asked."""
        former = self._timers.pop(act, None)
        if former is not None:
            former.cancel()
        self._timers[act] = self._loop.call_at(due, self._ring, act)

    def _ring(self, act: Callable[[], None]) -> None:
        self._timers.pop(act, None)
        act()
