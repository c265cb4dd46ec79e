"""The drummer over real MIDI ports: `livegen jam` as a process, a performer's keys in, hits on channel 10 out."""

import time
from pathlib import Path

import pytest

from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.music.drums import KITS
from livegen.predictors import models
from tests.support.jack import Jack, until
from tests.support.jack import jack as jack
from tests.support.jam_process import wired

EIGHTH = 0.25  # seconds


@pytest.mark.jack
def test_a_drummer_plays_with_a_performer_on_channel_ten_and_ends(jack: Jack, tmp_path: Path) -> None:
    with wired(jack, tmp_path, "--mode", "accompany") as (player, keys, synth):

        def hits() -> list[tuple[int, ...]]:
            return [message for message in synth.heard if message[0] == 0x99 and message[2]]

        for number in range(60):
            keys.play(0x90, 60 + number % 5, 90)
            time.sleep(EIGHTH / 2)
            keys.play(0x80, 60 + number % 5, 0)
            time.sleep(EIGHTH / 2)
            if len(hits()) >= 12:
                break
        assert len(hits()) >= 12
        assert {message[1] for message in hits()} <= set(KITS["gm"].plays)

        def ended() -> int:
            return len([message for message in synth.heard if message[0] == 0x89])

        until(lambda: ended() >= len(hits()), what="each hit has ended")
        journal = player.journal()
    replayed = Replay(record.read(journal), models.load).run()
    assert replayed.differs is None
    assert replayed.notes >= 12
