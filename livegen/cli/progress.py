"""A bar on the terminal for whatever takes longer than a moment."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from livegen.system.clock import now

SOON = 1.0  # seconds: what is done by then shows no bar


@contextlib.contextmanager
def shown(title: str) -> Iterator[Callable[..., None]]:
    """Give a function that is called with the share that is done (0 to 1) and, if it changes, what is being done. The
    bar goes to standard error, appears after a second, and is gone at the end; nothing is shown where that is no
    terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    begun = now()
    with contextlib.ExitStack() as stack:
        # Lines that are written meanwhile appear above the bar, but for those that go into a file.
        above = sys.stdout.isatty()
        bar = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=above)
        task = bar.add_task(title, total=1.0)
        started = False

        def done(share: float, what: str = "") -> None:
            nonlocal started
            if not started and now() - begun > SOON and bar.console.is_terminal:
                started = True
                stack.enter_context(bar)
            bar.update(task, completed=share, description=what or None)

        yield done
