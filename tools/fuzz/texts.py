"""The readers of settings, shows, kits and journals."""

import tempfile
from datetime import datetime
from pathlib import Path

from livegen.cli.prepared import prepare
from livegen.errors import LivegenError, ModelError
from livegen.journal import excerpts, record, unfinished
from livegen.journal.replay import Replay, header
from livegen.music import drums
from livegen.predictors.models import Predictor, Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.performances import drive, perform
from tests.support.places import ROOT
from tools.fuzz.target import Target, first_of, outcome, simple, small, written

_SHOW = b"""mode = "duet"
temperature = 0.5
scale = "0 2 4"
[bind]
"cc 20" = "memory 0 1"
"note 36" = "panic"
[preset.verse]
density = 0.6
program = 3
[[song]]
name = "One"
[[song.cue]]
name = "in"
memory = 0.5
at = "bar"
do = ["/livegen/panic", "/livegen/rewind 4 beats"]
ramp = { temperature = [0.5, 1.5, 8] }
[voice.bass]
model = "markov"
hears = ["you"]
"""


def _toml(data: bytes, folder: Path) -> str:
    said = []
    try:
        found = prepare(written("settings.toml", data, folder), {})
        said.append(f"{first_of(found.voices)} {first_of(found.show.songs)} {first_of(found.show.presets)}")
    except LivegenError as error:
        said.append(outcome(error))
    try:
        drums.named(str(written("kit.toml", data, folder)))
        said.append("kit")
    except (LivegenError, ValueError) as error:  # a setting's validator says ValueError
        said.append(outcome(error))
    return " ".join(said)


def _journal(data: bytes, folder: Path) -> str:
    path, said = written("journal.jsonl", data, folder), []
    try:
        take = record.read(path)
        said.append(f"read {first_of(take.heard)} {first_of(take.sent)} {min(take.cut, 1)}")
        replayed = Replay(take, _untrained).run()
        said.append(f"replayed {first_of(replayed.played)} {replayed.differs is None}")
    except LivegenError as error:
        said.append(outcome(error))
    for ending in (".mid", ".abc", ".json"):
        try:
            excerpts.write(path, folder / f"out{ending}", "all")
            said.append(ending)
        except LivegenError as error:
            said.append(outcome(error))
    said.append(first_of(unfinished.releases(folder, 1.8e9)))
    return " ".join(said)


def _untrained(name: str) -> Predictor:
    """The one model that a replay finds: whatever a damaged journal names, no file is read here."""
    if name != Untrained.name:
        raise ModelError("There is no such model.")
    return Untrained()


def _journal_seeds() -> list[bytes]:
    seeds = []
    with tempfile.TemporaryDirectory() as folder:
        for seed, mode in enumerate(("continuation", "duet", "accompany"), 1):
            session = Session(Untrained(), Settings(mode=mode, model="untrained", drums="off"), seed)
            journal = record.Journal(Path(folder), header(session, seed), datetime(2026, 1, seed), 0.0)
            heard = perform(seed, 8)
            for event in heard:
                journal.heard(event)
            journal.sent(drive(session, heard, 3.0))
            for at, what, *args in ((4.0, "set", "temperature", 0.7), (4.1, "save", 1), (4.2, "rewind", 2, "beats")):
                journal.noted(at, str(what), *args)
            journal.noted(4.3, "take", "one")
            journal.noted(9.0, "run")
            journal.noted(9.5, "end")
            journal.close()
            seeds.append(journal.path.read_bytes())
    return seeds


TARGETS = (
    Target(
        "toml",
        lambda: [_SHOW, *small(ROOT / "examples", ".toml"), *small(ROOT / "tests", ".toml")],
        simple(_toml),
        (
            b"[[cue]]",
            b"[voice.x]",
            b"[bind]",
            b'"""',
            b"inf",
            b"nan",
            b"1979-05-27",
            b"{ a = 1 }",
            b"[[song]]",
            b"\\u0000",
        ),
    ),
    Target(
        "journal",
        _journal_seeds,
        simple(_journal),
        (
            *(b'["run", ', b'["set", ', b'["heard", "on", ', b'["sent", "off", ', b'["together", ', b'["chart_text", '),
            *(
                b'["slot", ',
                b'["follow", ',
                b'["clock", ',
                b'["recall", ',
                b"null",
                b"NaN",
                b"1e300",
                b"{}",
                b'"voices": ',
            ),
        ),
        slow=20.0,  # a damaged journal may run for a week of the session's time
    ),
)
