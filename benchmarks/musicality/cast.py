"""Performers of eight kinds, made from the data at hand, the same in every run."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.musicality import drummers, folk, hands, jazz, lead_sheets, phrases, pianists
from benchmarks.musicality.performance import Performer
from benchmarks.musicality.simulators import Score, Style, in_odd_metre, perform

TUNE, REPORT, ALL = "tune", "report", "all"
PARTS = (TUNE, REPORT, ALL)
UNITS = 8  # fewest that a performer has, four calls; of pianists five
FEWEST, MOST, MOST_OF_MANY = 5, 60, 240  # notes of a unit, on average; of two hands and drums
SIZES = {"jazz": 8, "lead sheet": 10, "two hands": 8, "pianist": 8, "folk": 8, "beginner": 6, "riff": 8, "drummer": 8}
SHEET_STYLES = {
    "steady": Style(tempo=112),
    "rubato": Style(tempo=84, sway=0.18, jitter=0.015),
    "with slips": Style(tempo=104, slips=0.06, jitter=0.015),
    "swung": Style(tempo=132, offbeat=0.62),
    "in odd metre": Style(tempo=120),
}
HANDS_STYLES = {"stride": Style(tempo=116), "block": Style(tempo=92), "broken": Style(tempo=88)}
RIFF, FOLK = Style(tempo=116, drift=0.0, jitter=0.006), Style(tempo=116, jitter=0.012)
BEGINNER = Style(tempo=58, sway=0.08, jitter=0.03, slips=0.07, pauses=0.08, legato=0.8)
SHEETS = ("lead sheet", "two hands", "beginner", "riff")  # kinds that share the lead sheets, each its own songs


@dataclass(frozen=True)
class Role:
    """A performer that can be played with a seed; what is recorded is the same with each."""

    kind: str
    source: str
    make: Callable[[int], Performer]


def part(source: str) -> str:
    """The half that a performer belongs to, by whose music it is: ``tune`` or ``report``.

    The half is the lowest bit of the first byte of the source's SHA-256: the same tune, whoever plays it, the same
    soloist, pianist or drummer is in one half only.
    """
    return (TUNE, REPORT)[_digest(source)[0] & 1]


def roles(data: Path | None) -> tuple[list[Role], list[str]]:
    """The performers that the data at hand make, half of each kind in each part, and a sentence for each lack."""
    found: list[Role] = []
    missing: list[str] = []
    for name, kinds, chosen in _SOURCES:
        folder = data / name if data else Path(name)
        if folder.exists():
            found += chosen(folder)
        else:
            missing.append(f"{folder} is missing, so no {kinds} performs.")
    order = list(SIZES)
    return sorted(found, key=lambda role: order.index(role.kind)), missing


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def shuffled(names: Iterable[str]) -> list[str]:
    """The names by their hash: an order that no name is favoured in, the same in every run."""
    return sorted(names, key=_digest)


def _chosen(kind: str, candidates: Iterable[Role]) -> list[Role]:
    """The first of each half that have enough to say, one of each source."""
    chosen: dict[str, list[Role]] = {TUNE: [], REPORT: []}
    sources: set[str] = set()
    for role in candidates:
        half = chosen[part(role.source)]
        if len(half) < SIZES[kind] // 2 and role.source not in sources and is_able(role):
            half.append(role)
            sources.add(role.source)
        if all(len(half) == SIZES[kind] // 2 for half in chosen.values()):
            break
    return [*chosen[TUNE], *chosen[REPORT]]


def is_able(role: Role) -> bool:
    """Whether there are units enough, none nearly empty, and of a fair number of notes."""
    counts = [len(unit.notes) for unit in role.make(1).units[:UNITS]]
    wanted = 5 if role.kind == "pianist" else UNITS
    most = MOST_OF_MANY if role.kind in ("pianist", "two hands", "drummer") else MOST
    return len(counts) >= wanted and min(counts) > 2 and FEWEST <= sum(counts) / len(counts) <= most


def sheets(folder: Path) -> list[Score]:
    """The lead sheets of a folder, shuffled."""
    scores = {path.stem: score for path in folder.glob("*.mxl") if (score := lead_sheets.read(path))}
    return [scores[name] for name in shuffled(scores)]


def _of_sheets(folder: Path) -> list[Role]:
    shares: dict[str, list[Score]] = {kind: [] for kind in SHEETS}
    for score in sheets(folder):
        shares[SHEETS[_digest(score.name)[1] % len(SHEETS)]].append(score)
    return [
        *_chosen("lead sheet", styled(shares["lead sheet"])),
        *_chosen("two hands", two_handed(shares["two hands"])),
        *_chosen("beginner", (simulated(score, BEGINNER, "beginner") for score in shares["beginner"])),
        *_chosen("riff", (simulated(in_riffs(score), RIFF, "riff") for score in shares["riff"] if score.bar == 4)),
    ]


def simulated(score: Score, style: Style, kind: str, how: str = "") -> Role:
    """A score in a style; ``how`` is said in the performer's name."""
    named = replace(score, name=f"{score.name}, {how or kind}")

    def make(seed: int) -> Performer:
        return replace(perform(named, style, kind, seed), source=score.name)

    return Role(kind, score.name, make)


def styled(scores: Iterable[Score]) -> Iterator[Role]:
    """The styles in turn, in each half; in odd metre those in 4/4 alone, in one half in 5/4 and in the other in 7/8."""
    turns = {TUNE: 0, REPORT: 0}
    for score in scores:
        half = part(score.name)
        how = list(SHEET_STYLES)[turns[half] % len(SHEET_STYLES)]
        role = simulated(score, SHEET_STYLES[how], "lead sheet", how)
        if how == "in odd metre":
            if score.bar != 4:
                continue
            odd = in_odd_metre(score, 5 if half == TUNE else 3.5)
            role = simulated(odd, SHEET_STYLES[how], "lead sheet", how)
        if is_able(role):
            turns[half] += 1
            yield role


def two_handed(scores: Iterable[Score]) -> Iterator[Role]:
    """The scores with left hands of several kinds."""
    for score in scores:
        how = list(HANDS_STYLES)[_digest(score.name)[2] % len(HANDS_STYLES)]
        yield simulated(hands.accompany(score, how), HANDS_STYLES[how], "two hands", how)


def in_riffs(score: Score) -> Score:
    """Units of two bars."""
    return replace(score, cuts=phrases.cuts(score.notes, score.bar, 2, score.down))


def _of_jazz(folder: Path) -> list[Role]:
    solos = {solo.name: solo for solo in jazz.read(folder / "solos.jsonl.gz")}
    performers = (jazz.performer(solos[name]) for name in shuffled(solos))
    return _chosen("jazz", map(recorded, performers))


def _of_pianists(folder: Path) -> list[Role]:
    """Each pianist once, the pieces in turn."""
    paths = {path.stem: path for path in (folder / "match").glob("*.match")}
    pieces = sorted({stem.rpartition("_")[0] for stem in paths})
    ordered = sorted({stem.rpartition("_")[2] for stem in paths})
    turns = [f"{pieces[number % len(pieces)]}_{pianist}" for number, pianist in enumerate(ordered)]
    performers = (pianists.performer(paths[stem]) for stem in shuffled(turns) if stem in paths)
    return _chosen("pianist", map(recorded, performers))


def _of_folk(folder: Path) -> list[Role]:
    tunes = dict(folk.texts(folder))
    scores = (folk.read(title, tunes[title]) for title in shuffled(tunes))
    return _chosen("folk", (simulated(score, FOLK, "folk") for score in scores if score))


def _of_drummers(folder: Path) -> list[Role]:
    rows = {row["id"]: row for row in drummers.listed(folder)}
    # One take of each drummer: those with many takes would otherwise be read over and over.
    firsts = {rows[name]["drummer"]: name for name in reversed(shuffled(rows))}
    performers = (drummers.performer(folder, rows[name]) for name in firsts.values())
    return _chosen("drummer", map(recorded, performers))


def recorded(performer: Performer) -> Role:
    """The role of a performer who was recorded."""
    return Role(performer.kind, performer.source, lambda _seed: performer)


_SOURCES: tuple[tuple[str, str, Callable[[Path], list[Role]]], ...] = (
    ("jazz-phrases", "jazz soloist", _of_jazz),
    ("leadsheets", "player of lead sheets, riffs or two hands and no beginner", _of_sheets),
    ("vienna4x22", "pianist", _of_pianists),
    ("nottingham", "folk musician", _of_folk),
    ("groove", "drummer", _of_drummers),
)
