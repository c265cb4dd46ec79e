"""Draws a phrase and livegen's answer as a piano roll that plays: `python examples/picture.py docs/answer.svg`."""

import sys
from pathlib import Path

from livegen.events import Heard, Note, NoteOff, NoteOn, pair
from livegen.predictors import models
from livegen.render import run
from livegen.session.session import Session
from livegen.settings import Settings

# Pitches and lengths in eighths: a phrase in A, as a jig might have it.
PHRASE = [(69, 1), (71, 1), (73, 1), (74, 1), (76, 1), (78, 1), (76, 1), (74, 1), (73, 1), (74, 1), (71, 1), (69, 3)]
EIGHTH = 0.2  # seconds
WIDTH, HEIGHT, LEFT, TOP = 960, 300, 16, 36


def performer() -> list[Heard]:
    """The phrase as note-ons and note-offs."""
    events: list[Heard] = []
    at = 0.0
    for pitch, eighths in PHRASE:
        events += [NoteOn(at, pitch, 92), NoteOff(at + eighths * EIGHTH * 0.85, pitch)]
        at += eighths * EIGHTH
    return events


def draw(heard: list[Note], played: list[Note]) -> str:
    """The two parts as an SVG picture: each note lights up when it sounds, and all begins again at the end."""
    notes = [*heard, *played]
    end = max(note.onset + note.duration for note in notes)
    low, high = min(note.pitch for note in notes) - 1, max(note.pitch for note in notes) + 1
    x = (WIDTH - 2 * LEFT) / end
    y = (HEIGHT - TOP - 16) / (high - low)
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        'font-family="sans-serif" font-size="15">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#14171c"/>',
        '<text x="16" y="24" fill="#ffb347">you</text><text x="60" y="24" fill="#46d9e8">livegen</text>',
    ]
    for part, colour in ((heard, "#ffb347"), (played, "#46d9e8")):
        for note in part:
            left, top = LEFT + note.onset * x, TOP + (high - note.pitch) * y
            size = f'width="{max(3.0, note.duration * x - 1):.1f}" height="{max(3.0, y - 1):.1f}"'
            place = f'x="{left:.1f}" y="{top:.1f}" {size} rx="2" fill="{colour}"'
            rows.append(f"<rect {place}>{_lit(note.onset, end)}</rect>")
    return "\n".join([*rows, "</svg>", ""])


def _lit(onset: float, end: float) -> str:
    """Dim until it sounds; one second of rest before all begins again."""
    lasts = end + 1.0
    times = f'keyTimes="0;{max(0.001, onset / lasts):.3f}" dur="{lasts:.2f}s"'
    return f'<animate attributeName="opacity" values=".25;1" {times} calcMode="discrete" repeatCount="indefinite"/>'


def main(target: Path) -> None:
    """Draw the answer of the shipped model."""
    session = Session(models.load("folk"), Settings(), seed=7)
    played = [event for event in run(session, performer(), 12.0) if isinstance(event, NoteOn | NoteOff)]
    target.write_text(draw(pair(performer()), pair(played)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
