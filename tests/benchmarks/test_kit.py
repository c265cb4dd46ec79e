"""Tests of what the benchmark of the live drummer hears in a recording."""

import wave
from pathlib import Path

import numpy as np
import pytest

from benchmarks.studies import kit

RATE = 48000


def test_attacks_and_levels_are_heard(tmp_path: Path) -> None:
    samples = np.zeros(4 * RATE)
    for start in (1.5, 2.0, 2.5, 3.0):
        at = round(start * RATE)
        fades = 0.5 * np.exp(-np.arange(RATE // 4) / 2000.0)
        samples[at : at + len(fades)] += fades * np.sin(np.arange(len(fades)) / 5.0)
    with wave.open(str(path := tmp_path / "kit.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes((samples * 32767).astype(np.int16).tobytes())
    audio = kit.judge(*kit.read(path), quiet=1.0)
    assert audio.rises == 4
    assert audio.peak == pytest.approx(-6.0, abs=0.5)
    assert audio.before == -120.0
    assert kit.judge(np.zeros(RATE), RATE, 0.5).rises == 0
