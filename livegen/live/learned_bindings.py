"""Reads the file of learned controls at the start, and writes it whenever a control was learned."""

import asyncio
import contextlib
import tomllib
from collections.abc import Callable
from pathlib import Path

from livegen.control.bindings import Bindings, bindings
from livegen.errors import LivegenError, SettingsError
from livegen.system.files import written_whole

_HEADER = "# Written by livegen: what /livegen/learn has bound. What is in your own file is never changed.\n[bind]\n"


class LearnedBindings:
    """Saves the bindings that ``controls`` have learned in a TOML file, if there is a path. ``tell`` reports errors.

    A file that cannot be read is left as it is: ``trouble`` then holds one sentence.
    """

    def __init__(self, path: Path | None, controls: Bindings, tell: Callable[[LivegenError], None]) -> None:
        self.trouble: str | None = None
        self._path = path
        self._controls = controls
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._saving: asyncio.Future[None] | None = None
        self._unsaved = False
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            self._controls.learned = bindings(table.get("bind", {}), path.name)
        except (OSError, ValueError, RecursionError, SettingsError) as error:
            self._path = None
            self.trouble = f"What was learned cannot be read ({error}); mend or delete {path}."

    def keep(self) -> None:
        """Write what was learned, off the loop. The file is whole or the old one, whatever happens."""
        if self._path is not None:
            self._unsaved = self._saving is not None and not self._saving.done()
            if not self._unsaved:  # otherwise it is saved again afterwards: of two writes at once the older might win
                self._saving = self._loop.run_in_executor(None, _write, self._path, self._text())
                self._saving.add_done_callback(self._kept)

    def close(self) -> None:
        """Write what has not been written yet."""
        if self._unsaved and self._path is not None:
            with contextlib.suppress(OSError):
                _write(self._path, self._text())

    def _text(self) -> str:
        return _HEADER + "".join(f'{key} = "{_quoted(words)}"\n' for key, words in self._controls.rows())

    def _kept(self, saving: "asyncio.Future[None]") -> None:
        error = None if saving.cancelled() else saving.exception()
        if error is not None:
            self._tell(SettingsError(f"What was learned cannot be kept ({error}); it holds until the end."))
        if self._unsaved:
            self.keep()


def _quoted(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"')


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as part:
        part.write_text(text)
