"""A pianist's phrase for two hands, as events."""

from collections.abc import Sequence

from livegen.events import Heard, NoteOff, NoteOn

MELODY = (76, 74, 72, 74, 76, 76, 76, 74, 74, 74, 76, 79, 79, 76, 74, 72)
BASS, CHORD = 36, (48, 52, 55)


def stride(
    bars: int = 4, beat: float = 0.5, start: float = 0.0, melody: Sequence[int] = MELODY, left: bool = True
) -> list[Heard]:
    """A note of the melody on each beat; under it a bass note and a chord in turn."""
    events: list[Heard] = []
    for number in range(4 * bars):
        at = start + number * beat
        under = ((BASS,) if number % 2 == 0 else CHORD) if left else ()
        for pitch, velocity in ((melody[number % len(melody)], 90), *((pitch, 60) for pitch in under)):
            events += [NoteOn(at, pitch, velocity), NoteOff(at + 0.9 * beat, pitch)]
    return sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))
