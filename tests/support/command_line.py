"""The command `livegen`, run as a user runs it."""

import subprocess
import sys


def livegen(*args: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """The finished command; it must end with this exit code and without a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "livegen", *map(str, args)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done
