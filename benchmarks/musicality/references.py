"""References for livegen: the real musician, the call repeated, and chance, as exchanges with another answer."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.musicality.exchange import DUET, HARMONISE, Exchange
from benchmarks.musicality.performance import LOWER, UPPER
from livegen.events import Note

Answered = Callable[[Exchange], tuple[Note, ...]]


def real(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The musician's own continuation; in duet and harmonise the performer's lower layer under the upper."""
    if exchanges and exchanges[0].setting in (DUET, HARMONISE):
        return [_layers(exchange) for exchange in exchanges if exchange.performer.layered]
    return [exchange for exchange in _with(exchanges, lambda exchange: exchange.real) if exchange.sounded]


def repeated(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The call again, whole beats later; in duet and harmonise a bar later, as in a canon."""
    return _with(exchanges, _repeated)


def chance(exchanges: Sequence[Exchange], seed: int) -> list[Exchange]:
    """As many notes as livegen's (the call's, where it gave none), in their range, at random times."""
    draw = random.Random(f"{exchanges[0].performer.name} {exchanges[0].setting} {seed}" if exchanges else "")
    return _with(exchanges, lambda exchange: _random(exchange, draw))


def _with(exchanges: Sequence[Exchange], answered: Answered) -> list[Exchange]:
    out: list[Exchange] = []
    for exchange in exchanges:
        former = (*out[-1].former, out[-1].answer) if out else ()
        out.append(replace(exchange, sounded=answered(exchange), former=former))
    return out


def _layers(exchange: Exchange) -> Exchange:
    upper, lower = (tuple(note for note in exchange.call if note.channel == layer) for layer in (UPPER, LOWER))
    return replace(exchange, call=upper, sounded=lower)


def _repeated(exchange: Exchange) -> tuple[Note, ...]:
    grid, call = exchange.grid, exchange.call
    if exchange.setting in (DUET, HARMONISE):
        later = grid.bar
    else:
        # The first beat from which the repeat lies wholly behind the call.
        later = max(1, round(grid.beat(exchange.released) - grid.beat(call[0].onset) + 0.5))
    return tuple(replace(note, onset=grid.at(grid.beat(note.onset) + later)) for note in call)


def _random(exchange: Exchange, draw: random.Random) -> tuple[Note, ...]:
    """Random onsets, pitches, lengths and velocities.

    An answer begins at any time between the call's first onset and the next call, and is spread over what is left.
    """
    model = exchange.sounded or exchange.call
    pitches = [note.pitch for note in model]
    velocities = [note.velocity for note in model]
    lengths = [note.duration for note in model]
    start, end = exchange.call[0].onset, exchange.until
    if exchange.setting in (DUET, HARMONISE):
        end = exchange.call[-1].onset
    else:
        start = draw.uniform(start, end)
    onsets = sorted(draw.uniform(start, end) for _ in model)
    return tuple(
        Note(
            onset,
            draw.uniform(0.5, 1.5) * draw.choice(lengths),
            draw.randint(min(pitches), max(pitches)),
            draw.choice(velocities),
            model[0].channel,
        )
        for onset in onsets
    )
