"""The grammar of ABC: which characters may come next, so that a tune written one at a time is well formed.

The header is complete; every bar is as long as the metre says, but for one pickup, which the last bar of each section
makes whole; sections close, and repeats and their endings with them. An ``AbcProgress`` is a value: ``allowed`` and
``then`` are pure. A tune is written token by token; a token is as long as possible. The order of the header is R M L K
T.
"""

from functools import lru_cache

from livegen.tunes.abc_progress import KINDS, METRES, METRES_OF, AbcProgress
from livegen.tunes.abc_writer import Key

END = "\0"  # the tune is complete
_UNITS = ("1/4", "1/8", "1/16")
_LENGTHS = {
    **{"": 4, "2": 8, "3": 12, "4": 16, "5": 20, "6": 24, "7": 28, "8": 32, "9": 36, "12": 48, "16": 64},
    **{"/2": 2, "3/2": 6, "5/2": 10, "7/2": 14, "/4": 1, "3/4": 3},
}
_EVEN = (2, 4, 8)  # lengths in triplets and broken rhythms
_LETTERS = frozenset("CDEFGABcdefgab") | {"G,", "A,", "B,", "c'", "d'", "e'"}
_PITCHES = _LETTERS | {sign + letter for sign in "^_=" for letter in _LETTERS}
_SYMBOLS = frozenset(
    f'"{root}{sign}{more}"' for root in "ABCDEFG" for sign in ("", "#", "b") for more in ("", "m", "7", "m7", "dim")
)
_TITLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 '&.,!()")
_FIRST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_TITLE_ENDS = 48  # characters
_BARS = frozenset({"|", "|1", ":|", ":|2", "::", "||", "|]"})
_KEYS = frozenset(
    f"K:{key}\n"
    for letter in "CDEFGAB"
    for sign in ("", "#", "b")
    for mode in ("", "m", "dor", "mix")
    if abs((key := Key(letter, sign, mode)).fifths) <= 4
)
_WRITTEN = {length: text for text, length in _LENGTHS.items()}


def allowed(place: AbcProgress) -> frozenset[str]:
    """The characters that may come next; END if the tune may end."""
    return _allowed(place._replace(token=""), place.token)


@lru_cache(maxsize=4096)
def _allowed(place: AbcProgress, token: str) -> frozenset[str]:
    tokens = _tokens(place)
    rest = {each[len(token)] for each in tokens if each.startswith(token) and len(each) > len(token)}
    if token in tokens:
        rest |= _allowed(_next(place, token), "")
    return frozenset(rest)


def then(place: AbcProgress, character: str) -> AbcProgress:
    """The progress after one more character, which must be allowed."""
    longer = place.token + character
    bare = place._replace(token="")
    tokens = _tokens(bare)
    if any(each.startswith(longer) for each in tokens):
        return place._replace(token=longer)
    if place.token not in tokens:
        raise ValueError(f"{character!r} cannot follow {place.token!r}")
    return then(_next(bare, place.token), character)


def _tokens(place: AbcProgress) -> frozenset[str]:
    """The tokens that may come next."""
    slot = place.slot
    if slot in _HEADER:
        return _HEADER[slot](place)
    if slot == "item":
        return _items(place)
    if slot == "length":
        return _lengths(place)
    if slot == "closed":
        return frozenset("\n")
    if slot == "end":
        more = _starts(place) | {"|:"} if place.goes_on else frozenset[str]()
        return more | {END} if place.complete else more
    found = _starts(place)
    if slot == "section":
        found |= {"|:"}
    if slot == "line":
        found |= {"\n"}
    return found


def _types(place: AbcProgress) -> frozenset[str]:
    if place.asked.kind is not None:
        return frozenset({f"R:{place.asked.kind}\n"})
    wanted = place.asked.metre
    kinds = (kind for kind in KINDS if wanted is None or wanted in METRES_OF.get(kind, METRES))
    return frozenset(f"R:{kind}\n" for kind in kinds) | _metres(place)


def _metres(place: AbcProgress) -> frozenset[str]:
    possible = METRES_OF.get(place.kind, METRES)
    return frozenset(f"M:{metre}\n" for metre in possible if place.asked.metre in (None, metre))


def _units(_: AbcProgress) -> frozenset[str]:
    return frozenset(f"L:{unit}\n" for unit in _UNITS)


def _keys(place: AbcProgress) -> frozenset[str]:
    return _KEYS if place.asked.key is None else frozenset({f"K:{place.asked.key}\n"})


def _titles(place: AbcProgress) -> frozenset[str]:
    if not place.written:
        return _FIRST
    if place.spaced:
        return _TITLE - {" "}
    found = _TITLE if place.written < _TITLE_ENDS else frozenset[str]()
    return found | {"\n"} if place.written > 2 else found


_HEADER = {
    **{"R": _types, "M": _metres, "L": _units, "K": _keys},
    **{"T": lambda _: frozenset({"T:"}), "title": _titles},
}


def _starts(place: AbcProgress) -> frozenset[str]:
    """The notes, rests and chord symbols that may come next."""
    left = place.limit - place.at
    if place.equal or place.triplet:
        return _PITCHES
    if not left:
        return frozenset()
    if place.tied:
        return frozenset({place.pitch})
    found = _PITCHES | {"z"} | ({"(3"} if left >= max(place.eighth, 4) and not place.at % place.eighth else frozenset())
    # abc2midi has no accompaniment for 3/2.
    symbols = place.slot != "symbol" and place.metre != "3/2" and place.at % place.eighth == 0 and left >= place.eighth
    return found | _SYMBOLS if symbols else found


def _lengths(place: AbcProgress) -> frozenset[str]:
    if place.equal:
        return frozenset({_WRITTEN[place.equal]})
    left = place.limit - place.at
    if place.triplet:
        whole = (text for text, length in _LENGTHS.items() if length in _EVEN and 2 * length % place.eighth == 0)
        return frozenset(text for text in whole if 2 * _LENGTHS[text] <= left)
    return frozenset(text for text, length in _LENGTHS.items() if length <= left and _fits(place, length))


def _fits(place: AbcProgress, length: int) -> bool:
    """Whether a note of that length may come here: a line that leaves the eighths must lead back to them, as in
    dances."""
    eighth = place.eighth
    before, after = _depth(place.at, eighth), _depth(place.at + length, eighth)
    if before == 0:
        dotted = (2 * eighth, 6 * eighth) if after == 1 else (eighth, 3 * eighth)
        return after == 0 or (after < 3 and 4 * length in dotted)
    if after < before:
        return 2 * length <= 3 * eighth
    return before == 1 and after == 2 and 4 * length == eighth


def _depth(at: int, eighth: int) -> int:
    """0 on an eighth of the bar, 1 between them on a sixteenth, 2 on a thirty-second, 3 elsewhere."""
    return next((depth for depth in range(3) if at * 2**depth % eighth == 0), 3)


def _items(place: AbcProgress) -> frozenset[str]:
    """The tokens that may follow a note."""
    found = _starts(place)
    if place.triplet:
        return found
    if place.at < place.limit:
        found |= {" "}
    if not place.tied:
        signed = place.pitch[:1] in ("^", "_", "=") or place.pitch[:1].upper() in place.altered
        ends = place.at == place.limit and place.must_end
        if place.pitch and not signed and not ends and place.at % place.eighth == 0:
            found |= {"-"}
        if _may_break(place):
            found |= {">", "<"}
    return found | _closings(place)


def _may_break(place: AbcProgress) -> bool:
    """Whether the last note may be the first of a dotted pair; not in a hornpipe, which abc2midi dots by itself."""
    even = place.before in _EVEN and (place.at - place.before) % place.eighth == 2 * place.before % place.eighth == 0
    return even and place.kind != "hornpipe" and place.at + place.before <= place.limit


def _closings(place: AbcProgress) -> frozenset[str]:
    """The bar lines that may come here."""
    if place.begins and place.at < place.bar:
        free = 2 * place.at <= place.bar and place.at % place.eighth == 0
        fits = place.at == place.pickup if place.pickup > 0 else free
        return frozenset("|") if fits else frozenset()
    place = place._replace(begins=False, pickup=max(place.pickup, 0))
    found: set[str] = set()
    if place.at == place.bar and not place.must_end:
        found |= {"|"} if place.tied or not place.may_divide else {"|", "|1"}
    if place.at == place.bar - place.pickup and place.may_end and not place.tied:
        if place.ending == 1:
            found |= {":|2"}
        elif place.opened and not place.ending:
            more = place._replace(sections=place.sections + 1).goes_on
            found |= {":|", "::"} if more else {":|"}
        else:
            found |= {"||", "|]"}
    return frozenset(found)


def _next(place: AbcProgress, token: str) -> AbcProgress:
    """The progress after a whole token."""
    if place.slot in _HEADER:
        return _headed(place, token)
    if place.slot == "length":
        return _lasting(place, token)
    if token in _BARS:
        return _barred(place, token)
    if token in _PITCHES:
        return _pitched(place, token)
    return _marked(place, token)


def _headed(place: AbcProgress, token: str) -> AbcProgress:
    """The progress after a line of the header, or a character of the title."""
    if place.slot == "title" and token != "\n":
        return place._replace(written=place.written + 1, spaced=token == " ")
    value = token[2:-1]
    if token.startswith("R:"):
        return place._replace(slot="M", kind=value)
    if token.startswith("M:"):
        return place._replace(slot="L", metre=value)
    if token.startswith("L:"):
        return place._replace(slot="K", unit=int(value.partition("/")[2]))
    following = {"K": "T", "T": "title", "title": "section"}
    return place._replace(slot=following[place.slot])


def _marked(place: AbcProgress, token: str) -> AbcProgress:
    """The progress after a token that is neither a note nor a bar line."""
    if token in ("<", ">"):
        return place._replace(slot="note", equal=place.before, before=0)
    if token == "(3":
        return place._replace(slot="note", triplet=3)
    if token == "z":
        return place._replace(slot="length", pitch="", rest=True)
    if token == "-":
        return place._replace(slot="item", tied=True, before=0)
    if token == "|:":
        return place._replace(slot="note", opened=True)
    if token == END:
        return place._replace(slot="done")
    slots = {" ": "note", "\n": "end" if place.slot == "closed" else "note"}
    return place._replace(slot=slots.get(token, "symbol"))


def _pitched(place: AbcProgress, pitch: str) -> AbcProgress:
    """The progress after a note's name."""
    letter = pitch.lstrip("^_=")
    altered = place.altered + letter[0].upper() if letter != pitch else place.altered
    return place._replace(slot="length", pitch=pitch, altered=altered, tied=False, rest=False)


def _lasting(place: AbcProgress, text: str) -> AbcProgress:
    """The progress after a length."""
    length = _LENGTHS[text]
    place = place._replace(slot="item", before=0)
    if place.triplet == 3:
        return place._replace(triplet=2, equal=length, at=place.at + 2 * length)
    if place.triplet:
        left = place.triplet - 1
        return place._replace(triplet=left, equal=length if left else 0)
    single = not place.rest and not place.equal
    return place._replace(at=place.at + length, before=length if single else 0, equal=0)


def _barred(place: AbcProgress, token: str) -> AbcProgress:
    """The progress after a bar line."""
    pickup = place.pickup
    if place.begins and place.at < place.bar:
        return place._replace(slot="note", pickup=place.at, at=0, begins=False, altered="", before=0)
    number = place.measures + 1
    place = place._replace(at=0, altered="", before=0, begins=False, pickup=max(pickup, 0), measures=number)
    if token == "|":
        return place._replace(slot="line")
    if token == "|1":
        return place._replace(slot="note", ending=1, shared=number)
    if token == ":|2":
        return place._replace(slot="note", ending=2, shared=number - place.shared, bars=place.bars + number, measures=0)
    again = token == "::"
    return place._replace(
        slot="line" if again else "closed",
        opened=again,
        begins=place.pickup > 0,
        measures=0,
        bars=place.bars + number,
        sections=place.sections + 1,
        ending=0,
        shared=0,
    )
