"""Sends notes to the MIDI ports and over OSC, predictions and turns over OSC, and writes all of them to the journal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from livegen.errors import LivegenError, SettingsError
from livegen.events import Event, Gesture, Heard, NoteOff, NoteOn, Prediction, Remark, TurnChange
from livegen.journal.record import Journal, NoJournal
from livegen.live.absent import NoAnswerText, NoEndpoint, NoListeners, NoRig
from livegen.live.ahead import Ahead
from livegen.live.answer_text import AnswerText
from livegen.live.health import Health, Report
from livegen.midi.names import Ports
from livegen.midi.rig import Rig
from livegen.music.chord_symbol import NO_CHORD
from livegen.osc.endpoint import Endpoint
from livegen.osc.packets import Argument
from livegen.player.changes import Harmony, Spot
from livegen.session.any_session import AnySession
from livegen.session.thru import Thru
from livegen.settings import Settings
from livegen.system import clock, process
from livegen.web.listeners import Listeners

SIXTEENTHS = 4.0  # in a beat


@dataclass(frozen=True)
class Destinations:
    """The ways out: OSC targets, MIDI ports, the listeners of the page, and the text of the answers."""

    endpoint: Endpoint | NoEndpoint = field(default_factory=NoEndpoint)
    rig: Rig | NoRig = field(default_factory=NoRig)
    listeners: Listeners | NoListeners = field(default_factory=NoListeners)
    answer_text: AnswerText | NoAnswerText = field(default_factory=NoAnswerText)


class Output:
    """Sends the session's events and sentences, and measures how late the notes are."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal | NoJournal,
        say: Callable[[str], None],
        destinations: Destinations | None = None,
    ) -> None:
        to = destinations or Destinations()
        self.endpoint, self.rig, self.listeners = to.endpoint, to.rig, to.listeners
        self._answer_text = to.answer_text
        self.ahead = Ahead(self.rig)
        self._thru = Thru()
        self._mixing = False  # do the player's notes pass through ``_thru``?
        self.lateness = 0.0  # of the latest note since ``tell_lateness``, seconds
        self.health = Health()
        self._health: Report | None = None  # as last sent
        self._settings = settings
        self._journal = journal
        self._say = say
        self._trouble = ""
        self._chord: tuple[str, str, float] | None = None  # as last sent
        self._spot = Spot()  # as last sent
        self._ports: Ports | None = None  # as last sent

    def send(self, events: Iterable[Event]) -> None:
        """Send each event to where it belongs, in order; what was sent is journalled."""
        sent = []
        for event in events:
            if isinstance(event, Prediction):
                where = f"/livegen/out/voice/{event.voice}/next" if event.voice else "/livegen/out/next"
                self.tell(where, event.id, event.pitch, event.gap, event.velocity, event.duration)
                continue  # it is no event of the music
            elif isinstance(event, NoteOn) and not self._sound(event):
                self._journal.late(event)
                continue
            elif isinstance(event, NoteOff):
                if not self.ahead.ends(event):
                    self._send_note(event)
                self.tell("/livegen/out/off", event.id, event.pitch, event.channel)
            elif isinstance(event, Remark):
                self.tell_error(SettingsError(event.text))
            elif isinstance(event, TurnChange):
                self._tell_turn(event)
            sent.append(event)
        if sent:
            self._journal.sent(sent)
            self._answer_text.hear_events(sent)

    def hand_ahead(self, decided: Iterable[NoteOn]) -> None:
        """Have the notes that are decided sent when they are due, however busy livegen is then."""
        self.ahead.hand(() if self._settings.thru or self._thru else decided)

    def _tell_turn(self, turn: TurnChange) -> None:
        counted = (turn.bar, turn.bars) if turn.bars else ()
        if turn.voice:
            self.tell(f"/livegen/out/voice/{turn.voice}/turn", turn.who, *counted)
            return
        self.tell("/livegen/out/turn", turn.who, *counted)
        if turn.bar <= 1:
            self._say(process.TURNS[turn.who == "player"])

    def pass_on(self, event: Heard | Gesture) -> None:
        """Send what the performer plays, if ``thru`` is on. What was sent while it was on is ended in any case."""
        if self._settings.thru or self._thru:
            for out in self._thru.play(event, self._settings.thru):
                self.rig.send(out)

    def panic(self) -> None:
        """All notes off, whoever plays them."""
        self._thru.forget()
        self.rig.panic()

    def _send_note(self, event: NoteOn | NoteOff) -> None:
        if not (self._settings.thru or self._thru):
            if self._mixing:
                self._mixing = False
                self._thru.forget()  # otherwise it would wait for releases that no longer pass through it
            self.rig.send(event)
            return
        self._mixing = True
        for out in self._thru.mix(event):
            self.rig.send(out)

    def tell(self, address: str, *args: Argument) -> None:
        """Send one message to every OSC target, and to the page."""
        self.endpoint.send(address, *args)
        self.listeners.hear_message(address, args)

    def tell_heard(self, event: Event, port: str) -> None:
        """Tell the page what the performer plays, and through which MIDI port ("": over OSC)."""
        if isinstance(event, NoteOn | NoteOff):
            velocity = event.velocity if isinstance(event, NoteOn) else 0
            self.listeners.hear_message("/livegen/out/heard", (event.id, event.pitch, velocity, event.channel, port))

    def tell_ports(self) -> None:
        """Send which MIDI ports are open, if that has changed since it was last sent."""
        ports = self.rig.open_ports
        if ports is not None and ports != self._ports:
            self._ports = ports
            self.tell("/livegen/out/inputs", ", ".join(ports.inputs))
            self.tell("/livegen/out/outputs", ", ".join(ports.outputs))

    def tell_error(self, error: LivegenError) -> None:
        """Report a mistake over OSC each time it is made, and on the screen once in a row."""
        self.tell("/livegen/error", error.code, str(error))
        if str(error) != self._trouble:
            self._trouble = str(error)
            self._say(str(error))

    def tell_line(self) -> None:
        """Send and show the text of an answer, if one has ended."""
        if line := self._answer_text.line():
            self.tell("/livegen/out/line", line)
            self._say(line)

    def tell_chord(self, harmony: Harmony | None) -> None:
        """Send the chord now and the next one, if they are others than those last sent, or as certain by a tenth."""
        if harmony is None:
            return
        now, following = (
            NO_CHORD if chord is None else chord.name(harmony.key) for chord in (harmony.now, harmony.next)
        )
        said = now, following, round(harmony.certainty, 1)
        if said != self._chord:
            self._chord = said
            wait = -1.0 if harmony.wait is None else harmony.wait
            self.tell("/livegen/out/chord", now, following, harmony.certainty, wait)

    def tell_spot(self, spot: Spot) -> None:
        """Send the place in the chart, if it is another than the one last sent."""
        if spot != self._spot:
            self._spot = spot
            self.tell("/livegen/out/bar", *spot)

    def tell_lateness(self) -> None:
        """Send how late the latest note was since this was last called, in milliseconds."""
        self._take_lates()
        if self.lateness:
            self.tell("/livegen/out/lateness", self.lateness * 1000.0)
            self.lateness = 0.0

    def tell_health(self, trouble: bool) -> None:
        """Send the numbers of how things stand, unless they are those last sent; ``trouble`` is the journal's."""
        self._take_lates()
        ports = self.rig.open_ports
        inputs, outputs = (len(ports.inputs), len(ports.outputs)) if ports is not None else (0, 0)
        report = self.health.report(inputs, outputs, self.rig.dropped, trouble)
        if report != self._health:
            self._health = report
            self.tell("/livegen/out/health", *report)

    def tell_decisions(self, voices: Iterable[AnySession]) -> None:
        """Count how long ago the notes that were just sent were decided."""
        for voice in voices:
            while voice.player.decisions:
                at, beats = voice.player.decisions.popleft()
                self.health.hear_decision(at, SIXTEENTHS * beats)

    def _sound(self, on: NoteOn) -> bool:
        """Send a note, unless it is out already, or too late. Its note-off is sent all the same, and does no harm."""
        if self.ahead.takes(on):
            self.health.hear_note(None, True, on.at)
        else:
            late = clock.now() - on.at
            self.lateness = max(self.lateness, late)
            in_time = late <= self._settings.late
            self.health.hear_note(late, in_time, on.at)
            if not in_time:
                return False
            self._send_note(on)
        self.tell("/livegen/out/note", on.id, on.pitch, on.velocity, on.duration, on.channel)
        return True

    def _take_lates(self) -> None:
        """Take up how late the notes were that were handed over."""
        for _, late in self.rig.take_lates():
            self.lateness = max(self.lateness, late)
            self.health.hear_lateness(late)
