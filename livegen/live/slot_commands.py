"""Keeps a stage's slots: on disk, from one evening to the next, and recalled on the beat."""

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from livegen.control.addresses import Value
from livegen.errors import SettingsError
from livegen.live.output import Output
from livegen.live.slot_files import SlotFiles
from livegen.session.any_session import AnySession
from livegen.system import clock

_BEFORE = 0.01  # seconds before a beat that a slot is recalled on it, so that the note on the beat is of the slot


class Stage(Protocol):
    """What a keeper needs of the director."""

    session: AnySession
    out: Output

    def do(self, verb: str, *args: Value) -> None:
        """Have the session do what one of its verbs says."""


class SlotCommands:
    """Stands behind one stage. Until it has a folder, slots are kept as long as the session lasts."""

    def __init__(self, stage: Stage, say: Callable[[str], None]) -> None:
        self._stage = stage
        self._say = say
        self._store = SlotFiles(None, say)
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.TimerHandle | None = None

    def keep_in(self, folder: Path) -> None:
        """Keep the slots in a folder, and begin with those that are there."""
        self._store = SlotFiles(folder, self._say)

    def fill(self) -> None:
        """Have the session know the slots of other days; so does the journal, from which it is replayed."""
        for number, content in self._store.read():
            self._stage.do("slot", number, base64.b64encode(content).decode())

    def recall(self, slot: int, beats: float) -> None:
        """Go on from a slot: now, or just before the next multiple of so many beats. Raises SettingsError."""
        self._leave_off()
        if beats <= 0.0:
            self._stage.do("recall", slot)
            return
        due = self._stage.session.transport.next_beat(clock.now() + _BEFORE, beats)
        self._waiting = self._loop.call_at(due - _BEFORE, self._recall_now, slot)

    def follow(self, verb: str, number: int) -> None:
        """The session did it: keep what is to be kept, and tell which slots are filled."""
        if verb not in ("save", "clear", "slot"):
            return
        if verb != "slot":
            self._store.keep(number, self._stage.session.slots.get(number))
        self._tell()

    def greet(self) -> None:
        """Tell who is new which slots are filled, if any are."""
        if self._stage.session.slots:
            self._tell()

    def close(self) -> None:
        """Wait until all is written."""
        self._leave_off()
        self._store.close()

    def _recall_now(self, slot: int) -> None:
        self._waiting = None
        try:
            self._stage.do("recall", slot)
        except SettingsError as error:
            self._stage.out.tell_error(error)

    def _leave_off(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _tell(self) -> None:
        self._stage.out.tell("/livegen/out/slots", *sorted(self._stage.session.slots))
