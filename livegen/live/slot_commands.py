"""Saves and recalls slots: on disk, from one evening to the next, and on the beat."""

import asyncio
import base64
from pathlib import Path

from livegen.control.addresses import Value
from livegen.errors import SettingsError
from livegen.live.setting_commands import SettingCommands
from livegen.live.slot_files import SlotFiles
from livegen.live.stage import Stage
from livegen.session.changes import Change
from livegen.system import clock

# Seconds before a beat that a slot is recalled on it: so the note on the beat already comes from the slot.
_BEFORE = 0.01


class SlotCommands:
    """Commands for the slots. Without a folder, slots are kept as long as the session lasts."""

    def __init__(self, stage: Stage, setting_commands: SettingCommands, folder: Path | None) -> None:
        self._stage = stage
        self._setting_commands = setting_commands
        self._files = SlotFiles(folder, stage.say)
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.TimerHandle | None = None

    def fill(self) -> None:
        """Put the slots of other days into the session, and so into the journal, from which it is replayed."""
        for number, content in self._files.read():
            self.do("slot", number, base64.b64encode(content).decode())

    def do(self, verb: str, number: int, *more: Value) -> None:
        """Save, recall, clear or fill a slot. Raises SettingsError."""
        self._setting_commands.carry_out(Change(verb, (number, *more)))
        if verb in ("save", "clear"):
            self._files.keep(number, self._stage.session.slots.get(number))
        if verb != "recall":
            self._tell()

    def recall(self, slot: int, beats: float) -> None:
        """Continue from a slot: now, or just before the next multiple of so many beats. Raises SettingsError."""
        self._leave_off()
        if beats <= 0.0:
            self.do("recall", slot)
            return
        due = self._stage.session.transport.next_beat(clock.now() + _BEFORE, beats)
        self._waiting = self._loop.call_at(due - _BEFORE, self._recall_now, slot)

    def greet(self) -> None:
        """Send the numbers of the filled slots to a new listener, if there are any."""
        if self._stage.session.slots:
            self._tell()

    def close(self) -> None:
        """Wait until all is written."""
        self._leave_off()
        self._files.close()

    def _recall_now(self, slot: int) -> None:
        self._waiting = None
        try:
            self.do("recall", slot)
        except SettingsError as error:
            self._stage.output.tell_error(error)

    def _leave_off(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _tell(self) -> None:
        self._stage.output.tell("/livegen/out/slots", *sorted(self._stage.session.slots))
