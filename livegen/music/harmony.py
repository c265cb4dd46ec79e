"""Harmonies under a melody, note for note: the notes of the scale that go with a note, by the harmony's name."""

from collections.abc import Set

from livegen.errors import SettingsError

HARMONIES = FITTING, THIRD, SIXTH, OCTAVE, TRIAD, MODEL = "fitting", "third", "sixth", "octave", "triad", "model"
TAKES = (
    "fitting: a third, sixth or fourth below, as your chord has it; third, sixth, octave, triad;"
    " or model: what the model hears with your note"
)
HARMONISED = TOP, EVERY = "top", "every"

# Steps of the scale below a note of the scale, and about as many semitones for a note outside it.
_BELOW = {THIRD: ((2, 3.5),), SIXTH: ((5, 8.5),), TRIAD: ((2, 3.5), (4, 7.0))}
_DEGREES = 7  # of the scale that these steps are for; in a scale with fewer notes the nearest note is taken


def named(text: str) -> str:
    """The setting ``harmony`` in its normal form. Raises SettingsError if it is not valid."""
    name = text.strip().lower().removesuffix("s")
    if name not in HARMONIES:
        raise SettingsError(f"There is no harmony {text!r:.40}; choose {', '.join(HARMONIES[:-1])} or {MODEL}.")
    return name


def harmonised(text: str) -> str:
    """The setting ``harmonises`` in its normal form. Raises SettingsError if it is not valid."""
    name = text.strip().lower()
    if name not in HARMONISED:
        raise SettingsError(f"harmonises cannot be {text!r:.40}; choose {TOP} or {EVERY}.")
    return name


def below(pitch: int, scale: Set[int], harmony: str) -> list[int]:
    """The pitches under ``pitch``, highest first, in a scale of pitch classes 0-11. The harmonies MODEL and
    FITTING count as a third.

    >>> below(64, {0, 2, 4, 5, 7, 9, 11}, "third"), below(67, {0, 2, 4, 5, 7, 9, 11}, "triad")
    ([60], [64, 60])
    """
    if harmony == OCTAVE:
        return [pitch - 12] if pitch >= 12 else []
    down = [lower for lower in range(pitch - 1, max(-1, pitch - 13), -1) if lower % 12 in scale]
    found = []
    for steps, semitones in _BELOW.get(harmony, _BELOW[THIRD]):
        if pitch % 12 in scale and len(scale) == _DEGREES:
            found += down[steps - 1 : steps]
        elif down:
            found.append(min(down, key=lambda lower: abs(pitch - semitones - lower)))
    return list(dict.fromkeys(found))
