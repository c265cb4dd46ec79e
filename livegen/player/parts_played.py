"""The parts that a player has beside its melody and its drums: the bass, and the chords."""

from livegen.music import raga
from livegen.music.ensemble import BASS, CHORDS
from livegen.player import modes
from livegen.player.arrangement import Surroundings
from livegen.player.bass_part import BassPart
from livegen.player.changes import Changes
from livegen.player.chord_part import ChordPart
from livegen.player.part_planner import Part, PartPlanner
from livegen.settings import Settings

_PARTS: dict[str, tuple[type[Part], int]] = {BASS: (BassPart, 0x42415353), CHORDS: (ChordPart, 0x43485244)}


class PartsPlayed:
    """Has the planner of the part that the settings want."""

    def __init__(self, around: Surroundings, changes: Changes, seed: int) -> None:
        self._around = around
        self._changes = changes
        self._seed = seed
        self._made: dict[str, PartPlanner] = {}

    def hear_onset(self, at: float) -> None:
        """The performer plays: what is decided may have to be moved."""
        for planner in self._made.values():
            planner.hear_onset(at)

    def wanted(self) -> PartPlanner | None:
        """The planner of the part that is to be played now; None: drums or a melody. Ragas know no chords."""
        settings = self._around.settings
        if not plays(settings) or self._around.turns.mode is not modes.accompany or settings.raga != raga.OFF:
            return None
        if settings.part not in self._made:
            part, number = _PARTS[settings.part]
            self._made[settings.part] = PartPlanner(part(), self._around, self._changes, self._seed ^ number)
        return self._made[settings.part]


def plays(settings: Settings) -> bool:
    """Whether the part that is set is bass or chords."""
    return settings.part in _PARTS
