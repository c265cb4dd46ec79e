"""The start of the bundled app (`make app`): it plays as an app, or, with arguments, is the command `livegen`.

livegen starts parts of itself as programs of their own, with ``python -m``. In a bundle the app is that Python.
"""

import runpy
import sys

PARTS = ("livegen.journal.excerpts", "livegen.files.dropped", "livegen.midi.guard_process")


def is_command() -> bool:
    """Whether the command is to run, with the arguments that are there now; if not, it was a part, and has run."""
    if sys.argv[1:2] == ["-m"] and sys.argv[2:3] and sys.argv[2] in PARTS:
        part = sys.argv[2]
        sys.argv[1:3] = []
        runpy.run_module(part, run_name="__main__", alter_sys=True)
        return False
    from livegen.cli import app

    app.free_libraries()
    if not sys.argv[1:]:
        sys.argv.extend(("jam", "--app"))
    return True
