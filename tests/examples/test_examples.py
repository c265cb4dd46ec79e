"""Every example runs."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import mido  # type: ignore[import-untyped]
import pytest

from livegen.cli.prepared import read_config
from livegen.control.show import split
from livegen.music.drums import CHANNEL
from livegen.predictors import models
from livegen.predictors.models import Untrained
from livegen.session import voices
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.output import check_order_and_pairs, ons, turns
from tests.support.parts import require
from tests.support.performances import drive
from tests.support.phrases import phrase
from tests.support.places import EXAMPLES
from tests.support.rhythms import melody


def test_hello_plays_an_answer() -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / "hello.py"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.count("NoteOn") == done.stdout.count("NoteOff") > 2


def test_a_mode_of_ones_own_plays_for_two_seconds() -> None:
    session = Session(Untrained(), Settings(mode="examples.my_mode:interjection"), 1)
    out = drive(session, phrase(notes=20), tail=10.0)
    (_, begin), (_, end) = turns(out)
    assert 1.9 < end - begin < 2.1
    assert ons(out)


def test_the_rig_is_read() -> None:
    assert Settings.from_table(read_config(EXAMPLES / "rig.toml")).lowest == 48


@pytest.mark.parametrize("path", sorted((EXAMPLES / "rigs").glob("*.toml")), ids=lambda path: path.stem)
def test_each_controllers_file_is_read_and_names_its_sources(path: Path) -> None:
    _, show = split(read_config(path), path.name)
    assert show.bindings
    for trigger, bound in show.bindings.items():
        assert (trigger.kind, trigger.number) != ("cc", 64), f"{trigger} takes the sustain pedal for {bound.words}"
    assert "As these say" in path.read_text() or "as these say" in path.read_text() or path.stem == "pedals"


def test_each_listening_pair_is_one_phrase_and_two_answers() -> None:
    """The folk answer with the memory takes up more of the phrase (chords seldom come back note by note)."""
    folder = EXAMPLES / "listening"
    for name in ("folk", "piano"):
        heard, shares = [], []
        for word in ("memory", "plain"):
            parts = notes_by_track(folder / f"{name}-{word}.mid")
            heard.append(parts["performer"])
            known = set(windows(parts["performer"]))
            answer = windows(parts["player"])
            assert len(answer) > 20
            shares.append(sum(window in known for window in answer) / len(answer))
        assert heard[0] == heard[1]
        assert name == "piano" or shares[0] > shares[1] + 0.1


def notes_by_track(path: Path) -> dict[str, list[int]]:
    """The pitches of each named track, in order."""
    return {
        track.name: [message.note for message in track if message.type == "note_on" and message.velocity]
        for track in mido.MidiFile(path).tracks
        if track.name
    }


def windows(pitches: list[int]) -> list[tuple[int, ...]]:
    """Every run of four intervals."""
    moves = [after - before for before, after in pairwise(pitches)]
    return [tuple(moves[at : at + 4]) for at in range(len(moves) - 3)]


def test_the_picture_of_the_page_is_of_a_real_run(tmp_path: Path) -> None:
    require("chromium")
    picture = tmp_path / "page.png"
    subprocess.run([sys.executable, EXAMPLES / "page_picture.py", picture], timeout=90, check=True)
    assert 20_000 < picture.stat().st_size < 200_000
    assert 20_000 < (EXAMPLES.parent / "docs" / "page.png").stat().st_size < 200_000


def test_the_band_of_lead_and_drums_plays() -> None:
    """The lead answers when the performer stops; the drummer plays behind both of them, in the performer's time."""
    table, tables = voices.split(read_config(EXAMPLES / "drums.toml"))
    settings = Settings.from_table(table)
    band = voices.assembled(voices.declared(tables, settings), settings, models.load, 1)
    events = melody(24)
    out = drive(band, events, 12.0)
    check_order_and_pairs(out)
    drums = [on for on in ons(out) if on.channel == CHANNEL]
    lead = [on for on in ons(out) if on.channel == 1]
    assert len(drums) > 30
    assert drums[0].at < events[-1].at - 6.0
    assert len(lead) > 3
    assert lead[0].at > events[-1].at - 1.0
