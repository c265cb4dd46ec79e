"""The usual tempo: which tempi the pulse has heard so far, and how much each, carried from phrase to phrase."""

import math

from livegen.beat.hypotheses import Row

_SHORTEST = 0.18  # seconds a beat, of the first bin
_OCTAVE = 12  # bins
_BINS = 48
_WIDTH = math.log(2.0) / _OCTAVE
_LONGEST = 0.99  # how much of what was heard is kept from one onset to the next, at most
_NEAR, _LEVEL = 0.5, 0.3  # how much the bins beside one count for it, and those of half and twice the tempo
_UNHEARD = 0.02  # the share that is granted to a tempo that was never heard

Shares = tuple[float, ...]  # of the evidence, by bin; empty before anything is heard


def bin_of(length: float) -> int:
    """The bin of a beat's length (seconds)."""
    found = int(math.log(length / _SHORTEST) / _WIDTH)
    return 0 if found < 0 else found if found < _BINS else _BINS - 1


def heard(shares: Shares, rows: list[Row], count: int) -> Shares:
    """The shares after the onset number ``count``, which left these hypotheses."""
    now = [0.0] * _BINS
    for row in rows:
        now[bin_of(row[1])] += math.exp(row[0])
    whole = sum(now)
    if not shares:
        return tuple([each / whole for each in now])
    keep = min(_LONGEST, count / (count + 1))
    gain = (1.0 - keep) / whole
    return tuple([keep * former + gain * each for former, each in zip(shares, now, strict=True)])


def familiar(shares: Shares) -> list[float]:
    """By bin, the logarithm of how much that tempo was heard, with those near it, half and twice of it."""
    edged = [0.0, *shares, 0.0]
    near = [edged[at + 1] + _NEAR * (edged[at] + edged[at + 2]) for at in range(_BINS)]
    padded = [0.0] * _OCTAVE + near + [0.0] * _OCTAVE
    return [math.log(near[at] + _LEVEL * (padded[at] + padded[at + 2 * _OCTAVE]) + _UNHEARD) for at in range(_BINS)]
