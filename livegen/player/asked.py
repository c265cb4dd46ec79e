"""The words of the performer about turns: your turn, finish your phrase, another answer. Pure."""

from livegen.beat.transport import BAR, BEAT, PEDAL
from livegen.errors import SettingsError
from livegen.events import ControlChange
from livegen.settings import Settings

REPLY, STOP, AGAIN = "reply", "stop", "again"
FILL = "fill"  # a word to the drummer
NOW = "now"
WHENS = (NOW, BEAT, BAR)  # where an answer that was asked for begins
_DOWN = 64  # and above, as MIDI 1.0 has it for pedals


class Asked:
    """The state of what the performer asked for, until it is out of date. Times are seconds."""

    def __init__(self, settings: Settings) -> None:
        self.answer: float | None = None  # when they said that it is the player's turn; None once they play
        self.when = ""  # where that answer begins: one of WHENS, or as the setting ``begin`` says
        self.ends: float | None = None  # when the player is to be silent, until the performer's next phrase
        self.call: float | None = None  # when they began to play after the latest answer
        self.is_answered = False  # what they played
        self.is_second = False  # the answer that they asked for, after one that was given already
        self._pedal = False  # whether the pedal that says it is down
        self._settings = settings

    def forget(self) -> None:
        """As if nothing had been asked for."""
        self.answer = self.ends = self.call = None
        self.when, self.is_answered, self.is_second = "", False, False

    def check(self, when: str) -> None:
        """Raises SettingsError if an answer cannot begin then."""
        if when and when not in WHENS:
            raise SettingsError(f"An answer begins {NOW}, or on the next {BEAT} or {BAR}; not {when!r:.40}.")

    def ask(self, at: float, when: str) -> None:
        """The performer asks for an answer."""
        self.answer, self.when, self.ends, self.is_second = at, when, None, self.is_answered

    def hear_note(self, at: float, begins: bool) -> None:
        """The performer plays; the note ``begins`` a phrase or not."""
        if self.call is None or self.is_answered:
            self.call, self.is_answered = at, False
        self.answer, self.when, self.is_second = None, "", False
        if begins:
            self.ends = None

    def begin_answer(self) -> None:
        """The player's turn begins: what the performer plays from now on is another call."""
        self.is_answered = True

    def is_pressed(self, event: ControlChange) -> bool:
        """Whether the event presses the pedal that says whose turn it is."""
        if self._settings.turn != PEDAL or event.control != self._settings.turn_pedal:
            return False
        was, self._pedal = self._pedal, event.value >= _DOWN
        return self._pedal and not was
