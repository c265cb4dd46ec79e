"""Whatever dies, nothing hangs: `livegen jam` on JACK, FluidSynth and another program that listens."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.jack import Ears, Jack, carries, private_jack, until
from tests.support.jam_process import Jam, jam, own_output, sounding

pytestmark = pytest.mark.jack
PITCHES = range(60, 68)


@pytest.fixture
def jack() -> Iterator[Jack]:
    """A server that waits for nobody; one that does stands still for seconds whenever a client is killed."""
    with private_jack(1024, waits=False) as server:
        yield server


def connected(jack: Jack, player: Jam, *peers: Ears) -> None:
    """Connect livegen's own output to ``foreign``, and wait until both carry."""
    jack.connect(own_output(jack), "foreign:input")

    def strike(number: int) -> None:
        for velocity in (90, 0):
            player.send("/livegen/note", number, velocity)

    carries(strike, lambda number: all((0x90, number, 90) in peer.heard for peer in peers))


def silent(*peers: Ears) -> bool:
    return not any(sounding(peer.heard) for peer in peers)


def strike_all(player: Jam, *peers: Ears) -> None:
    for pitch in PITCHES:
        carries(
            lambda _, pitch=pitch: player.send("/livegen/note", pitch, 90),  # type: ignore[misc]
            lambda _, pitch=pitch: all(pitch in sounding(peer.heard) for peer in peers),  # type: ignore[misc]
        )


def test_what_sounds_ends_when_livegen_is_killed(jack: Jack, tmp_path: Path) -> None:
    """The death of the guard itself is in test_guard.py: JACK 1.9.21 hangs now and then when a client dies."""
    with Ears("synth", tmp_path) as named, Ears("foreign", tmp_path) as foreign:
        player = Jam(tmp_path, "--outputs", "synth", "--thru", "on")
        try:
            connected(jack, player, named, foreign)
            strike_all(player, named, foreign)
        finally:
            assert player.end(signal.SIGKILL) == -signal.SIGKILL
        until(lambda: silent(named, foreign), what="the guard ends them")
    until(lambda: not [port for port in jack.ports() if "livegen" in port], what="no client is left")


def test_livegen_ends_at_once_while_jack_stands_still_and_the_notes_when_it_goes_on(jack: Jack, tmp_path: Path) -> None:
    with Ears("synth", tmp_path) as named, Ears("foreign", tmp_path) as foreign:
        player = Jam(tmp_path, "--outputs", "synth", "--thru", "on")
        try:
            connected(jack, player, named, foreign)
            strike_all(player, named, foreign)
            jack.send(signal.SIGSTOP)
            assert player.end() == 0, player.said()
            assert not silent(named), "nothing can get through"
        finally:
            jack.send(signal.SIGCONT)
            player.process.kill()
        until(lambda: silent(named, foreign), what="the guards end them")


def test_without_a_guard_it_plays_as_before(jack: Jack, tmp_path: Path) -> None:
    with Ears("foreign", tmp_path) as foreign, jam(tmp_path, "--thru", "on", "--note-guard", "off") as player:
        process = player.process.pid
        assert not Path(f"/proc/{process}/task/{process}/children").read_text(), "there is no second process"
        connected(jack, player, foreign)
        strike_all(player, foreign)
        assert player.end() == 0
        until(lambda: (0xB0, 123, 0) in foreign.heard, what="all notes are ended")
