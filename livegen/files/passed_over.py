"""Reports in one sentence the files, tunes and parts that a reader of music passed over, and why."""

from collections import Counter, defaultdict
from pathlib import Path

from livegen.errors import FileError

NAMED = 5  # of the files that share a reason, so many are named
REASONS = 5  # so many are said


class PassedOver:
    """Counts files, tunes in them or parts of them by the reason for which they were passed over."""

    def __init__(self) -> None:
        self.reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)  # with the names of the files

    def __len__(self) -> int:
        return sum(names.total() for names in self.reasons.values())

    @property
    def names(self) -> list[str]:
        """The files, in the order in which they came."""
        return list(dict.fromkeys(name for names in self.reasons.values() for name in names))

    def add(self, name: str, reason: str, count: int = 1) -> None:
        """``count`` tunes or parts of the file ``name``, or the file itself."""
        self.reasons[reason][name] += count

    def extend(self, other: "PassedOver") -> None:
        """All that another passed over."""
        for reason, names in other.reasons.items():
            self.reasons[reason].update(names)

    def __str__(self) -> str:
        """The files by reason: ``a.mid, b.mid: is not a MIDI file; c.abc: it has no notes (2)``."""
        groups = [_group(reason, names) for reason, names in self.reasons.items()]
        more = len(groups) - REASONS
        rest = f"; and {more} more {'reason' if more == 1 else 'reasons'}" if more > 0 else ""
        return "; ".join(groups[:REASONS]) + rest


def _group(reason: str, names: Counter[str]) -> str:
    more = len(names) - NAMED
    others = f" and {more} other {'file' if more == 1 else 'files'}" if more > 0 else ""
    count = f" ({names.total():,})" if names.total() > len(names) else ""
    return f"{', '.join(list(names)[:NAMED])}{others}: {reason}{count}"


def reason_of(error: FileError, path: Path) -> str:
    """The reason in an error's sentence about a file, without the file's name and the advice."""
    text = str(error).removeprefix(str(path)).removeprefix(path.name)
    return text.split(";")[0].strip(" .")
