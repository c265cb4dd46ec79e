"""The understudy of a session: it rehearses what the session may have to do next, and nobody hears it."""

from livegen.beat.transport import OWN, Grid
from livegen.events import Event, NoteOff, NoteOn
from livegen.player import modes
from livegen.player.line import Plan
from livegen.player.modes import Situation, Turn
from livegen.predictors.protocol import detached
from livegen.session.session import Session
from livegen.settings import Settings

_GAP = 0.15  # seconds from one note to the next: so short that the phrase never ends
_VELOCITY = 80


class DryRun(Session):
    """A session with another's model and settings, at its place in the music; its time and its dice are its own."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.predictor, session.settings)
        self.history.length = 0
        self._stands_for = session
        self._turns.mode = _listens
        self.follow(Grid(0.0, 0.0, 0.5, OWN))  # its own beat is not worth finding

    def hear_note(self) -> list[Event]:
        """Hear a note; what would be sent. The session does not change."""
        # Above the zone of the left hand, whose keys are no melody.
        pitch, channel = max(self._take_place(), self.settings.zone), self.settings.channel_in or 1
        return self.receive(NoteOn(self.now + _GAP / 2, pitch, _VELOCITY, channel))

    def hear_release(self) -> None:
        """Hear that the last note is released. The session does not change."""
        for pitch, channel in list(self.performer.held):
            self.receive(NoteOff(self.now + _GAP / 2, pitch, channel))

    def play_note(self) -> list[Event]:
        """Sound a note and end it, without asking the model; what would be sent. The session does not change."""
        pitch, at = self._take_place(), self.now + _GAP
        self._plan = Plan(at, ((pitch, _VELOCITY),), _GAP / 2, self._line, ())
        out = self.advance(at, promptly=True)
        self._prepare_at = None
        return out + self.advance(at + _GAP / 2)

    def _take_place(self) -> int:
        """Stand where the session stands; the pitch that is expected there."""
        self._composer.predictor = self._stands_for.predictor
        line = self._stands_for._heard
        self._heard = self._line = line._replace(state=detached(line.state), onset=self.performer.onset)
        return line.next_pitch


def _listens(situation: Situation, settings: Settings) -> Turn:
    return modes.call_and_response(situation, settings)._replace(play=False)
