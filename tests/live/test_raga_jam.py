"""The model of varisais played live: `livegen jam` in a raga, over real MIDI ports."""

import re
import time
from pathlib import Path

import pytest

from livegen.events import NoteOn
from livegen.midi import midifile
from livegen.music import raga
from livegen.music.sargam import Svara
from tests.support.jack import Jack, until
from tests.support.jack import jack as jack
from tests.support.jam_process import sounding, wired

RAGA = raga.find("Mayamalavagowla")
TONIC = 50  # D3
AKSHARA = 0.25  # seconds


@pytest.mark.jack
def test_varisais_are_answered_in_the_raga_up_to_sa_on_sam_and_exported(jack: Jack, tmp_path: Path) -> None:
    asked = ("--model", "carnatic", "--raga", RAGA.name, "--tonic", "D3", "--tala", "adi", "--tempo", "240")
    svaras = [RAGA.pitch(Svara(degree, sthayi), TONIC) for degree, sthayi in [(d, 0) for d in range(7)] + [(0, 1)]]
    with wired(jack, tmp_path, *asked) as (player, keys, synth):
        began = time.monotonic()
        for count, pitch in enumerate(svaras, 1):
            keys.play(0x90, pitch, 100)
            time.sleep(0.8 * AKSHARA)
            keys.play(0x80, pitch, 0)
            time.sleep(max(0.0, began + count * AKSHARA - time.monotonic()))
        line = str(player.receive("/livegen/out/line", within=20.0)[0])
        until(lambda: line in player.said(), what="the line is shown")
        played = [pitch for status, pitch, velocity in synth.heard if status & 0xF0 == 0x90 and velocity]
        assert len(played) > 3
        assert {(pitch - TONIC) % 12 for pitch in played} <= set(RAGA.semitones)
        until(lambda: not sounding(synth.heard), what="the last note ends")
    assert re.fullmatch(r"[srgmpdnSRGMPDN.',| ]+", line), line
    assert [sign for sign in line.split() if sign[0].isalpha()] == [str(RAGA.svara(pitch, TONIC)) for pitch in played]
    assert re.search(r"\|\| [sS][.']*( ,)*$", line), f"{line} does not end with Sa on sam"
    # Tests in virtual time check sam to the millisecond; here the keys are as late as the machine is busy.
    exported = midifile.read(next(tmp_path.glob("*.mid")))
    assert sorted(event.pitch for event in exported.events if isinstance(event, NoteOn)) == sorted(svaras + played)
