"""OSC address patterns, matched in time that depends on their length alone, however many stars they hold.

All places in an address that a pattern's beginning can reach are kept as the bits of one integer, so that nothing is
ever tried twice. Bit n is the place before the address's character n.
"""

from collections.abc import Callable

from livegen.errors import PacketError
from livegen.osc.packets import LONGEST_ADDRESS

WILD = frozenset("?*[{")
MOST_WILDCARDS = 16


class _Places:
    """The places of each character in one address."""

    def __init__(self, address: str) -> None:
        self.of: dict[str, int] = {}
        for index, character in enumerate(address):
            self.of[character] = self.of.get(character, 0) | 1 << index
        self.end = 1 << len(address)
        self.slash = self.of.get("/", 0)
        self.inside = (self.end - 1) & ~self.slash  # characters that a wildcard may take


_Part = Callable[[_Places, int], int]  # from the places reached to the places reached next


def is_pattern(address: str) -> bool:
    """Whether an address may mean several methods."""
    return not WILD.isdisjoint(address) or "//" in address


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A function that says whether an address matches ``? * [a-z] [!a] {foo,bar} //``.

    Raises PacketError for a pattern that is not closed, too long, or has more than MOST_WILDCARDS.
    """
    parts: list[_Part] = []
    wildcards = at = 0
    if len(pattern) > LONGEST_ADDRESS:
        raise PacketError(f"An OSC pattern has at most {LONGEST_ADDRESS} characters; send a shorter one.")
    while at < len(pattern):
        part, at, wild = _part(pattern, at)
        parts.append(part)
        wildcards += wild
        if wildcards > MOST_WILDCARDS:
            raise PacketError(f"An OSC pattern has at most {MOST_WILDCARDS} wildcards; send a simpler one.")

    def matches(address: str) -> bool:
        places = _Places(address)
        reached = 1
        for part in parts:
            reached = part(places, reached)
            if not reached:
                return False
        return bool(reached & places.end)

    return matches


def _part(pattern: str, at: int) -> tuple[_Part, int, bool]:
    """The part of a pattern that begins at ``at``, where the next one begins, and whether it is a wildcard."""
    first = pattern[at]
    if first == "?":
        return _one, at + 1, True
    if first == "*":
        return _any, at + 1, True
    if pattern.startswith("//", at):
        return _deep, at + 2, True
    if first == "[":
        end = _closed(pattern, at, "]")
        return _choice(pattern[at + 1 : end]), end + 1, True
    if first == "{":
        end = _closed(pattern, at, "}")
        return _words(pattern[at + 1 : end].split(",")), end + 1, True
    return _words([first]), at + 1, False


def _closed(pattern: str, at: int, bracket: str) -> int:
    end = pattern.find(bracket, at + 1)
    if end < 0:
        raise PacketError(f"The OSC pattern {pattern[:40]} opens a bracket that it does not close.")
    return end


def _one(places: _Places, reached: int) -> int:
    return (reached & places.inside) << 1


def _any(places: _Places, reached: int) -> int:
    # Adding a run of ones to a one within it carries to the end of the run: all places between are reached.
    inside = places.inside
    return reached | (((reached & inside) + inside) ^ inside)


def _deep(places: _Places, reached: int) -> int:
    start = reached & places.slash
    first = start & -start
    return (places.slash & -first) << 1 if first else 0


def _choice(content: str) -> _Part:
    """One character out of those listed; after ``!``, one that is not."""
    listed = content.removeprefix("!")
    characters: set[str] = set()
    at = 0
    while at < len(listed):
        if listed[at + 1 : at + 2] == "-" and at + 2 < len(listed):
            characters.update(map(chr, range(ord(listed[at]), ord(listed[at + 2]) + 1)))
            at += 3
        else:
            characters.add(listed[at])
            at += 1
    negated = content.startswith("!")

    def part(places: _Places, reached: int) -> int:
        here = 0
        for character, where in places.of.items():
            if (character in characters) is not negated:
                here |= where
        return (reached & here & places.inside) << 1

    return part


def _words(words: list[str]) -> _Part:
    """One of several words, letter by letter."""

    def part(places: _Places, reached: int) -> int:
        found = 0
        for word in words:
            here = reached
            for character in word:
                here = (here & places.of.get(character, 0)) << 1
                if not here:
                    break
            found |= here
        return found

    return part
