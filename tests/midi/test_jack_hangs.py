"""A JACK server that hangs, as when it lost its sound card: livegen plays on and can be ended."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from livegen.midi import jack_server
from tests.support.jack import Jack, Peer, carries, private_jack, until
from tests.support.jam_process import Jam, jam
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.jack


@pytest.fixture
def jack() -> Iterator[Jack]:
    with private_jack() as server:
        yield server


@contextlib.contextmanager
def standing(jack: Jack) -> Iterator[None]:
    """It stands still, and goes on whatever happens: this process's own ports would wait for it for ever."""
    jack.send(signal.SIGSTOP)
    try:
        yield
    finally:
        jack.send(signal.SIGCONT)


def play(player: Jam, notes: int) -> None:
    """So many notes, at a pace that no socket's buffer overflows, which livegen passes on."""
    for number in range(notes):
        player.send("/livegen/note", 60, 90)
        player.send("/livegen/note", 60, 0)
        if number % 20 == 0:
            answered(player, number + 2)


def answered(player: Jam, number: int) -> None:
    """A ping is answered, so the loop goes on."""
    player.send("/livegen/ping", number)
    while player.receive("/livegen/pong") != (number,):
        pass


def sounds(player: Jam, synth: Peer) -> None:
    """A message that is sent comes out."""
    synth.heard.clear()

    def strike(number: int) -> None:
        for velocity in (90, 0):
            player.send("/livegen/note", number, velocity)

    carries(strike, lambda number: (0x90, number, 90) in synth.heard)


def test_a_jack_server_that_stands_still_stops_nothing_else(jack: Jack, tmp_path: Path) -> None:
    with Peer("synth", "in", plays=False) as synth, jam(tmp_path, "--outputs", "synth", "--thru", "on") as player:
        sounds(player, synth)
        with standing(jack):
            play(player, jack_server.RING)  # more than the driver takes; it would then wait for ever
            until(lambda: "JACK has stopped responding" in player.said(), what="it is said")
        until(lambda: "JACK responds again" in player.said(), what="it is said")
        until(lambda: (0xB0, 123, 0) in synth.heard, what="what lost its note-off is ended")
        sounds(player, synth)


def test_livegen_ends_while_jack_stands_still(jack: Jack, tmp_path: Path) -> None:
    with Peer("a2j", "Keystation [20] (capture)", plays=True), Peer("synth", "in", plays=False):
        player = Jam(tmp_path, "--outputs", "synth")
        until(lambda: "Keystation" in player.said(), what="all is open")
        jack.send(signal.SIGSTOP)
        try:
            assert player.end() == 0, player.said()
        finally:
            jack.stop(signal.SIGKILL)  # of a client that went without a word it would not recover


def test_ports_are_not_closed_while_jack_stands_still(jack: Jack, tmp_path: Path) -> None:
    keys = Peer("a2j", "Keystation [20] (capture)", plays=True)
    with jam(tmp_path, "--outputs", "none") as player:
        until(lambda: "Keystation" in player.said(), what="all is open")
        keys.close()
        with standing(jack):  # before livegen has noticed
            for number in range(30):
                answered(player, number + 2)
                time.sleep(0.1)
        until(lambda: "is gone" in player.said(), what="it is noticed")


def test_livegen_starts_while_jack_stands_still_and_takes_it_when_it_goes_on(jack: Jack, tmp_path: Path) -> None:
    with standing(jack):
        player = Jam(tmp_path)
        try:
            assert "JACK is there but has stopped responding" in player.said()
            answered(player, 2)
            time.sleep(4.5)  # so that it has looked for JACK again
            answered(player, 3)
        except BaseException:
            player.end()
            raise
    try:
        until(lambda: "JACK is here" in player.said(), what="its ports open")
    finally:
        assert player.end() == 0, player.said()


def test_livegen_that_started_while_jack_stands_still_can_be_ended(jack: Jack, tmp_path: Path) -> None:
    with standing(jack):
        assert Jam(tmp_path).end() == 0


@pytest.mark.parametrize("command", ["ports", "doctor"])
def test_what_is_there_is_told_while_jack_stands_still(jack: Jack, command: str) -> None:
    with standing(jack):
        told = subprocess.run(
            [sys.executable, "-m", "livegen", command], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert "has stopped responding" in told.stdout + told.stderr
