"""Keys, pedals and mode messages over real MIDI ports and over OSC, into `livegen jam` as a process."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from livegen.events import Event, NoteOn, Prediction
from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.jack import Jack, Peer, until
from tests.support.jack import jack as jack
from tests.support.jam_process import Jam, sounding, wired
from tests.support.waiting import PATIENCE

HARMONISE = ("--mode", "harmonise", "--harmony", "octave", "--longest", "10")
SETTLED = 0.25  # seconds in which what is to be heard has been heard


def sounds(synth: Peer, *pitches: int) -> None:
    """Wait until these pitches sound, and see that it stays so."""
    until(lambda: sounding(synth.heard) == set(pitches), what=f"{pitches} sound")
    time.sleep(SETTLED)
    assert sounding(synth.heard) == set(pitches)


@pytest.mark.jack
def test_a_key_that_is_struck_again_is_held_over_midi_and_osc(jack: Jack, tmp_path: Path) -> None:
    with wired(jack, tmp_path, *HARMONISE) as (player, keys, synth):

        def midi_off() -> None:
            keys.play(0x80, 60, 0)

        def midi_on_of_0() -> None:
            keys.play(0x90, 60, 0)

        def osc_off() -> None:
            player.send("/livegen/note", 60, 0)

        def midi_on() -> None:
            keys.play(0x90, 60, 90)

        def osc_on() -> None:
            player.send("/livegen/note", 60, 90)

        ways: list[tuple[Callable[[], None], Callable[[], None]]] = [
            *((midi_on, midi_off), (midi_on, midi_on_of_0), (osc_on, osc_off)),
        ]
        for strike, let_go in ways:
            strike()
            sounds(synth, 48)
            strike()
            let_go()
            sounds(synth, 48)
            let_go()
            sounds(synth)


@pytest.mark.jack
def test_a_layered_key_is_heard_once(jack: Jack, tmp_path: Path) -> None:
    with wired(jack, tmp_path, *HARMONISE) as (_, keys, synth):
        keys.play(0x90, 60, 90)
        keys.play(0x91, 60, 70)
        sounds(synth, 48)
        keys.play(0x80, 60, 0)
        sounds(synth, 48)
        keys.play(0x81, 60, 0)
        sounds(synth)
        assert [message for message in synth.heard if message[0] & 0xF0 == 0x90 and message[2]] == [(0x90, 48, 76)]


@pytest.mark.jack
def test_pedals_and_mode_messages_of_a_real_keyboard(jack: Jack, tmp_path: Path) -> None:
    with wired(jack, tmp_path, *HARMONISE) as (_, keys, synth):
        keys.play(0xB0, 64, 127)
        keys.play(0x90, 60, 90)
        keys.play(0x80, 60, 0)
        keys.play(0xB0, 123, 0)
        sounds(synth, 48)
        keys.play(0xB0, 121, 0)
        sounds(synth)
        keys.play(0x90, 62, 90)
        keys.play(0xB0, 66, 64)
        keys.play(0x80, 62, 0)
        keys.play(0x90, 64, 90)
        keys.play(0xB0, 124, 0)
        sounds(synth, 50)
        keys.play(0xB0, 66, 0)
        sounds(synth)


@pytest.mark.jack
def test_the_answer_comes_though_the_pedal_of_a_keyboard_that_sends_all_notes_off_stays_down(
    jack: Jack, tmp_path: Path
) -> None:
    with wired(jack, tmp_path) as (player, keys, _):
        keys.play(0xB0, 64, 127)
        for pitch in (60, 62, 64, 65):
            keys.play(0x90, pitch, 90)
            time.sleep(0.2)
            keys.play(0x90, pitch, 0)
            keys.play(0xB0, 123, 0)
        assert turn(player) == "player"


def turn(player: Jam) -> object:
    """Whose turn it is when it changes next, within some seconds."""
    return player.receive("/livegen/out/turn", within=PATIENCE)[0]


@pytest.mark.jack
def test_a_controller_with_a_channel_for_each_note_is_heard_whole(jack: Jack, tmp_path: Path) -> None:
    """Bends lead to its notes; they follow their notes through thru, and the journal replays."""
    with wired(jack, tmp_path, "--model", "untrained") as (player, keys, synth):
        player.send("/livegen/thru", 1)
        while player.receive("/livegen/thru") != (True,):
            pass
        for number, channel in enumerate((2, 3, 10, 11)):
            keys.play(0xDF + channel, 5, 70 + number)
            keys.play(0x8F + channel, 60 + number, 90)
            assert len(player.receive("/livegen/out/next")) == 5, "one prediction for each note"
            keys.play(0x7F + channel, 60 + number, 0)
        until(lambda: (0x8A, 63, 0) in synth.heard)
        passed = [message for message in synth.heard if message[0] in (0xE9, 0x99)]
        assert passed == [(0xE9, 5, 72), (0x99, 62, 90)], "the bend, then its note"
        assert not [message for message in synth.heard if message[0] == 0xB0 and message[1] in (100, 101, 6)]
        until(lambda: "(MPE); livegen hears all of them." in player.said())
    assert player.said().count("(MPE); livegen hears all of them.") == 1
    take = record.read(player.journal())
    assert sum(isinstance(event, NoteOn) for event in take.heard) == 4
    assert Replay(take, lambda name: Untrained()).run().differs is None
    assert sum(isinstance(each, Prediction) for each in replayed(take)) == 4


def replayed(take: record.Recording) -> list[Event]:
    """What a session says to what a journal heard."""
    session = Session(Untrained(), Settings(), 1)
    out = [each for event in take.heard for each in (*session.advance_until(event.at), *session.receive(event))]
    return out + session.panic(session.now)


@pytest.mark.jack
def test_who_plays_on_a_channel_that_is_not_heard_is_told_once_what_to_set(jack: Jack, tmp_path: Path) -> None:
    with wired(jack, tmp_path, "--channel-in", "3") as (player, keys, _):
        for _ in range(8):
            keys.play(0x90, 60, 90)
            keys.play(0x80, 60, 0)
        assert "set channel_in to 1" in str(player.receive("/livegen/error")[1])
        player.send("/livegen/channel_in", 1)
        while player.receive("/livegen/channel_in") != (1,):
            pass
        keys.play(0x90, 62, 90)
        assert player.receive("/livegen/out/next")
        keys.play(0x80, 62, 0)
        until(lambda: "set channel_in to 1" in player.said(), what="the screen says it, too")
        assert player.said().count("set channel_in to 1") == 1
