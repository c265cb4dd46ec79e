"""The drummer live over JACK: ``python -m benchmarks.studies.kit [--seconds 60] [--realtime] [--out kit.wav]``.

A performer's keys play eighths and quarters over a private JACK server to ``livegen jam --mode accompany``, a program
of its own; its output plays FluidSynth's General MIDI kit, which is recorded. Printed are how late the hits were sent
(milliseconds, p50 and p99), all, and those that were not handed ahead to the process that sends; and what was recorded:
its peak and mean level, the rises of the level that are attacks, and the level before the first key. Needs jackd,
jack_rec and FluidSynth with a sound font.
"""

import argparse
import contextlib
import os
import subprocess
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.parts.figures import Spread, spread
from benchmarks.parts.watched_jam import USUAL, WISH
from tests.support.jack import Jack, Peer, fluidsynth, until
from tests.support.jam_process import jam, own_output

BPM, PERIOD = 112.0, 64  # beats a minute, and frames of 1/48,000 s
VALUES = (1.0, 0.5, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 2.0)  # beats
FRAME = 0.005  # seconds in which a level is measured
RISE = 1.5  # of a level over the one before, that counts as heard
SILENT, TAIL = 0.5, 3.0  # seconds that are recorded before the first key, at least, and after the last


class Audio(NamedTuple):
    """A recording: peak and mean level in dB of full scale, the mean before the first hit, and the rises in it."""

    peak: float
    mean: float
    before: float
    rises: int


def decibels(level: float) -> float:
    """The level in dB of full scale; -120 at least."""
    return float(20.0 * np.log10(max(1e-6, level)))


def judge(samples: npt.NDArray[np.float64], rate: int, quiet: float) -> Audio:
    """What is heard in samples of -1 to 1, of which so many seconds at the beginning are to be silent."""
    size = round(rate * FRAME)
    levels = np.sqrt((samples[: len(samples) // size * size].reshape(-1, size) ** 2).mean(1))
    before, after = samples[: round(rate * quiet)], samples[round(rate * quiet) :]
    loud = levels[1:] > RISE * np.maximum(levels[:-1], 10 ** (-50 / 20))
    rises = int((loud[1:] & ~loud[:-1]).sum())
    return Audio(
        decibels(float(np.abs(samples).max())),
        decibels(float(np.sqrt((after**2).mean()))),
        decibels(float(np.sqrt((before**2).mean()))) if len(before) else -120.0,
        rises,
    )


def read(path: Path) -> tuple[npt.NDArray[np.float64], int]:
    """The samples of a recording of one channel, and their number a second."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float64) / 32768.0
        return samples, file.getframerate()


def play(keys: Peer, seconds: float) -> None:
    """Play eighths and quarters for so long."""
    start = place = time.monotonic()
    number = 0
    while place < start + seconds:
        length, pitch = VALUES[number % len(VALUES)] * 60.0 / BPM, 60 + number * 5 % 7
        time.sleep(max(0.0, place - time.monotonic()))
        keys.play(0x90, pitch, 90)
        time.sleep(0.7 * length)
        keys.play(0x80, pitch, 0)
        place, number = place + length, number + 1


@contextlib.contextmanager
def recorded(path: Path, seconds: float) -> Iterator[None]:
    """Record FluidSynth's left channel."""
    command = ["jack_rec", "-f", str(path), "-d", str(int(seconds)), "-b", "16", "fluid:left"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until(path.exists, what="jack_rec records")
        yield
        process.wait(4.0 * seconds + 30.0)  # the clock of JACK's dummy driver is slow on a busy machine


def measure(seconds: float, realtime: bool, path: Path) -> tuple[list[Spread], Audio]:
    """Play, and return how late the hits were and what was recorded into the file ``path``."""
    with tempfile.TemporaryDirectory() as place, Jack(PERIOD) as jack, fluidsynth() as kit:
        folder, late = Path(place), Path(place) / "late"
        os.environ[WISH] = str(late)
        flags = ("--mode", "accompany", "--realtime", "on" if realtime else "off")
        with jam(folder, *flags, module="benchmarks.parts.watched_jam") as player, Peer("keys", "out", True) as keys:
            jack.connect("keys:out", "livegen:livegen in")
            jack.connect(own_output(jack), kit)
            with recorded(path, seconds + TAIL):
                time.sleep(1.0)
                play(keys, seconds - 1.0)
            scheduled = os.sched_getscheduler(player.process.pid)
            print(f"real-time priority: {scheduled & ~os.SCHED_RESET_ON_FORK in (os.SCHED_FIFO, os.SCHED_RR)}")
        until(late.exists, what="livegen has ended")
        lines = [line.split() for line in late.read_text().splitlines()]
    lates = [spread("all", [float(late) for _, late in lines])]
    if usual := [float(late) for how, late in lines if how == USUAL]:
        lates.append(spread("not handed ahead", usual))
    return lates, judge(*read(path), SILENT)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds that are played (default 60)")
    parser.add_argument("--realtime", action="store_true", help="livegen takes real-time priority")
    parser.add_argument("--out", type=Path, help="the recording is kept here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lates, audio = measure(asked.seconds, asked.realtime, asked.out or Path(folder) / "kit.wav")
    print(
        f"| hits, {'real-time' if asked.realtime else 'ordinary'} priority | number | p50, ms | p99, ms | longest, ms |"
    )
    print("| --- | --- | --- | --- | --- |")
    for each in lates:
        print(f"| {each.name} | {each.count} | {each.p50:.2f} | {each.p99:.2f} | {each.max:.2f} |")
    print(
        f"\nRecorded: peak {audio.peak:.1f} dB, mean {audio.mean:.1f} dB, before the first key {audio.before:.1f} dB;"
        f" {audio.rises} attacks"
    )


if __name__ == "__main__":
    main()
