"""The drums of a player: pads that it hears as rhythm, and the drummer who plays where drums are wanted."""

from livegen.errors import LivegenError
from livegen.events import Heard, NoteOn, Remark
from livegen.listening.zones import Zones
from livegen.music import drums, raga
from livegen.music.drums import CHANNEL
from livegen.music.ensemble import DRUMS
from livegen.player import modes
from livegen.player.arrangement import Surroundings
from livegen.player.drum_planner import DrumPlanner
from livegen.predictors import models
from livegen.predictors.drums import DrumModel
from livegen.predictors.protocol import Predictor

_ANSWERS = (modes.call_and_response, modes.continuation)  # modes in which a drummer is answered on drums


class DrumPart:
    """The drummer of one player, if its settings want one. ``first``: of several voices the first, which alone answers
    the performer's pads; others play drums only where they are told to. ``remarks`` are for the musician."""

    def __init__(self, around: Surroundings, zones: Zones, first: bool, seed: int) -> None:
        self._around = around
        self._zones = zones
        self._first = first
        self._model: DrumModel | None = None  # of the setting ``drums``
        self._read = ""  # the name by which it was sought
        self._own: DrumModel | None = None  # the player's model, if it is a drummer
        self.rhythm = around.rhythm
        self.planner = DrumPlanner(around, seed)
        self.remarks: list[Remark] = []

    def load(self, predictor: Predictor) -> None:
        """The player plays with this model from now on."""
        self._own = predictor.drummer
        self._around.performer.pads = CHANNEL if self._is_on else None

    @property
    def _is_on(self) -> bool:
        """Whether there are drums. A kit has no place in a raga, unless the model is a drummer."""
        settings = self._around.settings
        return self._own is not None or (settings.drums != drums.OFF and settings.raga == raga.OFF)

    def is_pad(self, channel: int) -> bool:
        """Whether what comes on a channel is of pads that are heard as rhythm."""
        return channel == CHANNEL and self._is_on and not self._zones.has_notes_on(CHANNEL)

    def is_stroke(self, event: Heard) -> bool:
        """Whether an event is of such a pad."""
        return event.channel == CHANNEL and self.is_pad(CHANNEL)

    @property
    def hears_pads(self) -> bool:
        """Whether the player hears them, and not another voice for it."""
        return self._first or self._plays_always

    def is_echo(self, event: Heard) -> bool:
        """Whether it is the drummer's own sound that comes back."""
        if event.channel != CHANNEL or not isinstance(event, NoteOn):
            return False
        return self.is_pad(CHANNEL) and self.rhythm.is_echo(event)

    def take_up(self, event: Heard) -> None:
        """Hear the performer's rhythm; where it is of pads, it has no pitch."""
        is_on = self._is_on
        pads = self._around.performer.pads = CHANNEL if is_on and not self._zones.has_notes_on(CHANNEL) else None
        if isinstance(event, NoteOn):  # by which a bass keeps time, too
            self.rhythm.hear_note(event, event.channel == pads)
            if is_on:
                self.planner.hear_onset(event.at)

    @property
    def _plays_always(self) -> bool:
        """Whether the player is a drummer, whatever it hears."""
        return self._own is not None or self._around.turns.mode is modes.accompany

    def is_wanted(self, at: float) -> bool:
        """Whether drums are to play now; they are then ready. A drummer that cannot be read is reported once."""
        answers = self._first and self._around.performer.on_pads and self._around.turns.mode in _ANSWERS
        if not self._is_on or not (self._plays_always or answers):
            return False
        if self._around.settings.part != DRUMS and self._around.turns.mode is modes.accompany:
            return False
        model = self._own or self._named(at)
        if model is None:
            return False
        self.planner.use(model)
        return True

    def _named(self, at: float) -> DrumModel | None:
        """The model of the setting ``drums``; None if it cannot be read."""
        name = self._around.settings.drums
        if name != self._read:
            self._read, self._model = name, None
            try:
                self._model = models.drummer(name)
            except LivegenError as error:
                self.remarks.append(Remark(at, f"{error} Meanwhile there are no drums."))
        return self._model
