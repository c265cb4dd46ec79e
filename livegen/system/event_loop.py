"""The event loop of livegen, whose timers are exact."""

import asyncio
import selectors

from livegen.system import clock


class Loop(asyncio.SelectorEventLoop):
    """An event loop on ``clock.now`` whose timers are not rounded up to whole milliseconds, as epoll's are."""

    def __init__(self) -> None:
        super().__init__(selectors.SelectSelector())

    def time(self) -> float:
        """Seconds, as ``clock.now``."""
        return clock.now()
