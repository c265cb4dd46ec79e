"""The beats and bar lines of a MIDI file, as another reader (mido) finds them, and so as a DAW shows them."""

from pathlib import Path
from typing import NamedTuple

import mido  # type: ignore[import-untyped]


class Ruler(NamedTuple):
    """Times in seconds from the file's beginning."""

    beats: list[float]
    bars: list[float]
    onsets: list[tuple[float, float]]  # of notes: seconds, and quarters from the last bar line


def ruler(path: Path) -> Ruler:
    """The ruler of a file up to its last message."""
    file = mido.MidiFile(path)
    messages: list[tuple[int, int, mido.Message]] = []
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            messages.append((tick, message.type == "note_on", message))
    messages.sort(key=lambda row: row[:2])
    last = messages[-1][0]
    tempi = [(tick, message.tempo) for tick, _, message in messages if message.type == "set_tempo"]
    metres = [
        (tick, file.ticks_per_beat * 4 * message.numerator // message.denominator)
        for tick, _, message in messages
        if message.type == "time_signature"
    ]

    def seconds(tick: float) -> float:
        total, since, tempo = 0.0, 0, 500_000
        for at, new in tempi:
            if at > tick:
                break
            total += mido.tick2second(at - since, file.ticks_per_beat, tempo)
            since, tempo = at, new
        return total + float(mido.tick2second(tick - since, file.ticks_per_beat, tempo))

    bars: list[int] = []
    for (start, length), (end, _) in zip(metres, [*metres[1:], (last + 1, 0)], strict=True):
        bars += range(start, end, length)
    beats = [tick for bar, after in zip(bars, [*bars[1:], last], strict=True) for tick in range(bar, after, 960)]
    onsets = [
        (seconds(tick), (tick - max((bar for bar in bars if bar <= tick), default=0)) / file.ticks_per_beat)
        for tick, _, message in messages
        if message.type == "note_on" and message.velocity
    ]
    return Ruler([seconds(tick) for tick in beats], [seconds(tick) for tick in bars], onsets)
