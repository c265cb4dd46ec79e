"""The ledger of keys and pedals, over random sequences: what is down, and what sounds, is what a reference says."""

import os

import pytest

from livegen.events import ControlChange, NoteOff, NoteOn
from livegen.listening.keys import Keys
from livegen.midi.messages import decode
from tests.support.sounding import Reference, sequence

SEQUENCES = int(os.environ.get("LIVEGEN_SEQUENCES", "2000"))  # `make soak` plays 100,000
PLACES = [(pitch, channel) for pitch in (60, 62, 64, 67) for channel in (1, 2, 16)]  # those of the sequences


@pytest.mark.timeout(3600)
def test_no_difference_to_the_reference() -> None:
    for seed in range(SEQUENCES):
        keys, reference = Keys(), Reference()
        down: set[tuple[int, int]] = set()
        for at, message in sequence(seed):
            event = decode(message, at)
            assert isinstance(event, NoteOn | NoteOff | ControlChange)
            for heard in keys.hear(event):
                if isinstance(heard, NoteOn):
                    down.add((heard.pitch, heard.channel))
                elif isinstance(heard, NoteOff):
                    down.remove((heard.pitch, heard.channel))
            reference.take(message)
            assert {pitch for pitch, _ in down} == reference.down, (seed, at)
            assert {place[0] for place in PLACES if keys.sounds(place)} == reference.pitches, (seed, at)
