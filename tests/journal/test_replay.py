"""A journal replays bit for bit, however late the loop woke, and wherever the journal was cut."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from livegen.cli import main
from livegen.errors import FileError, ModelError, SettingsError
from livegen.events import Event, NoteOn
from livegen.journal import record, replay
from livegen.journal.replay import Replay, header, sentence
from livegen.live.output import Output
from livegen.live.server import open_server
from livegen.midi import midifile
from livegen.music.drums import CHANNEL
from livegen.osc import packets
from livegen.player import modes
from livegen.predictors import models
from livegen.predictors.models import Predictor, Untrained
from livegen.session import verbs
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.change_names import BEGIN, END, RUN, SET
from livegen.session.parts import Part
from livegen.session.session import LEAD, Session
from livegen.settings import Settings, specs
from livegen.system import clock
from tests.support.live_stage import Client
from tests.support.performances import perform
from tests.support.waiting import PATIENCE, until

DATE = datetime(2026, 11, 20, 12, 0, 0)
PERFORMANCES = int(os.environ.get("LIVEGEN_PERFORMANCES", "40"))
load = cache(models.load)
ASKED: list[tuple[Any, ...]] = [
    *(("panic",), ("reset",), ("forget",), ("rewind", 3), ("rewind", 2.0, "beats"), ("rewind", 500)),
    *((verb, slot) for verb in ("save", "save", "recall", "recall", "clear") for slot in (1, 2)),
    *(("reply",), ("reply", "now"), ("reply", "bar"), ("stop",), ("again",), ("again", "beat")),
    *(("follow", *grid) for grid in ((3.7, 0.41, "clock", True), (0.0, 0.8, "tap", True), (9.25, 0.6, "link", False))),
]
CHANGES = [
    *(("turn", "pedal"), ("turn", "auto"), ("turn_pedal", 64)),
    *(("morph", 0.0), ("morph", 0.3), ("morph", 1.0), ("morph_to", 1), ("listen_to", 0.9), ("listen_to", 0.0)),
    *(("scale", "blues"), ("key", "auto"), ("chord", "left-hand"), ("chord", "Am7"), ("strictness", 70.0)),
    *(("raga", "Mohanam"), ("raga", "off"), ("tala", "rupaka"), ("density", 2.0), ("loops", 2), ("zone", 70)),
    *(("temperature", 0.7), ("memory", 0.4), ("lowest", 50), ("tempo", 97.5), ("follow", 1.0), ("patience", 3.0)),
]


class Stage:
    """A session driven as the server drives it, at times of its own: it wakes late, and hears late."""

    def __init__(self, folder: Path, seed: int, model: Predictor, mode: str, began: float) -> None:
        self.draw = random.Random(seed)
        settings = Settings(mode=mode, model=model.name)
        self.session: AnySession = Session(model, settings, seed, began)
        if seed % 5 == 4:  # two voices
            bass = Part("bass", model, Settings(mode="duet", model=model.name, channel_out=2), ("lead",))
            self.session = Band([Part("lead", model, settings), bass], seed, began)
        self.session.lead = LEAD
        self.journal = record.Journal(folder, header(self.session, seed), DATE, began)
        self.now = began
        self.played: list[Event] = []
        self.worked = 0  # pieces of work ahead
        self.idleness = random.Random(seed)

    def note(self, verb: str, *args: object) -> None:
        self.journal.noted(self.now, verb, *args)

    def send(self, events: list[Event]) -> None:
        self.journal.sent(events)
        self.played += events

    def wake_until(self, end: float) -> None:
        """The timer rings, up to 20 ms late, and now and then not at all before the next event."""
        while (due := self.session.next_due()) is not None and due < end:
            self.idle_until(due)
            self.now = max(self.now, due + self.draw.choice([0.0, 1e-4, 2e-3, 0.02]) * self.draw.random())
            if self.now >= end:
                break
            self.note(RUN)
            self.send(self.session.advance(self.now, promptly=True))
        self.idle_until(end)
        self.now = max(self.now, end)

    def idle_until(self, end: float) -> None:
        """Nothing happens: the session works ahead, now as much as it can, now a little, now nothing."""
        at, left = self.now, self.idleness.choice([0, 0, 7, 200])
        while (at := at + 0.004) < end and left > 0:
            while left > 0 and self.session.work_ahead(at):
                left -= 1
                self.worked += 1

    def play(self, seed: int, length: int) -> None:
        """A random performance, with what else may be asked of a session between its notes."""
        self.note(BEGIN)
        self.send(self.session.reset(self.now))
        start = self.now
        for event in perform(seed, length):
            at = start + event.at
            self.wake_until(at + self.draw.choice([0.0, 0.0005, 0.004]) * self.draw.random())
            heard = replace(event, at=max(at, self.session.now))
            self.journal.heard(heard)
            self.send(self.session.receive(heard))
            if self.draw.random() < 0.12:
                self.ask()
        self.wake_until(self.now + 5.0)
        self.note(END)
        self.send(self.session.panic(self.now))
        self.journal.close()

    def ask(self) -> None:
        """Change a setting or the mode, or do what a word says."""
        kind = self.draw.randrange(3)
        if kind == 0:
            name, value = self.draw.choice(CHANGES)
            self.session.settings.set(name, value)
            self.journal.noted(self.now, SET, name, value)
            self.send(self.session.settings_changed(self.now))
        elif kind == 1:
            mode = self.draw.choice(list(modes.MODES))
            self.session.settings.mode = mode
            self.journal.noted(self.now, SET, "mode", mode)
            self.send(self.session.set_mode(modes.MODES[mode], self.now))
        else:
            verb, *args = self.draw.choice(ASKED)
            self.note(verb, *args)
            with contextlib.suppress(SettingsError):  # an empty slot
                self.send(verbs.do(self.session, verb, self.now, args))


def staged(folder: Path, seed: int, name: str = "untrained", length: int = 40) -> Stage:
    mode = list(modes.MODES)[seed % len(modes.MODES)]
    stage = Stage(folder, seed, load(name), mode, 1000.0 * random.Random(seed).random())
    stage.play(seed, length)
    return stage


def lively(folder: Path, name: str) -> Stage:
    """The first performance in which the player plays, and no drums: which that is changes with the verbs there are."""
    stages = (staged(folder / str(seed), seed, name) for seed in range(5, 25))
    return next(
        stage for stage in stages if {10} != {on.channel for on in record.read(stage.journal.path).sent} != set()
    )


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["untrained", "folk", "piano", "markov"])
def test_what_was_played_is_played_again_bit_for_bit(tmp_path: Path, name: str) -> None:
    notes = worked = 0
    for seed in range(PERFORMANCES if name == "untrained" else max(2, PERFORMANCES // 10)):
        stage = staged(tmp_path / str(seed), seed, name)
        replayed = Replay(record.read(stage.journal.path), load).run()
        assert replayed.differs is None, f"seed {seed}: {replayed.differs}"
        assert len(replayed.played) == replayed.expected
        notes += replayed.notes
        worked += stage.worked
    assert notes > PERFORMANCES
    assert worked > PERFORMANCES or name != "untrained"


def test_a_journal_cut_anywhere_replays_up_to_the_cut(tmp_path: Path) -> None:
    stage = staged(tmp_path, 7, length=60)
    whole = stage.journal.path.read_bytes()
    first = whole.index(b"\n") + 1
    draw = random.Random(1)
    path = tmp_path / "cut.jsonl"
    longest = 0
    for _ in range(40):
        path.write_bytes(whole[: draw.randrange(first, len(whole))])
        replay = Replay(take := record.read(path), load)
        replayed = replay.run()
        assert replayed.differs is None and replayed.expected == len(take.sent)
        longest = max(longest, replayed.expected)
        replay.session.ledger.next_end()
        assert not len(replay.session.ledger)
    assert longest > 20


def test_a_journal_of_other_notes_is_found_out(tmp_path: Path) -> None:
    path = staged(tmp_path, 3).journal.path
    lines = path.read_text().splitlines()
    place = max(index for index, line in enumerate(lines) if line.startswith('["sent", "on"'))
    row = json.loads(lines[place])
    row[3] = (row[3] + 1) % 128
    lines[place] = json.dumps(row)
    path.write_text("\n".join(lines))
    replay = Replay(record.read(path), load)
    replayed = replay.run()
    assert replayed.differs is not None
    then, now = replayed.differs
    assert isinstance(then, NoteOn) and then.pitch == row[3] and now is not None
    assert "not all as then" in sentence(replay, replayed)


def test_a_setting_changed_tells_what_would_have_been_played(tmp_path: Path) -> None:
    take = record.read(lively(tmp_path, "folk").journal.path)
    same = Replay(take, load).run()
    other = [Replay(take, load, {"temperature": "0.3", "seed": "9"}).run() for _ in range(2)]
    assert other[0].played == other[1].played != same.played
    assert {note.channel for note in Replay(take, load, {"channel_out": "7"}).run().played} - {10} == {
        7
    }  # but for a drummer's
    with pytest.raises(SettingsError, match=r"0\.1 to 2"):
        Replay(take, load, {"temperature": "9"})


def test_a_model_that_is_another_by_now_is_not_taken_for_it(tmp_path: Path) -> None:
    take = record.read(lively(tmp_path, "folk").journal.path)
    take.header["model"]["sha256"] = "0123456789"
    with pytest.raises(ModelError, match="--set model=folk"):
        Replay(take, load)
    assert Replay(take, load, {"model": "folk"}).run().notes


def test_a_note_that_was_dropped_for_lateness_is_no_difference(tmp_path: Path) -> None:
    """It was decided, and what came after it is as it was."""
    stage = staged(tmp_path, 3)
    lines = stage.journal.path.read_text().splitlines()
    place = [index for index, line in enumerate(lines) if line.startswith('["sent", "on"')][4]
    lines[place] = lines[place].replace("sent", "late")
    stage.journal.path.write_text("\n".join(lines))
    replayed = Replay(record.read(stage.journal.path), load).run()
    assert replayed.differs is None and len(replayed.played) == replayed.expected + 1


async def test_an_output_journals_the_late_notes_that_it_drops(tmp_path: Path) -> None:
    journal = record.Journal(tmp_path, {}, DATE, 0.0)
    Output(Settings(), journal, lambda sentence: None).send([NoteOn(clock.now() - 5.0, 60, 90, id=1)])
    journal.close()
    assert [entry[0] for entry in record.read(journal.path).entries] == ["late"]


def test_the_times_of_a_journal_are_exact(tmp_path: Path) -> None:
    draw = random.Random(2)
    for _ in range(300):
        began = draw.choice([0.0, 3.7, 900.0, 131071.9, 4e6]) * draw.random()
        at = began + draw.random() * draw.choice([0.01, 2.0, 5000.0])
        journal = record.Journal(tmp_path, {}, DATE, began)
        journal.heard(NoteOn(at, 60, 90))
        journal.noted(at, RUN)
        journal.close()
        take = record.read(journal.path)
        assert take.heard[0].at + take.header["began"] == at == take.entries[1][1] + take.header["began"]
        journal.path.unlink()


@pytest.mark.parametrize("name", ["folk"])
async def test_a_session_over_osc_is_played_again(tmp_path: Path, name: str) -> None:
    """The real server, in real time: its notes, settings, modes, another model, a fault; then its journal."""
    settings = Settings(mode="duet", osc_port=0, osc_target="none", model=name)
    now = clock.now()
    session = Session(load(name), settings, 4, now)
    journal = record.Journal(tmp_path, header(session, 4), clock.date(), now)
    server = await open_server(session, journal, lambda sentence: None)
    client = Client(server.osc_port)
    running = asyncio.create_task(server.run())
    asked: dict[int, tuple[Any, ...]] = {
        5: ("/livegen/temperature", 0.8),
        9: ("/livegen/mode", "continuation"),
        12: ("/livegen/forget",),
        15: ("/livegen/model", "markov"),
        18: ("/livegen/panic",),
    }
    for count in range(24):
        client.send("/livegen/note", 60 + count * 5 % 13, 90)
        await asyncio.sleep(0.11 if count % 8 else 0.4)
        client.send("/livegen/note", 60 + count * 5 % 13, 0)
        if count in asked:
            client.send(*asked[count])
        if count == 20:
            session.player.turns.mode = lambda situation, settings: 1 / 0  # type: ignore[assignment,return-value]
    await until(lambda: session.settings.model == "markov")
    client.send("/livegen/mode", "autonomous")
    for _ in range(20):  # in duet livegen plays little: most notes come now
        await asyncio.sleep(0.5)
        if len(record.read(journal.path).sent) > 24:
            break
    server.stop()
    await running
    client.socket.close()
    take = record.read(journal.path)
    replayed = Replay(take, load).run()
    assert replayed.differs is None, replayed.differs
    assert replayed.notes > 10 and ("set", "model") in {(change[0], *change[2:3]) for change in take.changes}


def test_the_command_plays_it_again_and_says_so(tmp_path: Path) -> None:
    path = staged(tmp_path, 2).journal.path
    done = CliRunner().invoke(main.main, ["replay", str(path)])
    assert done.exit_code == 0, done.output
    assert "bit for bit" in done.output
    ons = [event for event in midifile.read(path.with_suffix(".replay.mid")).events if isinstance(event, NoteOn)]
    assert len(ons) > 10
    done = CliRunner().invoke(main.main, ["replay", str(path), str(tmp_path / "x.mid"), "--set", "seed=8", "--json"])
    assert done.exit_code == 0 and json.loads(done.output)["same"] is None
    done = CliRunner().invoke(main.main, ["replay", str(path), "--set", "seed"])
    assert done.exit_code == 2 and "NAME=VALUE" in done.stderr


def test_a_verb_that_nobody_knows_is_refused_in_a_sentence() -> None:
    with pytest.raises(SettingsError, match="it knows"):
        verbs.do(Session(Untrained(), Settings()), "dance", 0.0)


def test_a_replay_is_heard_in_its_own_time(tmp_path: Path) -> None:
    """Over OSC, by another program; and a signal ends it with nothing left sounding."""
    journal = record.Journal(
        tmp_path, header(session := Session(Untrained(), Settings(mode="autonomous"), 3), 3), DATE, 0.0
    )
    journal.noted(0.0, BEGIN)
    session.reset(0.0)
    for tick in range(1, 4000):
        journal.noted(tick * 0.002, RUN)
        journal.sent(session.advance(tick * 0.002, promptly=True))
    journal.close()
    played = Replay(record.read(journal.path), load).run().played
    ons = [event for event in played if isinstance(event, NoteOn)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(PATIENCE)
        path = tmp_path / "aimed.jsonl"
        lines = journal.path.read_text().splitlines(keepends=True)
        told = json.loads(lines[0])
        told["settings"] |= {"osc_target": f"127.0.0.1:{ear.getsockname()[1]}", "outputs": "none", "late": 2.0}
        path.write_text(json.dumps(told) + "\n" + "".join(lines[1:]))
        child = subprocess.Popen(
            [sys.executable, "-m", "livegen", "replay", str(path), "--play"], stdout=subprocess.DEVNULL
        )
        heard: list[tuple[float, str, tuple[Any, ...]]] = []
        while True:
            message = packets.decode(ear.recv(8192), 0.0)[0]
            heard.append((time.perf_counter(), message.address, message.args))
            if sum(address == "/livegen/out/note" for _, address, _ in heard) == 5 and child.poll() is None:
                child.send_signal(signal.SIGTERM)
                break
        child.wait(PATIENCE)
        ear.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                message = packets.decode(ear.recv(8192), 0.0)[0]
                heard.append((0.0, message.address, message.args))
    notes = [(at, args) for at, address, args in heard if address == "/livegen/out/note"]
    assert [args[:3] for _, args in notes] == [(on.id, on.pitch, on.velocity) for on in ons[: len(notes)]]
    # A machine that is busy makes each note late by itself, and the first one, too.
    lasts, lasted = ons[4].at - ons[0].at, notes[4][0] - notes[0][0]
    assert lasts > 0.5 and lasts / 2 < lasted < lasts + 10.0
    ended = [args[0] for _, address, args in heard if address == "/livegen/out/off"]
    assert sorted(ended) == sorted(args[0] for _, args in notes)


def test_a_setting_that_a_journal_does_not_have_acts_as_livegen_did_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [each._replace(formerly=1.5) if each.name == "temperature" else each for each in specs()]
    monkeypatch.setattr(replay, "specs", lambda: iter(rows))
    assert Replay(record.Recording({"settings": {}}), load).session.settings.temperature == 1.5
    assert Replay(record.Recording({"settings": {"temperature": 0.7}}), load).session.settings.temperature == 0.7


def test_a_drummer_that_is_another_by_now_is_refused_if_it_played() -> None:
    session = Session(Untrained(), Settings(mode="accompany", model="untrained"), 1)
    told = header(session, 1)
    assert told["drummers"] == {"drums": models.drummer("drums").digest}
    hit = NoteOn(1.0, 36, 80, CHANNEL)
    other = told | {"drummers": {"drums": "0" * 64}}
    with pytest.raises(ModelError, match=r"The drummer drums .* begins with 00000000, .* `--set drums=drums`"):
        Replay(record.Recording(other, sent=[hit]), load)
    later = ("drummer", 0.5, "drums", "1" * 64)
    with pytest.raises(ModelError, match="begins with 11111111"):
        Replay(record.Recording(told, sent=[hit], entries=[later]), load)
    Replay(record.Recording(other, sent=[hit]), load, {"drums": "drums"})
    Replay(record.Recording(other, sent=[NoteOn(1.0, 36, 80)]), load)  # no drums played
    Replay(record.Recording(told, sent=[hit]), load)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('["run", 1000000.0]', "leaves 11.6 days between two of its lines, which no session does"),
        ('["set", 2.0, "model", "PIPE", "0"]', None),
        ('["follow", 2.0, 0.0, 1e-12, "tap", true]', None),
    ],
)
def test_a_damaged_journal_is_no_endless_replay(tmp_path: Path, line: str, error: str | None) -> None:
    """Days of playing, a model that is a pipe, a beat without length: each took for ever."""
    pipe = tmp_path / "pipe.onnx"
    os.mkfifo(pipe)
    rows = [
        json.dumps({"livegen": 1, "settings": {"mode": "autonomous"}}),
        '["begin", 0.0]',
        line.replace("PIPE", str(pipe)),
        *([] if error else ['["set", 2.5, "begin", "beat"]', '["run", 4.0]']),
    ]
    path = tmp_path / "damaged.jsonl"
    path.write_text("\n".join(rows) + "\n")
    take = record.read(path)
    if error is not None:
        with pytest.raises(FileError, match=error):
            Replay(take, models.load)
        return
    assert Replay(take, models.load).run().notes
