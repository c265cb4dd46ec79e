"""Match files of pianists who do not exist."""

import random
from pathlib import Path

HEAD = "info(midiClockUnits,480).\ninfo(midiClockRate,500000).\nscoreprop(timeSignature,{metre},0:1,0,0.0000).\n"


def write(folder: Path, piece: str, pianist: int, metre: str = "4/4", notes: int = 40) -> Path:
    """A melody with a bass, played unevenly by a pianist of that number, whose playing is always the same."""
    draw = random.Random(pianist)
    lines, beat, tick = [HEAD.format(metre=metre)], 0.0, 960
    for index in range(notes):
        gap = random.Random(index).choice([0.5, 0.5, 1.0])
        pitch, on = 60 + index * 5 % 12, tick + draw.randint(-40, 40)
        length, velocity = int(960 * gap * draw.uniform(0.3, 1.0)), 70 + index % 8 + draw.randint(-12, 12)
        lines.append(note(f"n{index}", beat, gap, "v1,staff1", (pitch, on, on + length, velocity)))
        if index % 4 == 0:
            lines.append(note(f"b{index}", beat, gap, "v5,staff2", (pitch - 24, on + 20, on + length, velocity - 15)))
        beat, tick = beat + gap, tick + int(960 * gap)
    path = folder / f"{piece}_p{pianist:02d}.match"
    path.write_text("\n".join(lines), "utf-8")
    return path


def note(name: str, beat: float, gap: float, marks: str, played: tuple[int, int, int, int]) -> str:
    """One line: as written (beats), and as played (pitch, ticks, ticks, velocity)."""
    pitch, on, off, velocity = played
    written = f"snote({name},[C,n],4,1:1,0,1/4,{beat:.4f},{beat + gap:.4f},[{marks}])"
    return f"{written}-note({name},{pitch},{on},{off},{velocity},0,0)."
