"""A written tune as a performer's part: at a steady tempo, its bars where a DAW has them."""

from livegen.events import Heard, NoteOff, NoteOn
from livegen.midi import smf
from livegen.midi.messages import encode
from livegen.midi.midifile import Conductor, Score, Track, metre_row
from livegen.midi.tempo_map import TempoMap
from livegen.tunes.tune import Tune


def score_of(tune: Tune, passed_over: tuple[str, ...] = ()) -> Score:
    """The tune at 120 quarter notes a minute; a pickup is at the end of the first bar."""
    tempo_map = TempoMap()
    begins = max(0.0, -tune.bars[0].at) if tune.bars else 0.0  # beats of the first bar before the pickup
    rows: list[smf.Row] = [(0, bytes((smf.META, smf.NAME)) + tune.name.encode("utf-8"))]
    events: list[Heard] = []
    edges = [(note.onset + note.duration, 0, note) for note in tune.notes]
    edges += [(note.onset, 1, note) for note in tune.notes]
    for beat, begun, note in sorted(edges, key=lambda edge: edge[:2]):
        tick = round((begins + beat) * tempo_map.division)
        at = tempo_map.seconds(tick)
        event = NoteOn(at, note.pitch, note.velocity) if begun else NoteOff(at, note.pitch)
        events.append(event)
        rows.append((tick, encode(event)))
    metres: list[tuple[float, str]] = []
    for bar in tune.bars:
        if bar.metre and _can_be_written(bar.metre) and (not metres or metres[-1][1] != bar.metre):
            metres.append((begins + bar.at, bar.metre))
    written = tuple(metre_row(round(beat * tempo_map.division), metre) for beat, metre in metres)
    track = Track(tune.name, tuple(rows))
    return Score(events, list(tune.notes), tuple(metres), Conductor(tempo_map, written), (track,), passed_over)


def _can_be_written(metre: str) -> bool:
    """Whether a MIDI file has a way to say it: the unit is a power of two."""
    over, _, under = metre.partition("/")
    return int(over) < 256 and int(under).bit_count() == 1 and int(under) <= 64
