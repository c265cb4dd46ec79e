"""A silent copy of a session. It plays the next note and sends nothing, so that the caches are warm when a real note
comes."""

from livegen.beat.transport import OWN, Grid
from livegen.events import ALL_NOTES_OFF, ControlChange, Event, NoteOff, NoteOn
from livegen.player import modes
from livegen.player.line import Line, Plan
from livegen.player.modes import Situation, Turn
from livegen.predictors.protocol import detached
from livegen.session.any_session import AnySession
from livegen.session.session import Session
from livegen.settings import Settings

_GAP = 0.15  # seconds from one note to the next: so short that the phrase never ends
_VELOCITY = 80


class DryRun:
    """A second session with the model and settings of the first, at its place in the music. Its time and its random
    numbers are its own, and nothing that it does changes the first."""

    def __init__(self, session: AnySession) -> None:
        self._original = session
        self._own = own = Session(session.predictor, session.settings)
        own.player.history.length = 0
        own.player.turns.mode = _listens
        own.follow(Grid(0.0, 0.0, 0.5, OWN))  # its own beat is not worth finding

    def hear_note(self) -> list[Event]:
        """Hear a note, and return the events that would be sent."""
        own, pitch = self._own, self._take_place().next_pitch
        # Above the zone of the left hand, whose keys are no melody.
        pitch, channel = max(pitch, own.settings.zone), own.settings.channel_in or 1
        return own.receive(NoteOn(own.now + _GAP / 2, pitch, _VELOCITY, channel))

    def hear_release(self) -> None:
        """Hear that the last note is released."""
        own = self._own
        for pitch, channel in list(own.performer.held):
            own.receive(NoteOff(own.now + _GAP / 2, pitch, channel))
        for _, channel in list(own.performer.held):  # struck more than once
            own.receive(ControlChange(own.now, ALL_NOTES_OFF, 0, channel))

    def play_note(self) -> list[Event]:
        """Sound a note and end it, without the model, and return the events that would be sent."""
        own, line = self._own, self._take_place()
        at, planner = own.now + _GAP, own.player.planner
        planner.plan = Plan(at, ((line.next_pitch, _VELOCITY),), _GAP / 2, line, ())
        out = own.advance(at, promptly=True)
        planner.drop()
        return out + own.advance(at + _GAP / 2)

    def _take_place(self) -> Line:
        """Take over the place of the first session: the line that was heard there."""
        line = self._original.player.progress.heard
        line = line._replace(state=detached(line.state), onset=self._own.performer.onset)
        self._own.player.take_over(line, self._original.predictor)
        return line


def _listens(situation: Situation, settings: Settings) -> Turn:
    return modes.call_and_response(situation, settings)._replace(play=False)
