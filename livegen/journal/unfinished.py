"""The notes that a session left sounding because it was killed, from its journal; the next session ends them."""

import os
import re
from pathlib import Path

from livegen.errors import FileError
from livegen.events import ControlChange, Gesture, Heard, NoteOff, NoteOn
from livegen.journal import record
from livegen.midi.messages import decode, encode
from livegen.midi.owed import Owed
from livegen.session.change_names import END

_RECENT = 86400.0  # seconds before which nothing can sound any more
_LONGEST = 64 * 2**20  # bytes of a journal that is read for this
_NAME = re.compile(r"livegen-.*-(\d+)\.jsonl")


def releases(folder: Path, now: float) -> list[Heard | Gesture]:
    """The events that end what the latest session of ``folder`` left sounding; ``now`` is the wall clock's time.

    Nothing where it ended as it should, is playing now, or is older than a day.
    """
    try:
        latest = max(folder.glob("livegen-*.jsonl"), key=lambda path: path.stat().st_mtime, default=None)
        if latest is None or now - latest.stat().st_mtime > _RECENT or latest.stat().st_size > _LONGEST:
            return []
        found = _NAME.fullmatch(latest.name)
        take = None if found and _plays(int(found[1])) else record.read(latest)
    except (OSError, FileError):
        return []
    if take is None or (take.entries and take.entries[-1][0] == END):
        return []
    owed = Owed()
    for side, event, *_ in take.entries:
        if side in ("heard", "sent") and isinstance(event, NoteOn | NoteOff | ControlChange):
            owed.take(encode(event))
    events = [decode(message, 0.0) for message in owed.releases()]
    return [event for event in events if isinstance(event, NoteOff | ControlChange | Gesture)]


def _plays(process: int) -> bool:
    """Whether that process runs, so that its notes are its own."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
