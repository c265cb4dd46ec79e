"""ABC files as people have them: nothing that is no music becomes notes, and no tune is lost."""

import time
from pathlib import Path

import pytest

from livegen.tunes import abc_reader
from livegen.tunes.abc_fields import key_shift, key_signature, names_key
from livegen.tunes.abc_reader import Playing
from livegen.tunes.text_encoding import decode_text
from tests.support.places import DATA

CASES = DATA / "cases" / "abc"
MELODY = [60, 62, 64, 65, 67, 64, 60]
HEAD = "X:1\nT:One\nM:4/4\nL:1/4\nK:C\n"


def pitches(path: Path, playing: Playing = "written") -> list[list[int]]:
    book = abc_reader.read_file(path, playing)
    assert not book.broken
    return [[note.pitch for note in tune.notes] for tune in book.tunes]


def read(tmp_path: Path, text: str | bytes, playing: Playing = "written") -> list[list[int]]:
    path = tmp_path / "book.abc"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return pitches(path, playing)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("clef-in-key.abc", [[66, 67, 69, 71, 73]]),
        ("continued-words.abc", [MELODY]),
        ("cr-alone.abc", [MELODY, [67, 69, 71, 72, 72]]),
        ("first-ending-alone.abc", [[60, 62, 64, 65, 67, 64, 62, 59, 67, 64, 60]]),
        ("flat-as-a-sign.abc", [[70, 69, 67, 63, 70]]),
        ("head-of-the-file.abc", [[60, 62, 64, 67, 60]]),
        ("no-number.abc", [MELODY]),
        ("postscript-block.abc", [MELODY]),
        ("prose-after-the-tune.abc", [MELODY]),
        ("text-block.abc", [MELODY]),
        ("utf-16.abc", [MELODY]),
    ],
)
def test_each_case(name: str, wanted: list[list[int]]) -> None:
    assert pitches(CASES / name) == wanted


def test_a_first_ending_alone_is_repeated() -> None:
    once, rest = [60, 62, 64, 65], [67, 64, 60]
    assert pitches(CASES / "first-ending-alone.abc", "performed") == [[*once, 67, 64, 62, 59, *once, *rest]]


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ("|:CD|[1 EF:| GA|]", "CDEFCDGA"),
        ("|:CD|[1,2 EF:| GA|]", "CDEFCDEFCDGA"),
        ("CD|[1 EF:| GA|]", "CDEFCDGA"),
        ("|:CD|[1 EF|GA:| cd|]ef|", "CDEFGACDcdef"),
        ("|:CD|[1 EF:|2 GA:|", "CDEFCDGA"),  # the second of two is not repeated
        ("|:CD|1 EF:|\n|:GA:|", "CDEFCDGAGA"),
        ("|:CD|[1 EF|[2 GA||", "CDEFCDGA"),
    ],
)
def test_endings_as_abc2midi_plays_them(music: str, wanted: str, tmp_path: Path) -> None:
    letters = dict(zip("CDEFGABcdef", (60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77), strict=True))
    assert read(tmp_path, HEAD + music + "\n", "performed") == [[letters[each] for each in wanted]]


def test_fields_before_the_first_tune_hold_for_all(tmp_path: Path) -> None:
    tune = abc_reader.read_file(CASES / "head-of-the-file.abc").tunes[0]
    assert [note.onset for note in tune.notes] == [0, 1, 2, 3, 5]
    assert [(bar.at, bar.metre) for bar in tune.bars] == [(0.0, "3/4"), (3.0, "3/4")]
    text = (
        "%abc-2.1\nL:1/4\nM:3/4\nR:waltz\nC:Trad\n\nX:1\nT:A\nK:C\nCDE|\n\nX:2\nT:B\nM:4/4\nL:1/8\nR:reel\nK:C\nCD|\n"
    )
    path = tmp_path / "book.abc"
    path.write_text(text)
    first, second = abc_reader.read_file(path).tunes
    assert [note.onset for note in first.notes] == [0, 1, 2] and first.kind == "waltz" and first.bars[0].metre == "3/4"
    assert [note.onset for note in second.notes] == [0, 0.5] and second.kind == "reel" and second.bars[0].metre == "4/4"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "shift_jis", "gbk"]
)
def test_every_encoding_and_line_end(encoding: str, end: str, tmp_path: Path) -> None:
    title = {"latin-1": "Für Zoë", "shift_jis": "さくら さくら", "gbk": "茉莉花的歌"}.get(encoding, "Für さくら")
    text = HEAD.replace("One", title) + "CDEF|GEC2|]\n\n" + HEAD.replace("X:1", "X:2") + "GABc|c4|]\n"
    data = text.replace("\n", end).encode(encoding)
    assert read(tmp_path, data) == [MELODY, [67, 69, 71, 72, 72]]
    assert title in decode_text(data)


@pytest.mark.parametrize(
    "text", ["Müller", "Señor Ñandú", "Ça été à l'Île", "Ærø Å", "naïve – cliché", "Dvořák: Žižka"]
)
def test_western_letters_are_not_taken_for_eastern_ones(text: str) -> None:
    data = text.replace("–", "-").encode("latin-1", errors="replace")
    assert decode_text(data) == data.decode("latin-1")


@pytest.mark.parametrize(
    "between",
    [
        "%%begintext\nBad Cabbage\n\nfaced a cage\n%%endtext\n",
        "%%begintext justify\nBad Cabbage\n%%endtext\n",
        "%%beginps\n/gc{gsave 0 0 moveto}def\n%%endps\n",
        "%%beginsvg\n<defs><g id='abcdefg'/></defs>\n%%endsvg\n",
        "%%beginml\nbad egg\n%%endml\n",
        "%%beginjs nostrict\nfunction bad() { egg }\n%%endjs\n",
        "%%text a bad egg\n",
        "%%center a bad egg\n",
        "w: do re mi\n+: a bad egg\n+: a bad egg\n",
        "w: do re \\\na bad egg\n",
        "W: do re \\\na bad \\\negg\n",
        "N: a note \\\na bad egg\n",
        "r: a bad egg\n",
        "s: !f! bad egg\n",
        "H: a bad egg\n",
        "% a bad egg\n",
    ],
)
def test_what_is_no_music_is_no_note(between: str, tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + "CDEF|\n" + between + "GEC2|]\n") == [MELODY]
    assert read(tmp_path, HEAD.replace("K:C\n", "") + between + "K:C\nCDEF|GEC2|]\n") == [MELODY]


def test_a_block_that_nothing_ends_goes_on_to_the_next_empty_line(tmp_path: Path) -> None:
    text = HEAD + "CDEF|GEC2|]\n%%begintext\na bad egg\n\nbad egg\n\n" + HEAD + "CDEF|GEC2|]\n"
    assert read(tmp_path, text) == [MELODY, MELODY]


@pytest.mark.parametrize("empty", ["\n", "  \n", "\t\n", "\n\n\n"])
def test_prose_and_what_follows_it(empty: str, tmp_path: Path) -> None:
    prose = "A good bad dance, made at a cafe.\nC: and so on| a b c |\n"
    text = prose + empty + HEAD + "CDEF|GEC2|]\n" + empty + prose + empty + prose + empty + HEAD + "GABc|c4|]\n"
    assert read(tmp_path, text) == [MELODY, [67, 69, 71, 72, 72]]
    assert read(tmp_path, HEAD + empty + "CDEF|GEC2|]\n") == [MELODY]  # after the header an empty line does no harm
    assert read(tmp_path, "X:1\n" + empty + HEAD[4:] + "CDEF|GEC2|]\n") == [MELODY]


@pytest.mark.parametrize("start", ["X:1\n", " X:1\n", "\tX: 1 \n", "X:\n", "% remark\nX:1\n", ""])
def test_a_tune_begins_with_any_number_or_none(start: str, tmp_path: Path) -> None:
    tune = start + HEAD[4:] + "CDEF|GEC2|]\n"
    assert read(tmp_path, tune) == [MELODY]
    assert read(tmp_path, tune + "\n" + tune) == [MELODY, MELODY]
    assert read(tmp_path, HEAD + "CDEF|GEC2|]\n\n" + tune) == [MELODY, MELODY]


def test_lines_that_begin_with_a_space(tmp_path: Path) -> None:
    assert read(tmp_path, "X:1\n T:a\n M:4/4\n L:1/4\n K:D\n CDEF|\n") == [[61, 62, 64, 66]]


@pytest.mark.parametrize(
    ("field", "sharps"),
    [
        ("D", 2),
        ("D clef=F", 2),
        ("D clef=G2", 2),
        ("D clef=C3", 2),
        ("D clef=bass", 2),
        ("D clef=f", 2),
        ("D bass", 2),
        ("D treble-8", 2),
        ("D G2", 2),
        ("D middle=d clef=none", 2),
        ('D name="F G =C" snm=F', 2),
        ("clef=bass", 0),
        ("bass", 0),
        ("alto", 0),
        ("none", 0),
        ("B♭", -2),
        ("F♯m", 3),
        ("E♭ dorian", -5),
        ("C♯", 7),
        ("B flat", -2),
        ("F sharp minor", 3),
        ("g", 1),
        ("bb", -2),
        ("am", 0),
        ("d minor", -1),
        ("e dor", 2),
        ("a Mixolydian", 2),
        ("Emin/C", 1),
        ("Abmaj", -4),
        ("G % so", 1),
    ],
)
def test_keys(field: str, sharps: int) -> None:
    signature = key_signature(field)
    assert len(signature) == abs(sharps) and set(signature.values()) <= {(sharps > 0) - (sharps < 0)}


def test_keys_with_signs_of_their_own() -> None:
    assert key_signature("D ^g =c") == {"F": 1, "C": 0, "G": 1}
    assert key_signature("Dmix=c") == {"F": 1, "C": 0}
    assert key_signature("C exp ^f _b clef=F") == {"F": 1, "B": -1}
    assert key_signature("HP") == key_signature("Hp") == {"F": 1, "C": 1}


@pytest.mark.parametrize(
    ("field", "shift"),
    [
        ("D", 0),
        ("D treble-8", -12),
        ("D clef=treble+8", 12),
        ("D bass", 0),
        ("D clef=treble_8", 0),
        ("Gm transpose=-2", -2),
        ("C octave=-1", -12),
        ("C octave=1 transpose=+3", 15),
    ],
)
def test_a_clef_may_transpose(field: str, shift: int, tmp_path: Path) -> None:
    assert key_shift(field) == shift
    assert read(tmp_path, HEAD.replace("K:C", f"K:{field}") + "E|\n")[0][0] - shift in (63, 64)


def test_a_clef_alone_within_a_tune_changes_no_key(tmp_path: Path) -> None:
    assert not any(map(names_key, ("clef=bass", "bass", "treble-8", "clef=F", "middle=d")))
    text = HEAD.replace("K:C", "K:D") + "F|[K:clef=bass]F|[K:bass]F|\nK:clef=F\nF|[K:C]F|[K:d]F|\n"
    assert read(tmp_path, text) == [[66, 66, 66, 66, 65, 66]]


def test_what_was_wrong_with_a_tune_is_known(tmp_path: Path) -> None:
    path = tmp_path / "book.abc"
    path.write_text("X:1\nT:a\nL:1/4\nCDE\n\nX:2\nK:C\n|z|\n\n" + HEAD + "C\n")
    book = abc_reader.read_file(path)
    assert (len(book.tunes), book.broken, book.reasons) == (1, 2, ["it has no key (K:)", "it has no notes"])


@pytest.mark.parametrize("hostile", ["[", "{", "[({", "[K:"])
def test_what_is_opened_and_never_closed_costs_little(tmp_path: Path, hostile: str) -> None:
    began = time.process_time()
    found = read(tmp_path, HEAD + "CDEF|\n" + hostile * (60_000 // len(hostile)) + "\nC|\n")
    assert [tune[:4] for tune in found] == [MELODY[:4]]
    assert time.process_time() - began < 15.0  # where each looked to the end for its other half it took a minute
