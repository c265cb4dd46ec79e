"""The parts of a band that accompanies: drums, bass and chords; the channel, keys and General MIDI program of each."""

from typing import NamedTuple

from livegen.music.drums import CHANNEL

DRUMS, BASS, CHORDS = PARTS = "drums", "bass", "chords"


class Role(NamedTuple):
    """The usual MIDI channel of a part, the lowest and the highest key that it plays, and its program (1 to 128)."""

    channel: int
    lowest: int
    highest: int
    program: int


ROLES = {
    DRUMS: Role(CHANNEL, 0, 127, 1),
    BASS: Role(2, 28, 55, 33),  # E1 to G3; an acoustic bass
    CHORDS: Role(3, 48, 79, 1),  # C3 to G5; a grand piano
}


def named(name: str) -> str:
    """The name, if it is a part's. Raises ValueError."""
    if name not in PARTS:
        raise ValueError("no such part")
    return name
