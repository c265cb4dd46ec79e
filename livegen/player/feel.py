"""The feel of an accompaniment: what the style, the chart and the performer's swing ask of bass and chords."""

from livegen.charts.chart import Chart
from livegen.listening.timing import Timing
from livegen.music import drums

PLAIN, SWING, BALLAD, BOSSA, DRIVE = "plain", "swing", "ballad", "bossa", "drive"
FEELS = (PLAIN, SWING, BALLAD, BOSSA, DRIVE)
# A drummer's style, or a chart's, by the first of these words that is in its name.
_WORDS = {
    "bossa": BOSSA, "samba": BOSSA, "latin": BOSSA, "afrocuban": BOSSA, "ballad": BALLAD, "slow": BALLAD,
    "swing": SWING, "jazz": SWING, "blues": SWING, "bop": SWING, "neworleans": SWING, "rock": DRIVE, "punk": DRIVE,
    "funk": DRIVE, "dance": DRIVE, "soul": DRIVE,
}  # fmt: skip
_SLOW = 72.0  # beats a minute below which straight playing is a ballad
_DEEP, _FAST, _SLOWEST, _QUICKEST = 0.66, 0.54, 120.0, 280.0  # a swing's long share, from such a tempo to such a one


def feel_of(style: str, chart: Chart | None, timing: Timing, tempo: float) -> str:
    """One of FEELS: of the style that is set, the chart's, or as the performer plays (``tempo`` in beats a minute)."""
    said = style if style != drums.ANY else "" if chart is None else chart.style.lower()
    for word, feel in _WORDS.items():
        if word in said:
            return feel
    if said:
        return PLAIN
    if timing.swing > 0.5:
        return SWING
    return BALLAD if tempo < _SLOW else PLAIN


def usual_swing(feel: str, tempo: float) -> float:
    """The share of a beat that the first of two eighths takes, where the performer has not shown it: the faster, the
    straighter (Friberg and Sundström 2002)."""
    if feel != SWING:
        return 0.5
    along = min(1.0, max(0.0, (tempo - _SLOWEST) / (_QUICKEST - _SLOWEST)))
    return _DEEP + (_FAST - _DEEP) * along
