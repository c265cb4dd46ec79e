"""The first pitch of an answer that is to take up the performer's phrase. Pure."""

from collections.abc import Iterable, Sequence

CALL = 12  # notes of a phrase that the first pitch of its answer is fitted to
_FEW = 3  # of which fewer have no shape
_USED = 0.02  # share of the performer's notes from which on a pitch class is one that they use
_AWAY = 7  # semitones from the note drawn to one that fits better


def first_pitch(drawn: int, call: Sequence[int], heard: Sequence[int], allowed: Iterable[int]) -> int:
    """The pitch near the one ``drawn`` from which the intervals of the ``call`` lead to the fewest pitch classes that
    the performer does not use.

    It is one of the ``allowed`` pitches; ``heard`` counts the performer's pitch classes.
    """
    if len(call) < _FEW:
        return drawn
    used = [count >= _USED * sum(heard) for count in heard]

    def strange(pitch: int) -> int:
        return sum(not used[(pitch + note - call[0]) % 12] for note in call)

    near = [pitch for pitch in allowed if abs(pitch - drawn) <= _AWAY]
    return min(near, key=lambda pitch: (strange(pitch), abs(pitch - drawn)), default=drawn)
