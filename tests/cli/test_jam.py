"""`livegen jam` itself, as a process: real MIDI ports on JACK, a real synth, foreign OSC clients, real signals."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from livegen.cli import main as commands
from livegen.events import NoteOn
from livegen.journal import record
from livegen.midi import midifile as midi
from tests.support.jack import Jack, Peer, fluidsynth, until
from tests.support.jack import jack as jack
from tests.support.jam_process import NO_MIDI, Jam, jam, own_output, sounding, wired
from tests.support.parts import require
from tests.support.peers import PEERS

PHRASE = (62, 64, 66, 67, 69, 71, 73, 74)


without_sequencer = pytest.mark.skipif(Path("/dev/snd/seq").exists(), reason="this machine has an ALSA sequencer")


@without_sequencer
def test_without_any_midi_it_says_so_and_answers_over_osc(tmp_path: Path) -> None:
    with jam(tmp_path, midi=False) as player:
        until(lambda: "No MIDI system was found" in player.said(), what="it is said")
        for pitch in PHRASE:
            player.send("/livegen/note", pitch, 90)
            assert 0 <= player.receive("/livegen/out/next")[1] <= 127
            time.sleep(0.1)
            player.send("/livegen/note", pitch, 0)
        assert player.said().count("No MIDI system was found") == 1
        id, pitch, *_ = player.receive("/livegen/out/note")
        assert player.receive("/livegen/out/off")[:2] == (id, pitch)
    take = record.read(player.journal())
    assert [event.pitch for event in take.heard if isinstance(event, NoteOn)] == list(PHRASE)
    exported = midi.read(player.journal().with_suffix(".mid"))
    assert len([event for event in exported.events if isinstance(event, NoteOn)]) == len(
        [event for event in [*take.heard, *take.sent] if isinstance(event, NoteOn)]
    )


@without_sequencer
def test_a_broken_model_is_said_and_the_music_goes_on(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with jam(tmp_path, "--model", str(tmp_path / "broken.onnx"), midi=False) as player:
        until(lambda: "Meanwhile livegen plays plain scales" in player.said(), what="it is said")
        player.send("/livegen/note", 60, 90)
        player.receive("/livegen/out/next")
        player.send("/livegen/model", "folk")
        assert player.receive("/livegen/model") == ("folk",)
        player.send("/livegen/note", 62, 90)
        player.receive("/livegen/out/next")


@without_sequencer
def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "livegen", "jam", "--osc-port", port, "--journal", str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=os.environ | NO_MIDI,
        )
    assert done.returncode == 1
    assert f"UDP port {port} is taken" in done.stderr and "Traceback" not in done.stderr


@without_sequencer
@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="only Linux lets a test make a pipe small")
def test_a_screen_that_stands_still_does_not_stop_the_music(tmp_path: Path) -> None:
    """As after Ctrl-S in a terminal: nobody reads what livegen says."""
    unread, screen = os.pipe()
    fcntl.fcntl(screen, fcntl.F_SETPIPE_SZ, 4096)
    player = Jam(tmp_path, screen=screen, midi=False)
    for number in range(300):
        player.send(f"/livegen/wrong{number}")  # each mistake is said once
    player.send("/livegen/note", 60, 90, 1, 1234)
    assert player.receive("/livegen/out/next")[0] == 1234
    assert player.end() == 0
    os.close(unread)
    os.close(screen)


def play(jack: Jack, keyboard: Peer, pitches: tuple[int, ...] = PHRASE) -> None:
    for pitch in pitches:
        keyboard.play(0x90, pitch, 100)
        time.sleep(0.1)
        keyboard.play(0x80, pitch, 0)


@pytest.mark.jack
def test_a_phrase_into_the_virtual_port_comes_back_as_an_answer(jack: Jack, tmp_path: Path) -> None:
    with wired(jack, tmp_path) as (player, keys, synth):
        play(jack, keys)
        until(lambda: len(synth.heard) >= 4, what="the answer comes")
        while player.receive("/livegen/out/turn") != ("player",):
            pass
        keys.play(0x90, 60, 100)
        while player.receive("/livegen/out/turn") != ("performer",):
            pass
        until(lambda: not sounding(synth.heard), 5.0, "it gives way")
        before = len(synth.heard)
        time.sleep(0.5)  # while the key is held the player stays silent
        assert len(synth.heard) == before
        keys.play(0x80, 60, 0)
        assert {status & 0x0F for status, *_ in synth.heard} == {0}
    take = record.read(next(tmp_path.glob("*.jsonl")))
    heard = [event.pitch for event in take.heard if isinstance(event, NoteOn)]
    assert heard == [*PHRASE, 60]


@pytest.mark.jack
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_polite_end_leaves_silence(jack: Jack, tmp_path: Path, how: signal.Signals) -> None:
    with Peer("synth", "in", False) as synth:
        player = Jam(tmp_path, "--mode", "autonomous")
        jack.connect(own_output(jack), "synth:in")
        until(lambda: bool(sounding(synth.heard)), what="a note sounds")
        assert player.end(how) == 0
        until(lambda: not sounding(synth.heard), what="the note is released")


@pytest.mark.jack
def test_named_ports_several_inputs_and_a_lost_one(jack: Jack, tmp_path: Path) -> None:
    with Peer("one", "out", True) as one, Peer("synth", "in", False) as synth:
        two = Peer("two", "out", True)
        with jam(tmp_path, "--inputs", "one:out, two:out", "--outputs", "synth:in", "--mode", "continuation") as player:
            play(jack, one, PHRASE[:4])
            play(jack, two, PHRASE[4:])
            until(lambda: bool(synth.heard), what="the answer comes")
            two.close()
            until(lambda: "two:out is gone" in player.said(), what="the loss is said")
            one.play(0x90, 50, 100)
            until(lambda: not sounding(synth.heard), 5.0, "it still gives way")
            one.play(0x80, 50, 0)
    take = record.read(next(tmp_path.glob("*.jsonl")))
    assert [event.pitch for event in take.heard if isinstance(event, NoteOn)] == [*PHRASE, 50]


@pytest.mark.jack
def test_fluidsynth_plays_the_answer_and_the_sound_holds_its_pitches(jack: Jack, tmp_path: Path) -> None:
    require("jack_rec")
    with fluidsynth() as synth, wired(jack, tmp_path, "--patience", "4") as (player, keys, heard):
        jack.connect(own_output(jack), synth)
        sound = tmp_path / "sound.wav"
        with subprocess.Popen(
            ["jack_rec", "-f", str(sound), "-d", "8", "-b", "16", "fluid:left"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as recorder:
            play(jack, keys, PHRASE * 3)
            until(lambda: len(heard.heard) >= 6, what="the answer comes")
            answer = list(heard.heard)
            player.send("/livegen/panic")  # what would begin as the recording ends is not in it
            recorder.wait(60)
        played = {message[1] for message in answer if message[0] & 0xF0 == 0x90} - sounding(answer)
    assert played
    strength = pitches_in(sound)
    others = [pitch for pitch in range(40, 100) if pitch not in played]
    loud = [strength[pitch] for pitch in played]
    quiet = float(np.median([strength[pitch] for pitch in others]))
    assert all(level > 4 * quiet for level in loud), (played, loud, quiet)
    assert player.said()


def pitches_in(sound: Path) -> dict[int, float]:
    """The strength of each pitch's fundamental in a recording: the largest over all windows of 0.1 s."""
    with wave.open(str(sound)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(float)
    assert np.abs(samples).max() > 100, "the recording is silent"
    window = 2 ** int(np.log2(rate * 0.1))
    frames = samples[: len(samples) // window * window].reshape(-1, window) * np.hanning(window)
    spectrum = np.abs(np.fft.rfft(frames, 4 * window)).max(axis=0)
    hertz = {pitch: 440.0 * 2 ** ((pitch - 69) / 12) for pitch in range(30, 110)}
    return {pitch: float(spectrum[round(tone * 4 * window / rate)]) for pitch, tone in hertz.items()}


@without_sequencer
@pytest.mark.parametrize("name", PEERS)
async def test_foreign_programs_play_and_hear_the_answer(name: str, tmp_path: Path) -> None:
    with jam(tmp_path, midi=False) as player:
        heard = await PEERS[name](player.port, 3.0)
    addresses = [address for address, *_ in heard]
    assert addresses.count("/livegen/out/next") == 4
    assert addresses.count("/livegen/out/note") >= 2
    assert ("/livegen/temperature", 0.75) in heard
    starts = [args[1] for address, *args in heard if address == "/livegen/out/note"]
    ends = [args[1] for address, *args in heard if address == "/livegen/out/off"]
    assert sorted(starts) == sorted(ends)


def test_ctrl_c_while_the_commands_are_loaded_ends_quietly() -> None:
    """Python tells which module is there; most of them are not yet."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "livegen", "--version"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert any(line.split("|")[-1].strip() == "livegen.errors" for line in process.stderr), "it is loaded"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said, said
    assert process.returncode in (0, 130, -signal.SIGINT)


def test_ctrl_c_while_a_session_is_put_together_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "prepare", interrupted)
    done = CliRunner().invoke(commands.main, ["jam"])
    assert (done.exit_code, done.output) == (130, "")
