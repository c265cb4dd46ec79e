"""What a session may be asked by a word: the same table for the stage, which journals the word, and for a replay."""

from collections.abc import Callable, Sequence
from typing import Any

from livegen.errors import SettingsError
from livegen.events import Event
from livegen.session import Session
from livegen.transport import Grid

Verb = Callable[..., list[Event]]  # of a session, the time (seconds), and what the verb takes


def do(session: Session, verb: str, at: float, args: Sequence[Any] = ()) -> list[Event]:
    """Have the session do it; what is to be sent. Raises SettingsError if it cannot be done, and says why."""
    wanted = VERBS.get(verb)
    if wanted is None:
        raise SettingsError(f"A session knows no {verb!r:.40}; it knows {', '.join(VERBS)}.")
    return wanted(session, at, *args)


def _forget(session: Session, at: float) -> list[Event]:
    session.forget()
    return []


def _take(session: Session, at: float, name: str = "") -> list[Event]:
    return []  # it is for the journal


def _follow(session: Session, at: float, *grid: Any) -> list[Event]:  # noqa: ANN401 (of a journal)
    session.follow(Grid(at, *grid))
    return []


VERBS: dict[str, Verb] = {
    "panic": Session.panic,
    "reset": Session.reset,
    "forget": _forget,
    "take": _take,
    "follow": _follow,
}
