"""Rhythms: the places in a beat where notes fall, and how likely each gap is from each. Parts are twelfths of a beat.

The figures are set by hand, after melodies: from a beat the next note may be anywhere, from between the beats it is
mostly the next beat. A gap that is not listed is unlikely, never impossible.
"""

import math

PARTS = 12
LONGEST = 96  # parts: longer gaps count as this one
_RARE = math.exp(-7.0)

# Places where notes may fall: in beats that divide in two (now and then in three), and in beats that divide in three.
PLACES = ((0, 6, 3, 9, 4, 8), (0, 4, 8, 2, 6, 10))
# From a place: gap in parts -> probability.
_TWO = {
    0: {12: 0.42, 6: 0.38, 24: 0.06, 18: 0.03, 3: 0.03, 9: 0.015, 4: 0.015, 36: 0.012, 48: 0.008}
    | {8: 0.004, 30: 0.003, 60: 0.003, 72: 0.002, 96: 0.002},
    6: {6: 0.87, 3: 0.04, 12: 0.04, 18: 0.02, 9: 0.006, 24: 0.004, 30: 0.004, 4: 0.002, 8: 0.002, 42: 0.002},
    3: {3: 0.66, 9: 0.28, 6: 0.04, 15: 0.01},
    9: {3: 0.9, 6: 0.03, 9: 0.02, 15: 0.02, 27: 0.005},
    4: {4: 0.95, 8: 0.04, 20: 0.005},
    8: {4: 0.95, 8: 0.02, 16: 0.02},
}
_THREE = {
    0: {
        4: 0.55,
        8: 0.31,
        12: 0.09,
        20: 0.015,
        2: 0.01,
        6: 0.008,
        24: 0.008,
        16: 0.005,
        36: 0.003,
        48: 0.003,
        10: 0.002,
    },
    4: {4: 0.85, 8: 0.05, 2: 0.015, 12: 0.006, 16: 0.004, 20: 0.002},
    8: {4: 0.85, 8: 0.05, 2: 0.03, 12: 0.01, 16: 0.006, 20: 0.002, 28: 0.001},
    2: {2: 0.93, 6: 0.03, 10: 0.03},
    6: {2: 0.9, 6: 0.06, 4: 0.01, 18: 0.01},
    10: {2: 0.95, 4: 0.01, 14: 0.02},
}


def _logs(kind: dict[int, dict[int, float]]) -> list[list[float]]:
    """The logarithm of the probability of each gap from each place; never of gap 0, which is no gap."""
    rows = [[math.log(kind.get(place, {}).get(gap, _RARE)) for gap in range(LONGEST + 1)] for place in range(PARTS)]
    for row in rows:
        row[0] = -99.0
    return rows


LIKELY = (_logs(_TWO), _logs(_THREE))  # by kind of beat, place and gap
