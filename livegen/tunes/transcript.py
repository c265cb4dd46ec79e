"""A transcript of the notes that were played: two parts on a grid of sixteenths, as ABC.

A performance has no bar lines of its own: its first note is taken as a first beat, and its beat as steady. Of notes
that sound together the highest is written.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from livegen.events import Note
from livegen.tunes.abc_writer import Bar, Key, Sheet, Tone, write

PER_BEAT = 4  # sixteenths
SILENCE = 1.5  # seconds without a sound between two phrases
_WRITTEN = (16, 12, 8, 6, 4, 3, 2, 1)  # sixteenths that one note-head can last
_FIFTHS = ("Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B")
_MINORS = ("Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m")


def abc(parts: Mapping[str, Sequence[Note]], beat: float, title: str, metre: int = 4) -> str:
    """The parts as voices of one tune. Times in seconds; ``beat``: seconds of a quarter note; ``metre``: beats a bar.

    An empty part is left out. Raises ValueError when nothing was played.
    """
    played = {name: notes for name, notes in parts.items() if notes}
    if not played:
        raise ValueError("nothing was played yet")
    start = min(note.onset for notes in played.values() for note in notes)
    lines = {name: _line(notes, start, beat) for name, notes in played.items()}
    bar = metre * PER_BEAT
    length = -(-max(line[-1][0] + line[-1][1] for line in lines.values()) // bar) * bar
    key = find_key([note for notes in played.values() for note in notes])
    sheets = [
        Sheet(title, key, f"{metre}/4", [_bars(line, length, bar)], tempo=round(60 / beat), repeated=False)
        for line in lines.values()
    ]
    texts = [write(sheet) for sheet in sheets]
    if len(texts) == 1:
        return texts[0]
    music = [_divide(text)[1] for text in texts]
    voices = [f"V:{number} name={name}\n{music[number - 1]}" for number, name in enumerate(lines, 1)]
    return _divide(texts[0])[0] + "".join(voices)


def last_phrase(notes: Sequence[Note]) -> list[Note]:
    """The notes since the last silence of at least SILENCE seconds; ``notes`` by onset."""
    begin, ended = 0, float("-inf")
    for index, note in enumerate(notes):
        if note.onset - ended >= SILENCE:
            begin = index
        ended = max(ended, note.onset + note.duration)
    return list(notes[begin:])


def find_key(notes: Sequence[Note]) -> Key:
    """The key whose scale holds most of what sounds, and whose tonic sounds most; the last note counts for more."""
    weight = [0.0] * 12
    for note in notes:
        weight[note.pitch % 12] += min(note.duration, 2.0)
    last = max(notes, key=lambda note: note.onset).pitch % 12

    def held(name: str) -> tuple[float, float]:
        key = Key.parse(name)
        tonic = weight[key.tonic] + (0.5 * sum(weight) / 12 if key.tonic == last else 0.0)
        return round(sum(weight[pitch] for pitch in key.scale), 6), tonic - 0.001 * abs(key.fifths)

    return Key.parse(max((*_FIFTHS, *_MINORS), key=held))


def _line(notes: Sequence[Note], start: float, beat: float) -> list[tuple[int, int, int]]:
    """Onset, length and pitch of the highest notes, in sixteenths."""
    highest: dict[int, Note] = {}
    for note in notes:
        at = round((note.onset - start) / beat * PER_BEAT)
        if at not in highest or note.pitch > highest[at].pitch:
            highest[at] = note
    onsets = sorted(highest)
    line = []
    for at, after in zip(onsets, [*onsets[1:], None], strict=True):
        length = max(1, round(highest[at].duration / beat * PER_BEAT))
        if after is not None and (length > after - at or after - at - length <= length):
            length = after - at  # a note released a little early is written whole
        line.append((at, length, highest[at].pitch))
    return line


def _bars(line: Sequence[tuple[int, int, int]], length: int, bar: int) -> list[Bar]:
    tones: list[tuple[int | None, int]] = []
    at = 0
    for onset, lasts, pitch in line:
        if onset > at:
            tones.append((None, onset - at))
        tones.append((pitch, lasts))
        at = onset + lasts
    if at < length:
        tones.append((None, length - at))
    bars: list[list[Tone]] = [[]]
    left = bar
    for sounds, rest in tones:
        while rest:
            if not left:
                bars.append([])
                left = bar
            piece = next(size for size in _WRITTEN if size <= min(rest, left))
            rest, left = rest - piece, left - piece
            bars[-1].append(Tone(sounds, Fraction(piece, PER_BEAT), sounds is not None and rest > 0))
    return list(bars)


def _divide(text: str) -> tuple[str, str]:
    """The header, which ends with K:, and the music."""
    lines = text.splitlines(keepends=True)
    end = next(index for index, line in enumerate(lines) if line.startswith("K:")) + 1
    return "".join(lines[:end]), "".join(lines[end:])
