"""Thru: the performer's notes are sent on at once, share their channels with the player's, and never hang."""

import itertools
import random
import select
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from livegen.events import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    BEND,
    PRESSURE,
    SUSTAIN,
    ControlChange,
    Gesture,
    Heard,
    NoteOff,
    NoteOn,
)
from livegen.journal import record
from livegen.live.output import Destinations, Output
from livegen.midi.in_memory import InMemoryRig
from livegen.osc import packets
from livegen.settings import Settings
from livegen.system import clock
from tests.support.jack import Jack, Peer, private_jack, until
from tests.support.jam_process import Jam, jam
from tests.support.pauses import Pauses, is_busy
from tests.support.waiting import PATIENCE


class Mixer:
    """An output to a port in memory."""

    def __init__(self, folder: Path, thru: bool = True) -> None:
        self.settings = Settings(thru=thru)
        self.port = InMemoryRig()
        journal = record.Journal(folder, {}, clock.date(), 0.0)
        self.out = Output(self.settings, journal, lambda sentence: None, Destinations(rig=self.port))
        self.port.open(lambda event, port: None)

    def perform(self, *events: Heard | Gesture) -> None:
        for event in events:
            self.out.pass_on(event)

    def play(self, *events: Heard) -> None:
        self.out.send(events)

    @property
    def sent(self) -> list[tuple[int, int, int]]:
        return [(message[0], message[1], message[2]) for _, message in self.port.sent]

    def sounding(self) -> set[tuple[int, int]]:
        """The keys that a synth would have down."""
        down: set[tuple[int, int]] = set()
        for status, pitch, velocity in self.sent:
            key = status & 15, pitch
            if status & 0xF0 == 0x90 and velocity:
                assert key not in down, "struck again without a release"
                down.add(key)
            elif status & 0xF0 in (0x80, 0x90):
                down.discard(key)
        return down


async def test_it_is_off_unless_it_is_asked_for(tmp_path: Path) -> None:
    mixer = Mixer(tmp_path, thru=False)
    mixer.perform(NoteOn(0.0, 60, 90), NoteOff(0.0, 60), ControlChange(0.0, 1, 5))
    assert not mixer.sent


async def test_notes_and_controls_pass_as_they_came(tmp_path: Path) -> None:
    mixer = Mixer(tmp_path)
    mixer.perform(NoteOn(0.0, 60, 90, 3), ControlChange(0.0, 1, 5, 3), NoteOff(0.0, 60, 3))
    assert mixer.sent == [(0x92, 60, 90), (0xB2, 1, 5), (0x82, 60, 0)]


async def test_bends_and_pressure_pass_and_nothing_stays_bent(tmp_path: Path) -> None:
    mixer = Mixer(tmp_path)
    bent, pressed, touched = Gesture(0.0, BEND, (5, 80), 2), Gesture(0.0, PRESSURE, (70,)), Gesture(0.0, 0xA0, (60, 9))
    mixer.perform(bent, pressed, touched)
    assert [message for _, message in mixer.port.sent] == [b"\xe1\x05\x50", b"\xd0\x46", b"\xa0\x3c\x09"]
    mixer.settings.thru = False
    mixer.perform(replace(bent, data=(0, 64)), replace(pressed, data=(0,)), Gesture(0.0, BEND, (9, 9), 7))
    assert [message for _, message in mixer.port.sent[3:]] == [b"\xe1\x00\x40", b"\xd0\x00"]
    mixer.out.panic()
    assert [message for _, message in mixer.port.sent if message[0] & 0xF0 != 0xB0][5:] == [b"\xa0\x3c\x00"]


async def test_what_is_bent_when_the_port_closes_is_let_go(tmp_path: Path) -> None:
    mixer = Mixer(tmp_path)
    mixer.perform(Gesture(0.0, BEND, (5, 80), 2), Gesture(0.0, PRESSURE, (70,), 3))
    mixer.port.close()
    assert [message for _, message in mixer.port.sent if message[0] & 0xF0 != 0xB0][2:] == [
        b"\xd2\x00",
        b"\xe1\x00\x40",
    ]


async def test_neither_cuts_the_others_note(tmp_path: Path) -> None:
    mixer = Mixer(tmp_path)
    now = clock.now()
    mixer.perform(NoteOn(now, 60, 90))
    mixer.play(NoteOn(now, 60, 80, 1, 7, 1.0))
    mixer.perform(NoteOff(now, 60))
    assert mixer.sounding() == {(0, 60)}
    mixer.play(NoteOff(now, 60, 1, 7))
    assert mixer.sounding() == set()


async def test_a_release_after_the_next_stroke_does_not_end_it(tmp_path: Path) -> None:
    mixer = Mixer(tmp_path)
    mixer.perform(NoteOn(0.0, 60, 90), NoteOn(0.5, 60, 80), NoteOff(0.5, 60))
    assert mixer.sounding() == {(0, 60)}
    mixer.perform(NoteOff(1.0, 60))
    assert mixer.sounding() == set()


async def test_all_notes_off_of_the_keyboard_leaves_the_players_notes(tmp_path: Path) -> None:
    """Keyboards that send it whenever their last key is up play on the player's channel."""
    mixer = Mixer(tmp_path)
    now = clock.now()
    mixer.play(NoteOn(now, 72, 80, 1, 7, 1.0))
    mixer.perform(NoteOn(now, 60, 90), ControlChange(now, ALL_NOTES_OFF, 0))
    assert mixer.sounding() == {(0, 72)} and (0xB0, ALL_NOTES_OFF, 0) not in mixer.sent
    mixer.perform(ControlChange(now, ALL_SOUND_OFF, 0))
    assert mixer.sent[-1] == (0xB0, ALL_SOUND_OFF, 0)
    mixer.play(NoteOff(now, 72, 1, 7))


async def test_reset_controllers_lets_pedal_and_bend_go(tmp_path: Path) -> None:
    mixer = Mixer(tmp_path)
    mixer.perform(ControlChange(0.0, SUSTAIN, 127), Gesture(0.0, BEND, (5, 80)), Gesture(0.0, BEND, (5, 80), 2))
    mixer.settings.thru = False
    mixer.perform(ControlChange(0.1, 121, 0), ControlChange(0.2, 121, 0), ControlChange(0.3, SUSTAIN, 0))
    assert mixer.sent[3:] == [(0xB0, 121, 0)], "once, for what began with thru"


async def test_what_was_passed_on_is_ended_after_it_was_switched_off(tmp_path: Path) -> None:
    mixer = Mixer(tmp_path)
    mixer.perform(NoteOn(0.0, 60, 90), ControlChange(0.0, SUSTAIN, 127))
    mixer.settings.thru = False
    mixer.perform(NoteOn(0.1, 62, 90), NoteOff(0.1, 62), NoteOff(0.2, 60), ControlChange(0.3, SUSTAIN, 0))
    assert mixer.sent[2:] == [(0x80, 60, 0), (0xB0, SUSTAIN, 0)]


async def test_nothing_hangs_however_it_is_switched_and_whoever_plays(tmp_path: Path) -> None:
    """Every release that either side sends is heard, whenever thru was on."""
    for seed in range(200):
        draw, mixer, ids = random.Random(seed), Mixer(tmp_path), itertools.count(1)
        keys: set[int] = set()
        notes: dict[int, int] = {}
        now = clock.now()
        for _ in range(60):
            pitch = draw.choice([60, 61])
            match draw.randrange(5):
                case 0 if pitch not in keys:
                    keys.add(pitch)
                    mixer.perform(NoteOn(now, pitch, 90))
                case 1 if pitch in keys:
                    keys.discard(pitch)
                    mixer.perform(NoteOff(now, pitch))
                case 2 if pitch not in notes:
                    notes[pitch] = next(ids)
                    mixer.play(NoteOn(now, pitch, 80, 1, notes[pitch], 1.0))
                case 3 if pitch in notes:
                    mixer.play(NoteOff(now, pitch, 1, notes.pop(pitch)))
                case 4:
                    mixer.settings.thru = draw.random() < 0.5
        mixer.perform(*(NoteOff(now, pitch) for pitch in keys))
        mixer.play(*(NoteOff(now, pitch, 1, id) for pitch, id in notes.items()))
        while mixer.port.flush():
            clock.rest(0.001)
        assert not sounding_at_the_end(mixer), seed
        mixer.port.close()


def sounding_at_the_end(mixer: Mixer) -> set[int]:
    down: set[int] = set()
    for status, pitch, velocity in mixer.sent:
        (down.add if status & 0xF0 == 0x90 and velocity else down.discard)(pitch)
    return down


@pytest.fixture(scope="module")
def server_of_jack() -> object:
    with private_jack() as server:
        yield server


EVERY = 0.02  # seconds between the notes of the test
GAP = 0.05  # seconds
MODELS = ["piano", "markov", "folk"]


def test_a_model_is_changed_in_mid_phrase_without_a_gap(tmp_path: Path, server_of_jack: Jack) -> None:
    """Over real MIDI: notes flow through at 50 a second while two networks and a Markov chain are loaded.

    Other programs may hold up a busy machine: the notes around a change are held against the others, in three tries.
    """
    latest, pauses = [], []
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        with Pauses() as machine:
            latest.append(slowest_through_three_models(folder, server_of_jack))
        pauses.append(machine.longest)
        if latest[-1] < GAP:
            return
    if is_busy() or min(pauses) > GAP / 2:
        pytest.skip(f"nothing hung, but this machine is held up, and the gaps say nothing: {latest}, {pauses}")
    raise AssertionError(f"each time a change of model held a note up by more than {GAP} s: {latest}")


class Through:
    """Notes played into a running livegen, and when each came out again."""

    def __init__(self, player: Jam, steering: Peer, ears: Peer) -> None:
        self.player, self.steering, self.ears = player, steering, ears
        self.sent: list[float] = []
        self.arrived: list[float] = []
        self.told: list[object] = []  # which models play

    def play(self) -> None:
        """One note, for as long as one lasts."""
        pitch = 48 + len(self.sent) * 7 % 40
        self.sent.append(time.perf_counter())
        self.steering.play(0x95, pitch, 90)
        self.listen(EVERY)
        self.steering.play(0x85, pitch, 0)

    def listen(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end:
            seen = len(self.ears._heard)
            self.arrived.extend(now for message in self.ears.heard[seen:] if message[0] == 0x95 and message[2])
            while select.select([self.player.socket], [], [], 0)[0]:
                message = packets.decode(self.player.socket.recv(8192), 0.0)[0]
                self.told.extend(message.args if message.address == "/livegen/model" else ())
            time.sleep(0.0005)

    def change(self, model: str) -> set[int]:
        """Ask for a model, and play until some notes after it is there. The numbers of those notes."""
        self.player.send("/livegen/model", model)
        first, there = len(self.sent), 0
        while there < 10:
            assert len(self.sent) - first < 1000, f"{model} never came; there came {self.told}"
            self.play()
            there += model in self.told
        return set(range(first, len(self.sent)))


def slowest_through_three_models(folder: Path, server: Jack) -> float:
    """Lateness of the latest note after a change of model, seconds beyond all others. None may hang or be lost."""
    with (
        jam(folder, "--thru", "on", "--mode", "duet", "--model", "folk", "--page", "off") as player,
        Peer("hands", "out", plays=True) as steering,
        Peer("ears", "in", plays=False) as ears,
    ):
        until(lambda: any("livegen out" in name for name in server.ports()), what="livegen's ports are there")
        names = server.ports()
        server.connect("hands:out", next(name for name in names if "livegen in" in name))
        server.connect(next(name for name in names if "livegen out" in name), "ears:in")
        through = Through(player, steering, ears)
        near: set[int] = set()  # the notes around a change
        for model in MODELS:
            for _ in range(20):
                through.play()
            near |= through.change(model)
        end = time.perf_counter() + PATIENCE
        while len(through.arrived) < len(through.sent) and time.perf_counter() < end:
            through.listen(0.1)
        player.send("/livegen/panic")
        until(lambda: not still_down(ears.heard), what="all is silent")
        assert any(message[0] == 0x90 for message in ears.heard), "the player played, too"
    assert through.told == MODELS
    assert len(through.arrived) == len(through.sent)
    late = [there - here for there, here in zip(through.arrived, through.sent, strict=True)]
    return max(late[number] for number in near) - max(late[number] for number in set(range(len(late))) - near)


def still_down(heard: Sequence[tuple[int, ...]]) -> set[tuple[int, int]]:
    """The keys that a synth would have down at the end."""
    down: set[tuple[int, int]] = set()
    for status, pitch, *rest in heard:
        key = status & 15, pitch
        if status & 0xF0 == 0x90 and rest[0]:
            assert key not in down
            down.add(key)
        elif status & 0xF0 == 0x80:
            down.discard(key)
        elif status & 0xF0 == 0xB0 and pitch in (ALL_SOUND_OFF, ALL_NOTES_OFF):
            down = {other for other in down if other[0] != key[0]}
    return down
