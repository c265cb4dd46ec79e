"""The drummer in virtual time: ``python -m benchmarks.studies.drummer FOLDER``, a folder of ABC files or lead sheets.

Tunes are played with onsets up to 20 ms too early or too late and a tempo that drifts up to 15 % to either side, as in
``benchmarks.beats``, straight or with swung eighths. The share of the drummer's hits within 30 ms of the performer's
true grid (sixteenths; the swung eighth and what lies halfway; thirds of a dotted beat) is counted from the fourth bar
on; beside it the pulse alone: its beats and halves (or thirds) as it foretells them at each onset, up to the next; the
same beats as it has them afterwards, at each onset; and a drum machine's sixteenths at the tune's mean tempo from its
first note. The drummer enters right if its beat is then the performer's, within 12 % of a beat, "level" if it is twice
or half of it, and wrong otherwise.
Each tune is played at three tempi, drawn from thirds of 60 to 200 bpm. ``--set`` changes settings of the drummer, such
as ``pulse=learnt``. ``--part`` chooses the half of the tunes by their names: constants are set on ``tune``, figures are
told of ``report``.
"""

import argparse
import hashlib
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.beats import COMPOUND, Performance, perform
from livegen.beat.transport import Grid
from livegen.errors import FileError
from livegen.events import Event, Heard, NoteOff, NoteOn
from livegen.files import music_file
from livegen.music.drums import CHANNEL
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.tunes.tune import Tune

NEAR = 0.03  # seconds
BARS = 3  # after which hits are counted
SWINGS = (0.5, 0.62)
BEATS = {"2/4": 2, "3/4": 3, "4/4": 4, "6/8": 6}  # the setting ``metre``; in 6/8 two beats are felt
TAIL = 8.0  # seconds
LONGEST = 4.0  # seconds after an onset in which the pulse is asked where its beats are
SAME = 0.12  # shares of a beat
SOON = 2.0  # bars
TEMPI = ((60.0, 90.0), (90.0, 134.0), (134.0, 200.0))  # beats a minute, felt


class Figures(NamedTuple):
    """One performance: shares within 30 ms of the drummer's hits, of the pulse's places ahead and of its beats
    afterwards, of a drum machine's hits; the bars until the drummer enters, and those from the last release to its last
    hit; how it enters."""

    shares: tuple[float, float, float, float]
    enters: float
    stops: float
    entry: str


def swung(played: Performance, swing: float) -> list[float]:
    """The onsets, with what is on half a beat as late as the swing says."""
    beats = np.array(played.beats)
    places = np.interp(played.onsets, beats, np.arange(len(beats)))
    half = np.abs(places % 1.0 - 0.5) < 0.12
    moved = np.interp(places + np.where(half, swing - 0.5, 0.0), np.arange(len(beats)), beats)
    return [float(each) for each in np.maximum.accumulate(moved)]


def events_of(onsets: Sequence[float], pitches: Sequence[int]) -> list[Heard]:
    """The notes, each held until shortly before the next."""
    found: list[Heard] = []
    for number, (at, pitch) in enumerate(zip(onsets, pitches, strict=True)):
        later = onsets[number + 1] if number + 1 < len(onsets) else at + 0.4
        found += [NoteOn(at, pitch, 85), NoteOff(max(at + 0.01, at + 0.85 * (later - at)), pitch)]
    return sorted(found, key=lambda event: (event.at, isinstance(event, NoteOn)))


def grid(beats: Sequence[float], swing: float, compound: bool) -> np.ndarray:
    """The times of all places of the true grid."""
    places = (0.0, 1 / 3, 2 / 3) if compound else (0.0, swing / 2, swing, (1 + swing) / 2)
    edges = np.array(beats)
    return np.sort(np.concatenate([edges[:-1] + place * np.diff(edges) for place in places]))


def share(times: Sequence[float], places: np.ndarray) -> float:
    """The share of the times that are near a place."""
    if not len(times):
        return 0.0
    return float(np.mean([np.min(np.abs(places - each)) <= NEAR for each in times]))


def ahead(grid: Grid, parts: int, since: float, until: float) -> list[float]:
    """The places of a grid, ``parts`` a beat, between two times."""
    first, last = (grid.beat + (at - grid.at) / grid.length for at in (since, until))
    places = np.arange(np.ceil(first * parts), np.floor(last * parts) + 1) / parts
    return [float(each) for each in grid.at + (places - grid.beat) * grid.length]


def entry(at: float, length: float, beats: Sequence[float]) -> str:
    """How a drummer enters whose beat comes at a time and lasts so long: "right", another "level", or "wrong"."""
    edges = np.array(beats)
    number = int(np.clip(np.searchsorted(edges, at, "right") - 1, 0, len(edges) - 2))
    true = edges[number + 1] - edges[number]
    place = number + (at - edges[number]) / true
    for level in (1.0, 2.0, 0.5):
        unit = min(1.0, level)
        off = abs(place / unit - round(place / unit)) * unit
        if abs(length / true / level - 1.0) < SAME and off < SAME * unit:
            return "right" if level == 1.0 else "level"
    return "wrong"


class Case(NamedTuple):
    """The way a tune is played: between two tempi, swung so much, to a drummer of these settings."""

    tempi: tuple[float, float]
    swing: float
    settings: Settings


class Followed(NamedTuple):
    """The drummer's hits, the pulse's places ahead and its beats afterwards, and the drummer's beat as it enters."""

    hits: list[float]
    ahead: list[float]
    felt: list[float]
    beat: tuple[float, float]  # when it comes, and its length


def follow(session: Session, heard: Sequence[Heard], compound: bool) -> Followed:
    """Play to the drummer."""
    found, since, out = Followed([], [], [], (0.0, 0.0)), 0.0, []
    for event in heard:
        out = session.advance_until(event.at)
        transport, is_onset = session.transport, isinstance(event, NoteOn)
        if is_onset and transport.running:
            parts = 3 if compound and transport.pulse.felt.ternary else 2
            found.ahead.extend(ahead(transport.grid, parts, max(since, event.at - LONGEST), event.at))
        since = event.at if is_onset else since
        out += session.receive(event)
        hits, beat = _hits(out), session.player.time.beat
        if hits and not found.hits:
            found = found._replace(beat=(beat.time_of(round(beat.beat_at(event.at))), beat.length))
        found.hits.extend(hits)
        if transport.running:
            found.felt.append(transport.time_of(round(transport.beat_at(event.at))))
    found.hits.extend(_hits(session.advance_until(session.now + TAIL)))
    return found


def _hits(out: Sequence[Event]) -> list[float]:
    return [event.at for event in out if isinstance(event, NoteOn) and event.channel == CHANNEL]


def measure(tune: Tune, seed: int, case: Case) -> Figures | None:
    """The figures of one performance; None if the drummer never played."""
    swing = case.swing
    played = perform(tune, seed, case.tempi)
    metre = tune.bars[0].metre or "4/4"
    compound = metre in COMPOUND
    bar = BEATS[metre] // 3 if compound else BEATS[metre]
    onsets = played.onsets if compound else swung(played, swing)
    settings = case.settings.model_copy(update={"mode": "accompany", "metre": BEATS[metre]})
    heard = events_of(onsets, played.pitches)
    found = follow(Session(Untrained(), settings, seed + 1), heard, compound)
    if not found.hits:
        return None
    places, first, last = grid(played.beats, swing, compound), played.beats[BARS * bar], onsets[-1]
    length = statistics.mean(np.diff(played.beats).tolist())
    machine = np.arange(onsets[0], last, length / (3 if compound else 4)).tolist()
    shares = [
        share([at for at in each if first <= at <= last], places)
        for each in (found.hits, found.ahead, found.felt, machine)
    ]
    whole, end = bar * length, max(event.at for event in heard)
    enters, stops = (found.hits[0] - onsets[0]) / whole, (found.hits[-1] - end) / whole
    return Figures((shares[0], shares[1], shares[2], shares[3]), enters, stops, entry(*found.beat, played.beats))


def tunes_of(folder: Path, part: str) -> list[Tune]:
    """The tunes of one metre of a folder that are long enough, those of a part."""
    found: list[Tune] = []
    for path in music_file.music_files(folder)[0]:
        try:
            found += music_file.read_tunes(path, "performed").tunes
        except FileError:
            continue
    return [tune for tune in found if _fits(tune) and (part == "all" or part_of(tune.name) == part)]


def chosen(tunes: Sequence[Tune], most: int) -> list[Tune]:
    """So many of the tunes at most, by chance, always the same."""
    return sorted(tunes, key=lambda tune: hashlib.sha256(tune.name.encode()).digest()[::-1])[:most]


def part_of(name: str) -> str:
    """The half that a tune belongs to."""
    return ("tune", "report")[hashlib.sha256(name.encode()).digest()[0] & 1]


def _fits(tune: Tune) -> bool:
    metres = {bar.metre for bar in tune.bars}
    return len(metres) == 1 and next(iter(metres)) in BEATS and len(tune.notes) >= 60


def main() -> None:
    """Print the figures by swing and metre."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=("tune", "report", "all"), default="tune")
    parser.add_argument("--most", type=int, default=24, help="tunes (default 24)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the drummer")
    asked = parser.parse_args()
    settings = Settings()
    for each in asked.set:
        settings.set(*each.split("=", 1))
    tunes = chosen(tunes_of(asked.folder, asked.part), asked.most)
    print(
        "| swing | metre | played to | drummer | pulse ahead | pulse afterwards | drum machine | enters: mean, bars"
        " | longest | within two | right | other level | stops: longest, bars |"
    )
    print("| --- " * 13 + "|")
    for swing in SWINGS:
        cases = [Case(tempi, swing, settings) for tempi in TEMPI]
        found = [(tune.bars[0].metre or "", measure(tune, 1, case)) for tune in tunes for case in cases]
        for metre in (*BEATS, "all"):
            print_row(swing, metre, [each for of, each in found if metre in ("all", of)])


def print_row(swing: float, metre: str, found: Sequence[Figures | None]) -> None:
    """Print a row of the table: means of the shares, when and how the drummer enters, the longest stop."""
    played = [each for each in found if each is not None]
    if played:
        enters = [each.enters for each in played]
        rest = [
            *(statistics.mean(enters), max(enters), statistics.mean(each <= SOON for each in enters)),
            *(statistics.mean(each.entry == how for each in played) for how in ("right", "level")),
            max(each.stops for each in played),
        ]
        means = [statistics.mean(each) for each in zip(*(each.shares for each in played), strict=True)]
        told = " | ".join(f"{each:.2f}" for each in [*means, *rest])
        print(f"| {swing} | {metre} | {len(played)} of {len(found)} | {told} |", flush=True)


if __name__ == "__main__":
    main()
