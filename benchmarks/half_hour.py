"""Half an hour of a made-up performer with a real `livegen jam`, over MIDI and OSC; then its journal is replayed.

    python -m benchmarks.half_hour [MINUTES [SEED]]

It needs JACK. Everything that a performer can do is done at random: notes, chords, pedals, settings, modes, models,
slots, the morph fader, rewinds, taps, panics. It reports whether every note came again.
"""

import contextlib
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from livegen.events import ControlChange, NoteOff, NoteOn
from livegen.journal import record
from livegen.journal.replay import Replay, sentence
from livegen.predictors import models
from tests.support.jack import Jack, Peer
from tests.support.jam_process import Jam, wired
from tests.support.performances import perform

_FADERS = [
    *(("temperature", 0.3, 1.8), ("memory", 0.0, 1.0), ("top_p", 0.7, 1.0), ("follow", 0.0, 1.0), ("touch", 0.0, 1.0)),
    *(("listen_to", 0.0, 1.0), ("morph", 0.0, 1.0), ("patience", 1.0, 4.0), ("tempo", 70.0, 160.0)),
]
_MODES = ("call_and_response", "continuation", "duet", "autonomous")
_LONGEST = 3.0  # seconds that the performer pauses
_CHANNELS = 2


def ask(player: Jam, draw: random.Random) -> None:
    """Now and then, ask for something other than notes."""
    slot = draw.randint(1, 4)
    wishes: list[tuple[float, tuple[Any, ...]]] = [
        (0.080, ((fader := draw.choice(_FADERS))[0], draw.uniform(fader[1], fader[2]))),
        (0.020, ("mode", draw.choice(_MODES))),
        (0.007, ("model", draw.choice(["folk", "piano", "markov"]))),
        (0.023, ("save", slot)),
        (0.020, ("recall", slot, draw.choice([0.0, 1.0, 4.0]))),
        (0.020, ("rewind", draw.randint(1, 12), draw.choice(["notes", "beats"]))),
        (0.010, ("tap",)),
        *((0.002, (verb,)) for verb in ("forget", "reset", "panic")),
    ]
    drawn = draw.random()
    for share, (address, *args) in wishes:
        drawn -= share
        if drawn < 0.0:
            player.send(f"/livegen/{address}", *args)
            return


def play(player: Jam, keys: Peer, draw: random.Random) -> None:
    """One passage, and a pause."""
    before = 0.0
    for event in perform(draw.randrange(10**6), draw.choice([10, 20, 40])):
        time.sleep(min(_LONGEST, max(0.0, event.at - before)))
        before = event.at
        channel = event.channel - 1
        if isinstance(event, NoteOn) and draw.random() < 0.4:
            player.send("/livegen/note", event.pitch, event.velocity, event.channel)
        elif isinstance(event, NoteOn):
            keys.play(0x90 + channel, event.pitch, event.velocity)
        elif isinstance(event, NoteOff):
            player.send("/livegen/note", event.pitch, 0, event.channel)
            keys.play(0x80 + channel, event.pitch, 0)
        elif isinstance(event, ControlChange):
            keys.play(0xB0 + channel, event.control, event.value)
        ask(player, draw)
    for channel in range(_CHANNELS):
        keys.play(0xB0 + channel, 64, 0)
        keys.play(0xB0 + channel, 123, 0)
    time.sleep(draw.choice([0.5, 2.0, 5.0]))


def main(minutes: float = 30.0, seed: int = 1) -> int:
    """Play and replay; 0 if every note came again."""
    folder = Path(tempfile.mkdtemp(prefix="livegen-half-hour-"))
    os.environ["XDG_DATA_HOME"] = str(folder / "data")
    jack, draw, end = Jack(), random.Random(seed), time.perf_counter() + 60.0 * minutes
    jack.start()
    with contextlib.ExitStack() as stack:
        stack.callback(jack.stop)
        player, keys, _ = stack.enter_context(wired(jack, folder))
        while time.perf_counter() < end:
            play(player, keys, draw)
    (path,) = folder.glob("*.jsonl")
    replay = Replay(record.read(path), models.load)
    replayed = replay.run()
    print(f"{path}: {len(replay.take.heard)} events heard, {len(replay.take.changes)} things asked.")
    print(sentence(replay, replayed))
    return 0 if replayed.differs is None else 1


if __name__ == "__main__":
    given = [*sys.argv[1:], *("30", "1")[len(sys.argv) - 1 :]]
    sys.exit(main(float(given[0]), int(given[1])))
