"""The fourteen criteria of a bandleader, each a function of an exchange; None where it does not apply.

Where a definition leaves something open, the docstring says what was chosen and why. Times are compared with the true
beats, not with those livegen hears. Drummers are judged by criterion 13, and by 1 to 3 and 14 where they were answered.
"""

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from benchmarks.musicality import harmony, lines
from benchmarks.musicality.exchange import CALLS, Exchange
from benchmarks.musicality.performance import DRUMS, share_on_eighths

Criterion = Callable[[Exchange], float | None]

EARLY = 0.5  # beats before the last note's release: an entry sooner than that cuts the note off
ON_BEAT = 0.15  # beats
LONG = 1.4  # times the median gap
USED = 0.02  # share of the performer's notes from which on a pitch class is one that they use
FEW = 4  # notes: fewer have no rhythm and no motifs


def broken_into(exchange: Exchange) -> float | None:
    """Whether livegen began a note while the call was not over.

    A call is over when its last note has begun and at most half a beat of it is left: real musicians overlap a little.
    """
    if exchange.performer.drums and not exchange.sounded:
        return None
    beat = exchange.grid.length(exchange.released)
    over = max(exchange.call[-1].onset, exchange.released - EARLY * beat)
    return float(any(note.onset < over for note in exchange.sounded))


def comes_in(exchange: Exchange) -> float | None:
    """Beats from the release of the call's last note to the answer's first.

    A call without an answer counts with all the time there was, or silence would be the surest way to a good figure.
    An entry before the release counts as half a beat early at the most: criterion 1 counts it already.
    """
    if exchange.performer.drums and not exchange.answer:
        return None
    entry = exchange.answer[0].onset if exchange.answer else max(exchange.until, exchange.released)
    return max(-EARLY, exchange.grid.beat(entry) - exchange.grid.beat(exchange.released))


def on_half_beats(exchange: Exchange) -> float | None:
    """Whether the answer begins within 0.12 beats of a beat or of the performer's half beat (chance 0.48).

    Only where the performer plays to a steady beat. The half beat of one who swings is later, and a dotted beat has
    thirds (then within 0.08 beats, which leaves chance as it is).
    """
    if not exchange.performer.metred or not exchange.answer:
        return None
    return share_on_eighths([exchange.answer[0].onset], exchange.grid)


def on_eighths(exchange: Exchange) -> float | None:
    """The share of the answer's onsets on the eighths, over the same of the call; only where a beat is kept."""
    if not exchange.performer.metred or not exchange.answer:
        return None
    own, theirs = (
        share_on_eighths([chord[0].onset for chord in lines.struck(notes)], exchange.grid)
        for notes in (exchange.answer, exchange.call)
    )
    return own / theirs if theirs else None


def among_my_pitches(exchange: Exchange) -> float | None:
    """The share of the answer's notes whose pitch class is one in fifty or more of the notes in all the calls.

    All, not those so far: a first call of eight notes says too little of what its performer's notes are.
    """
    if exchange.performer.drums or not exchange.answer:
        return None
    calls = exchange.performer.units[: 2 * CALLS : 2]
    used = Counter(note.pitch % 12 for unit in calls for note in unit.notes)
    classes = {pitch for pitch, count in used.items() if count >= USED * used.total()}
    return _share(note.pitch % 12 in classes for note in exchange.answer)


def rhythm_bits(exchange: Exchange) -> float | None:
    """Bits of the answer's note values: how much there is to its rhythm."""
    if exchange.performer.drums or len(lines.struck(exchange.answer)) <= FEW:
        return None
    return lines.value_bits(exchange.answer, exchange.grid)


def breathes(exchange: Exchange) -> float | None:
    """Rests of half a beat and longer in eight beats of the answer, its first onset to its last release."""
    if exchange.performer.drums or len(exchange.answer) < 2:
        return None
    grid = exchange.grid
    end = max(grid.beat(note.onset + note.duration) for note in exchange.answer)
    beats = end - grid.beat(exchange.answer[0].onset)
    return 8.0 * lines.rests(exchange.answer, grid) / max(1.0, beats)


def ends(exchange: Exchange) -> float | None:
    """The mean of three: the last note is degree 1, 3 or 5; 1.4 times as long as the median gap; on the beat.

    On the beat is within 0.15 beats (chance 0.30), and is judged only where the performer keeps a beat.
    """
    line = lines.top_line(exchange.answer)
    if exchange.performer.drums or len(line) < FEW:
        return None
    last = line[-1]
    signs = [last.pitch % 12 in harmony.stable(exchange.key)]
    start, end = (exchange.grid.beat(at) for at in (last.onset, last.onset + last.duration))
    signs.append(end - start >= LONG * float(np.median(lines.gaps(exchange.answer, exchange.grid))))
    if exchange.performer.metred:
        signs.append(exchange.grid.off_beat(last.onset) <= ON_BEAT)
    return _share(signs)


def takes_up(exchange: Exchange) -> float | None:
    """The share of the answer's motifs (three intervals of its top line) that are in the call."""
    own, theirs = lines.motifs(exchange.answer), set(lines.motifs(exchange.call))
    if exchange.performer.drums or not own or not theirs:
        return None
    return _share(motif in theirs for motif in own)


def copied(exchange: Exchange) -> float | None:
    """The share of the answer that lies in runs of four intervals or more which the performer has played so far."""
    own = lines.intervals(exchange.answer)
    if exchange.performer.drums or len(own) < lines.COPIED:
        return None
    return lines.copied(own, lines.intervals(exchange.heard))


def changes(exchange: Exchange) -> float | None:
    """The distance of the answer's pitches from those of the answer before (edits, as a share of the longer)."""
    if exchange.performer.drums or not exchange.former or not exchange.answer or not exchange.former[-1]:
        return None
    own, before = ([note.pitch for note in lines.top_line(notes)] for notes in (exchange.answer, exchange.former[-1]))
    return lines.distance(own, before)


def still_takes_up(exchange: Exchange) -> float | None:
    """The motifs of the call in answers 5 to 8 to it: by then livegen should know it."""
    return takes_up(exchange) if len(exchange.former) >= 4 else None


def dissonant(exchange: Exchange) -> float | None:
    """Of the time in which notes of both sound together, the share of seconds, sevenths and tritones.

    Pairs of notes count, so a chord of three against one note is three pairs.
    """
    together, harsh = harmony.overlaps(exchange.call, exchange.sounded)
    return harsh / together if together > 0 else None


def in_my_chord(exchange: Exchange) -> float | None:
    """The share of livegen's notes that are in the chord of the moment, where chords are written."""
    return harmony.in_chord(exchange.sounded, exchange.chords)


def harmonised_in_key(exchange: Exchange) -> float | None:
    """The share of the added notes in the key, over the same of the performer's."""
    if not exchange.sounded:
        return None
    scale = harmony.scale(exchange.key)
    own, theirs = (_share(note.pitch % 12 in scale for note in notes) for notes in (exchange.sounded, exchange.call))
    return own / theirs if theirs else None


def harmonised_in_chord(exchange: Exchange) -> float | None:
    """The share of the added notes in the chord of the moment, over the same of the performer's."""
    own, theirs = (harmony.in_chord(notes, exchange.chords) for notes in (exchange.sounded, exchange.call))
    return own / theirs if own is not None and theirs else None


def thickness(exchange: Exchange) -> float | None:
    """The mean number of sounding notes while any sounds, as a ratio to that of the call."""
    if not exchange.performer.layered or not exchange.answer:
        return None
    return harmony.thickness(exchange.answer) / harmony.thickness(exchange.call)


def chordal(exchange: Exchange) -> float | None:
    """Of the time with three pitch classes or more, the share in which they are a chord, over the same of the call.

    Two notes are left out: nearly any two are part of some chord. An answer with no three at all has no chords: 0.
    """
    theirs = harmony.chordal(exchange.call)
    if not exchange.performer.layered or not exchange.answer or not theirs:
        return None
    return (harmony.chordal(exchange.answer) or 0.0) / theirs


def in_two_layers(exchange: Exchange) -> float | None:
    """The share of the time with a low and a high voice an octave apart or more, over the same of the call."""
    theirs = harmony.in_two_layers(exchange.call)
    if not exchange.performer.layered or not exchange.answer or not theirs:
        return None
    return harmony.in_two_layers(exchange.answer) / theirs


def on_the_kit(exchange: Exchange) -> float | None:
    """For drummers: the share of the answer on channel 10 and on pads that they use; 0 without an answer."""
    if not exchange.performer.drums:
        return None
    kit = {note.pitch for note in exchange.performer.notes}
    return _share(note.channel == DRUMS and note.pitch in kit for note in exchange.answer)


def dynamics(exchange: Exchange) -> float | None:
    """The spread (standard deviation) of the answer's velocities over that of the call, at most 2.

    Jazz is left out, for its data hold no velocities.
    """
    spread = float(np.std([note.velocity for note in exchange.call]))
    if spread < 2.0 or len(exchange.answer) < FEW:
        return None
    return min(2.0, float(np.std([note.velocity for note in exchange.answer])) / spread)


def _share(signs: Iterable[bool]) -> float:
    found = list(signs)
    return sum(found) / len(found) if found else 0.0
