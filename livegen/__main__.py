"""Runs the command ``livegen``, also as ``python -m livegen``. Ctrl-C ends it quietly from its first moment on."""

import signal
import sys

_STOPPED = 130  # as shells have it


def run() -> None:
    """Load the commands, and do what the command line asks for."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # loading takes a moment, in which Python would show a traceback
    from livegen.cli.main import main

    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        main()
    except KeyboardInterrupt:  # between two of its steps
        sys.exit(_STOPPED)


if __name__ == "__main__":
    run()
