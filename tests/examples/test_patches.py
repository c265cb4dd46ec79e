"""The patches and scripts for other programs, opened in the real programs: they play with a live server and sound."""

import asyncio
import os
import re
import signal
import subprocess
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.jack import private_jack
from tests.support.live_stage import Stage
from tests.support.live_stage import stage as stage
from tests.support.parts import require
from tests.support.places import EXAMPLES

PURE_DATA = EXAMPLES / "puredata"
SUPERCOLLIDER = EXAMPLES / "supercollider" / "livegen.scd"
QUIET = {
    "QT_QPA_PLATFORM": "offscreen",
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
    "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
}


async def until_said(program: asyncio.subprocess.Process, *starts: str, within: float = 60.0) -> list[str]:
    """A program's lines, up to the first that begins with the last of ``starts``; the other starts come before."""
    assert program.stdout is not None
    said: list[str] = []
    wanted = list(starts)
    async with asyncio.timeout(within):
        while wanted:
            line = (await program.stdout.readline()).decode(errors="replace").rstrip()
            assert line or not program.stdout.at_eof(), said
            said.append(line)
            if line.startswith(wanted[0]):
                wanted.pop(0)
    return said


async def started(*command: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | environment,
        start_new_session=True,
    )


async def ended(program: asyncio.subprocess.Process) -> None:
    """End a program and those that it started."""
    os.killpg(program.pid, signal.SIGKILL)
    await program.wait()


async def test_pure_datas_patch_plays_a_phrase_and_hears_its_answer(stage: Stage, tmp_path: Path) -> None:
    require("pd")
    listener = tmp_path / "listener.pd"
    listener.write_text(
        "#N canvas 0 0 400 300 12;\n#X obj 10 10 r livegen-heard;\n#X obj 10 40 print heard;\n"
        "#X obj 200 10 r livegen-lateness;\n#X obj 200 40 print late;\n#X connect 0 0 1 0;\n#X connect 2 0 3 0;\n"
    )
    options = ["-nogui", "-noaudio", "-nomidi", "-noprefs", "-nrt", "-stderr"]
    for message in (f"livegen-port {stage.server.osc_port}", "livegen-temperature 0.6", "livegen-phrase bang"):
        options += ["-send", message]
    pd = await started("pd", *options, str(PURE_DATA / "livegen.pd"), str(listener))
    try:
        said = await until_said(pd, "heard:", "late:")
        assert not [line for line in said if "couldn't create" in line or "failed" in line]
        (id, pitch, velocity, seconds, channel) = map(
            float, next(x for x in said if x.startswith("heard")).split()[-5:]
        )
        assert (velocity, channel) == (90, 1)
        assert 36 <= pitch <= 96
        assert id >= 1 and seconds > 0
        assert stage.server.settings.temperature == pytest.approx(0.6)
    finally:
        await ended(pd)


# Into a table first: what writes a sound file as it comes is a thread, which may not have begun when Pd has ended.
RECORDER = """#N canvas 0 0 400 300 12;
#X obj 10 10 loadbang;
#X obj 10 40 t b b b b;
#X msg 300 70 \\; pd dsp 1;
#X msg 200 70 bang;
#X msg 100 70 69 90;
#X obj 10 70 delay 500;
#X msg 10 100 69 0;
#X obj 10 130 livegen-synth;
#X obj 10 160 tabwrite~ take;
#X obj 10 190 delay 1000;
#X msg 10 220 write -wave -bytes 2 FILE take;
#X obj 60 220 delay 50;
#X msg 60 250 \\; pd quit;
#X obj 10 250 soundfiler;
#X obj 300 160 table take 60000;
#X connect 0 0 1 0;
#X connect 1 3 2 0;
#X connect 1 2 3 0;
#X connect 1 1 4 0;
#X connect 1 0 5 0;
#X connect 3 0 8 0;
#X connect 4 0 7 0;
#X connect 5 0 6 0;
#X connect 6 0 7 0;
#X connect 7 0 8 0;
#X connect 1 0 9 0;
#X connect 9 0 10 0;
#X connect 10 0 13 0;
#X connect 9 0 11 0;
#X connect 11 0 12 0;
"""


def heard(path: Path) -> tuple[np.ndarray[Any, Any], int]:
    """The first channel of a sound file of 16 bits, -1 to 1, and its rate."""
    with wave.open(str(path), "rb") as sound:
        frames = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
        return frames[:: sound.getnchannels()] / 32768.0, sound.getframerate()


def loudest_frequency(sound: np.ndarray[Any, Any], rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * rate / len(sound))


def test_pure_datas_synth_sounds_the_pitch_and_ends_it(tmp_path: Path) -> None:
    """Pd computes it without a sound card, as fast as it can."""
    require("pd")
    recorder, file = tmp_path / "recorder.pd", tmp_path / "a4.wav"
    recorder.write_text(RECORDER.replace("FILE", str(file)))
    command = ["pd", "-batch", "-noprefs", "-nomidi", "-path", str(PURE_DATA), str(recorder)]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    sound, rate = heard(file)
    assert abs(loudest_frequency(sound[: rate // 2], rate) - 440.0) < 3.0
    assert 0.05 < np.abs(sound[: rate // 2]).max() < 1.0
    assert np.abs(sound[int(0.7 * rate) :]).max() < 0.001


# Instead of a listener's ear: how loud the sound server's first output is, told to the language.
EAR = """
fork {
	block { |done| 200.do { if(s.serverRunning) { done.value }; 0.05.wait } };
	s.sync;
	OSCdef(\\ear, { |message| if(message[3] > 0.02) { "it sounds %".format(message[3]).postln } }, '/ear');
	{ SendReply.kr(Impulse.kr(20), '/ear', Amplitude.kr(In.ar(0))) }.play(addAction: \\addToTail);
	s.sync;
	PHRASE
};
"""


async def test_supercolliders_script_plays_a_phrase_and_sounds_the_answer(stage: Stage, tmp_path: Path) -> None:
    """The blocks one after the other, as a musician evaluates them; the sound server plays into JACK's dummy driver."""
    require("sclang")
    require("scsynth")
    voice, hearing, phrase = re.findall(r"^\($(.*?)^\)$", SUPERCOLLIDER.read_text(), re.DOTALL | re.MULTILINE)
    script = tmp_path / "all.scd"
    script.write_text("".join(f"{{{block}}}.value;\n" for block in (voice, hearing, EAR.replace("PHRASE", phrase))))
    with private_jack(period=512):
        sclang = await started("sclang", str(script), **QUIET, LIVEGEN_PORT=str(stage.server.osc_port))
        try:
            said = await until_said(sclang, "it is the player's turn", "it sounds", within=60.0)
            assert any(line.startswith("livegen plays ") for line in said)
            assert not [line for line in said if "ERROR" in line]
        finally:
            await ended(sclang)


KEYS = """#N canvas 0 0 400 300 12;
#X obj 10 10 livegen-keys;
#X obj 10 40 print keys;
#X obj 10 70 r done;
#X msg 10 100 \\; pd quit;
#X connect 0 0 1 0;
#X connect 2 0 3 0;
"""


def test_the_keys_of_the_computer_are_a_keyboard_in_pure_data(tmp_path: Path) -> None:
    """Pressed where Pd's window passes them on: a held key that repeats is one note, and one that is no key is none."""
    require("pd")
    patch = tmp_path / "keys.pd"
    patch.write_text(KEYS)
    command = ["pd", "-nogui", "-noaudio", "-nomidi", "-noprefs", "-nrt", "-stderr", "-path", str(PURE_DATA)]
    for pressed in ("#key 97", "#key 97", "#keyup 97", "#key 107", "#keyup 107", "#key 122", "#keyup 122", "done bang"):
        command += ["-send", pressed]
    done = subprocess.run([*command, str(patch)], timeout=60, capture_output=True, text=True, check=True)
    assert re.findall(r"^keys: (.*)$", done.stderr, re.MULTILINE) == ["60 90", "60 0", "72 90", "72 0"]
