"""Piano rolls as SVG: calls grey, livegen's answers in colour, over the true beats."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.musicality.exchange import DUET, HARMONISE, Exchange
from livegen.events import Note

WIDTH, HEIGHT, MARGIN, TOP = 1400, 420, 44, 40
CALL, ANSWER, LINE, BAR, TEXT = "#8a8f98", "#d9480f", "#ececec", "#bdbdbd", "#333333"
SHOWN = 2  # exchanges in a roll
LONGEST = 32.0  # seconds of a roll where both play together


def draw(exchanges: Sequence[Exchange]) -> str:
    """The first exchanges of a performer as one roll."""
    shown = exchanges[:SHOWN]
    first = shown[0]
    start = first.call[0].onset - 0.5
    end = shown[-1].until
    if first.setting in (DUET, HARMONISE):
        end = min(first.call[-1].onset + 4.0, start + LONGEST)
    calls, answers = ([n for e in shown for n in notes(e) if n.onset < end] for notes in (_call, _sounded))
    pitches = [note.pitch for note in (*calls, *answers)]
    frame = _Frame(start, end, min(pitches) - 2, max(pitches) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_grid(frame, first),
        *(frame.note(note, CALL) for note in calls),
        *(frame.note(note, ANSWER) for note in answers),
        f'<text x="{MARGIN}" y="24" font-size="15" fill="{TEXT}">{escape(_title(first))}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def write(folder: Path, rolls: Iterable[Sequence[Exchange]]) -> list[Path]:
    """One file for each; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, exchanges in enumerate(rolls, 1):
        first = exchanges[0]
        path = folder / f"{number:02}-{first.performer.kind.replace(' ', '-')}-{first.setting}.svg"
        path.write_text(draw(exchanges), "utf-8")
        paths.append(path)
    return paths


class _Frame:
    """From seconds and pitches to places in the picture."""

    def __init__(self, start: float, end: float, lowest: int, highest: int) -> None:
        self.start, self.end, self.lowest, self.highest = start, end, lowest, highest
        self._row = (HEIGHT - TOP - MARGIN) / (highest - lowest + 1)

    def x(self, at: float) -> float:
        """Pixels from the left."""
        share = (min(self.end, max(self.start, at)) - self.start) / (self.end - self.start)
        return MARGIN + share * (WIDTH - 2 * MARGIN)

    def y(self, pitch: int) -> float:
        """Pixels from the top to a pitch's row."""
        return TOP + (self.highest - pitch) * self._row

    def note(self, note: Note, colour: str) -> str:
        """A note as a bar; louder ones are darker."""
        left, right = self.x(note.onset), self.x(note.onset + note.duration)
        opacity = 0.35 + 0.65 * note.velocity / 127
        return (
            f'<rect x="{left:.1f}" y="{self.y(note.pitch):.1f}" width="{max(1.5, right - left):.1f}"'
            f' height="{self._row:.1f}" fill="{colour}" fill-opacity="{opacity:.2f}"/>'
        )


def _grid(frame: _Frame, exchange: Exchange) -> Iterable[str]:
    """A line for each beat, a stronger one for each bar of the session's first, and the C of each octave."""
    grid, bottom = exchange.grid, HEIGHT - MARGIN
    beat = int(grid.beat(frame.start)) + 1
    while (at := grid.at(beat)) < frame.end:
        strong = abs(beat % grid.bar) < 1e-6
        x = frame.x(at)
        yield f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="{BAR if strong else LINE}"/>'
        if strong:
            yield f'<text x="{x:.1f}" y="{bottom + 16}" font-size="11" fill="{TEXT}">{at:.1f} s</text>'
        beat += 1
    for pitch in range(frame.lowest, frame.highest + 1):
        if pitch % 12 == 0:
            yield f'<text x="8" y="{frame.y(pitch) + 8:.1f}" font-size="11" fill="{TEXT}">C{pitch // 12 - 1}</text>'


def _title(exchange: Exchange) -> str:
    name = exchange.performer.name.replace("_", " ")
    return f"{exchange.performer.kind}: {name} ({exchange.setting}); grey: the call, colour: livegen"


def _call(exchange: Exchange) -> tuple[Note, ...]:
    return exchange.call


def _sounded(exchange: Exchange) -> tuple[Note, ...]:
    return exchange.sounded
