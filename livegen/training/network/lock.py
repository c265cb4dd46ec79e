"""One training at a time in a run directory. The system frees the lock when its process ends, however it ends."""

import os
import sys
from pathlib import Path

from livegen.errors import FileError, SettingsError

_held: dict[Path, int] = {}  # by lock file, the descriptor that holds it for as long as this process lives


def hold(directory: Path) -> None:
    """Take the run directory for this process.

    Raises SettingsError if another process trains in it, FileError if it cannot be written to.
    """
    path = directory.resolve() / "training.pid"
    if path in _held:
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise FileError(f"{directory} cannot be written to ({error.strerror}); free it for writing.") from None
    if not _locked(descriptor):
        number = os.read(descriptor, 20).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise SettingsError(
            f"Another training (process {number}) is at work in {directory}; wait for it, stop it, "
            "or give this recipe another name."
        )
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    _held[path] = descriptor


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a locked byte cannot be read by others there, and the number should be

    def _locked(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # some network drives know no locks; better no guard than no training
        return True
