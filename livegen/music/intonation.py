"""Just intonation in MIDI files: a pitch bend before each note tunes it to the tonic."""

from pathlib import Path

import mido  # type: ignore[import-untyped]

from livegen.errors import FileError
from livegen.music import raga

_RANGE = ((101, 0), (100, 0), (6, round(raga.BEND_RANGE)), (38, 0))  # registered parameter 0: the range of the bend


def tune(path: Path, tonic: int) -> None:
    """Tune every note of a MIDI file justly (``raga.RATIOS``), which needs one voice a channel.

    Raises FileError if the file cannot be written.
    """
    file = mido.MidiFile(path)
    for track in file.tracks:
        track[:] = _tuned(track, tonic)
    try:
        file.save(path)
    except OSError as error:
        raise FileError(f"{path.name} cannot be written ({error.strerror or error}); choose another place.") from None


def _tuned(track: mido.MidiTrack, tonic: int) -> list[mido.Message]:
    """The messages, with the range of the bend before the first note of a channel, and a bend before each note."""
    tuned: list[mido.Message] = []
    told: set[int] = set()
    for message in track:
        if message.type == "note_on" and message.velocity:
            before = []
            if message.channel not in told:
                told.add(message.channel)
                before += [
                    mido.Message("control_change", control=control, value=value, channel=message.channel)
                    for control, value in _RANGE
                ]
            before.append(mido.Message("pitchwheel", pitch=raga.bend(message.note, tonic), channel=message.channel))
            before[0].time = message.time
            tuned += [*before, message.copy(time=0)]
        else:
            tuned.append(message)
    return tuned
