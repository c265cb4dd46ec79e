"""Every example is run."""

import subprocess
import sys
from pathlib import Path

from livegen.cli import _read_config
from livegen.predictor import Untrained
from livegen.session import Session
from livegen.settings import Settings
from tests.performances import drive
from tests.test_session import ons, phrase, turns

EXAMPLES = Path(__file__).parent.parent / "examples"


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
    assert Settings.from_table(_read_config(EXAMPLES / "rig.toml")).lowest == 48
