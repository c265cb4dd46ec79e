"""Reads and writes slots on disk: a file each, written whole or not at all, in a thread of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from livegen.errors import ModelError
from livegen.player import slots
from livegen.player.slots import Slot
from livegen.spec import SLOTS
from livegen.system.files import written_whole


class SlotFiles:
    """Keeps slots in a folder; None keeps nothing. ``say`` is called, on another thread, when a file cannot be
    written."""

    def __init__(self, folder: Path | None, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        self._thread: ThreadPoolExecutor | None = None

    def read(self) -> Iterator[tuple[int, bytes]]:
        """The slots that are there, each with its number. One that cannot be read is reported and passed over."""
        for number in range(1, SLOTS + 1):
            path = self._path(number)
            try:
                content = path.read_bytes() if path is not None and path.exists() else None
                if content is not None:
                    slots.unpack(content)
                    yield number, content
            except (OSError, ModelError) as error:
                self._say(f"Slot {number} cannot be read ({error}) It stays empty.")

    def keep(self, number: int, slot: Slot | None) -> None:
        """Write a slot soon, or remove its file; never waits."""
        if self._folder is None:
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "livegen slots")
        self._thread.submit(self._keep, number, slot)

    def close(self) -> None:
        """Wait until all is written."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _path(self, number: int) -> Path | None:
        return None if self._folder is None else self._folder / f"slot-{number}.npz"

    def _keep(self, number: int, slot: Slot | None) -> None:
        path = self._path(number)
        assert path is not None
        try:
            if slot is None:
                path.unlink(missing_ok=True)
                return
            content = slots.pack(slot)
            path.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(path) as part:
                part.write_bytes(content)
        except ModelError as error:
            self._say(f"Slot {number}: {error}")
        except OSError as error:
            self._say(f"Slot {number} cannot be kept on disk ({error.strerror}); it is kept until livegen ends.")
        except Exception as error:  # in a thread it would be lost otherwise
            self._say(f"Slot {number} cannot be kept on disk ({error!r}); it is kept until livegen ends.")
