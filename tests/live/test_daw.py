"""A real DAW: Ardour records livegen's notes, plays them on its own synth, and gives the tempo."""

import contextlib
import importlib.util
import os
import subprocess
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import mido  # type: ignore[import-untyped]
import numpy as np
import pytest

from livegen.events import NoteOn
from livegen.journal import record
from tests.support.jack import Jack, private_jack, until
from tests.support.jam_process import jam
from tests.support.parts import require
from tests.support.pauses import PAUSE, Pauses, is_busy
from tests.support.places import EXAMPLES

SCRIPT = EXAMPLES / "daw" / "ardour.lua"
QUIET = (
    '<?xml version="1.0" encoding="UTF-8"?><Ardour><Config>'
    + "".join(
        f'<Option name="{name}" value="0"/>'
        for name in ("auto-connect-standard-busses", "input-auto-connect", "output-auto-connect")
    )
    + "</Config></Ardour>"
)


@contextlib.contextmanager
def ardour(folder: Path, source: str, clock: str) -> Iterator[subprocess.Popen[bytes]]:
    """Ardour's transport rolls; it ends, and has saved, when the block does."""
    require("ardour7-lua")
    config = folder / "config" / "ardour7"
    config.mkdir(parents=True)
    (config / "config").write_text(QUIET)
    # Debian 12's libjack mixes up what the threads of one client ask; the one that comes with rtmidi does not.
    library = folder / "library"
    library.mkdir()
    found = importlib.util.find_spec("rtmidi")
    site = Path(found.origin).parent.parent if found is not None and found.origin else library
    bundled = next(site.glob("python_rtmidi*/libjack*"), None)
    if bundled is not None:
        (library / "libjack.so.0").symlink_to(bundled)
    ready, stop, log = folder / "ready", folder / "stop", folder / "log"
    environment = {
        **os.environ,
        "XDG_CONFIG_HOME": str(folder / "config"),
        "LD_LIBRARY_PATH": str(library),
        "SESSION": str(folder / "session"),
        "FROM": source,
        "TO": clock,
        "READY": str(ready),
        "STOP": str(stop),
    }
    with log.open("w") as out:
        process = subprocess.Popen(["ardour7-lua", str(SCRIPT)], env=environment, stdout=out, stderr=out)
    try:
        until(lambda: ready.exists() or process.poll() is not None, 60.0, "Ardour rolls")
        assert process.poll() is None, log.read_text()[-2000:]
        yield process
        stop.touch()
        assert process.wait(60) == 0, log.read_text()[-2000:]
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def server() -> Iterator[Jack]:
    with private_jack(period=512) as jack:
        yield jack


def test_ardour_records_us_plays_us_and_gives_us_its_tempo(server: Jack, tmp_path: Path) -> None:
    require("ardour7-lua")
    require("jack_rec")
    folder = tmp_path / "livegen"
    folder.mkdir()
    sound = tmp_path / "sound.wav"
    flags = ("--mode", "autonomous", "--model", "folk", "--tempo", "90", "--polyphony", "1", "--page", "off")
    with jam(folder, *flags) as player:
        until(lambda: any("livegen out" in name for name in server.ports()), what="livegen's ports are there")
        source, clock = (next(n for n in server.ports() if end in n) for end in ("livegen out", "livegen in"))
        with ardour(tmp_path, source, clock):
            recorder = subprocess.Popen(
                ["jack_rec", "-f", str(sound), "-d", "3", "-b", "16", "ardour:livegen/audio_out 1"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            followed: list[float] = []
            with Pauses() as machine:
                end = time.monotonic() + 6.0
                while time.monotonic() < end or len(followed) < 6:
                    tempo, *_, whose = player.receive("/livegen/out/tempo")
                    followed += [tempo] if whose == "clock" else []
            recorder.wait(60)
    if not is_busy() and machine.longest < PAUSE:  # otherwise JACK itself loses time, and all clocks with it
        assert median(followed[-6:]) == pytest.approx(120.0, rel=0.03)  # Ardour's, and not the 90 it began with
    recorded = notes(tmp_path / "session")
    played = [event.pitch for event in record.read(player.journal()).sent if isinstance(event, NoteOn)]
    assert len(recorded) >= 8
    assert any(played[at : at + len(recorded)] == recorded for at in range(len(played))), (recorded, played)
    assert loudness(sound) > 100


def notes(session: Path) -> list[int]:
    """The pitches that were recorded, in order."""
    found: list[int] = []
    for path in sorted(session.rglob("*.mid")):
        track = mido.MidiFile(path).tracks[-1]
        found += [message.note for message in track if message.type == "note_on" and message.velocity]
    return found


def loudness(sound: Path) -> float:
    """The root mean square of a recording of 16 bits."""
    with wave.open(str(sound)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(float)
    return float(np.sqrt((samples**2).mean()))
