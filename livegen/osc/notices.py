"""Sentences about what is turned away, each once for a kind of fault and a peer: anybody can cause one."""

import logging
from collections import Counter
from collections.abc import Callable

MOST_PEERS = 16  # of a kind that are told of; a forged sender may have a new port each time
MOST_KINDS = 256

Tell = Callable[[str], None]

logger = logging.getLogger(__name__)


class Notices:
    """Writes each sentence to the log, and passes it to ``tell``, unless this peer has had one of that kind."""

    def __init__(self) -> None:
        self.tell: Tell = _ignore
        self._told: set[tuple[str, object]] = set()
        self._kinds: Counter[str] = Counter()

    def give(self, kind: str, peer: object, sentence: str, aloud: bool = True) -> None:
        """Say it, if it has not been said; not ``aloud``: in the log alone."""
        if (kind, peer) in self._told or self._kinds[kind] >= MOST_PEERS or len(self._kinds) > MOST_KINDS:
            return
        self._told.add((kind, peer))
        self._kinds[kind] += 1
        logger.warning(sentence)
        if aloud:
            self.tell(sentence)


def _ignore(sentence: str) -> None:
    pass
