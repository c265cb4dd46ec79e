"""The letters of the notes in semitones, and the one spelling in which a musician reads a pitch: 60 is C4."""

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}  # of the letters, above C
PITCH_CLASSES = tuple("C Db D Eb E F F# G Ab A Bb B".split())  # the names of the pitch classes, from C


def pitch_name(pitch: int) -> str:
    """The name of a MIDI pitch, with its octave.

    >>> pitch_name(60), pitch_name(61), pitch_name(0)
    ('C4', 'Db4', 'C-1')
    """
    return f"{PITCH_CLASSES[pitch % 12]}{pitch // 12 - 1}"
