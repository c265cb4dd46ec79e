"""The MusicXML reader: the notes that sound, in their bars; a bad file gets one sentence."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livegen.errors import FileError
from livegen.files import musicxml
from livegen.training.corpus import corpus
from livegen.tunes.tune import Tune
from tests.support.musicxml import attributes, backup, note, packed, score
from tests.support.places import DATA


@pytest.fixture
def read(tmp_path: Path) -> "Reader":
    return Reader(tmp_path / "score.musicxml")


class Reader:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, text: str) -> Tune:
        self._path.write_text(text)
        return musicxml.read(self._path)


def heads(tune: Tune) -> list[tuple[float, float, int]]:
    return [(each.onset, each.duration, each.pitch) for each in tune.notes]


def test_voices_and_chords_sound_together(read: Reader) -> None:
    upper = note("C5", 2) + note("E5", 2, "chord") + note("-", 2) + note("Bb4", 4)
    lower = note("F#3", 3) + "<forward><duration>1</duration></forward>" + note("C3", 4)
    found = read(score([attributes() + upper + backup(8) + lower]))
    expected = [(0.0, 1.5, 54), (0.0, 1.0, 72), (0.0, 1.0, 76), (2.0, 2.0, 48), (2.0, 2.0, 70)]
    assert heads(found) == expected
    assert not found.touched


def test_ties_join_over_bars_and_grace_notes_and_cues_are_not_played(read: Reader) -> None:
    first = note("C4", 6) + note("D4", 0, "grace") + note("E4", 2, "start") + note("G4", 2, "chord", "start")
    second = note("E4", 8, "stop", "start") + note("G4", 8, "chord", "stop")
    third = note("E4", 2, "stop") + note("A4", 2, "cue") + note("E4", 4)
    found = read(score([attributes() + first, second, third]))
    assert heads(found) == [(0.0, 3.0, 60), (3.0, 6.0, 64), (3.0, 5.0, 67), (10.0, 2.0, 64)]


def test_a_tie_that_comes_from_nowhere_or_leads_nowhere_joins_nothing(read: Reader) -> None:
    found = read(score([attributes() + note("C4", 4) + note("D4", 4, "stop")]))
    assert heads(found) == [(0.0, 2.0, 60), (2.0, 2.0, 62)]
    found = read(score([attributes() + note("C4", 4, "start") + note("C4", 4)]))
    assert heads(found) == [(0.0, 2.0, 60), (2.0, 2.0, 60)]


def test_a_note_without_length_is_not_played(read: Reader) -> None:
    assert heads(read(score([attributes() + note("C4", 0) + note("D4", 8)]))) == [(0.0, 4.0, 62)]


def test_a_short_bar_with_a_number_is_a_bar(read: Reader) -> None:
    found = read(score([attributes(metre="2/4") + note("C4", 4), note("D4", 2), note("E4", 2)]))
    assert [bar.at for bar in found.bars] == [0, 2, 3]


def test_a_pitch_in_two_voices_is_struck_once_and_struck_again_ends(read: Reader) -> None:
    found = read(score([attributes() + note("C4", 2) + note("-", 2) + note("C4", 4) + backup(8) + note("C4", 8)]))
    assert heads(found) == [(0.0, 2.0, 60), (2.0, 2.0, 60)]


def test_transposing_instruments_sound_where_they_sound(read: Reader) -> None:
    clarinet = "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
    bass = "<transpose><chromatic>0</chromatic><octave-change>-1</octave-change></transpose>"
    found = read(score([attributes(clarinet) + note("D5", 8)], [attributes(bass) + note("C3", 8)]))
    assert [each.pitch for each in found.notes] == [36, 72]


def test_each_part_counts_in_its_own_divisions(read: Reader) -> None:
    coarse = attributes(divisions=1) + note("C4", 2) + note("D4", 2)
    fine = attributes(divisions=3) + note("E3", 1) + note("F3", 1) + note("G3", 1) + note("A3", 9)
    found = read(score([coarse], [fine]))
    assert [each.onset for each in found.notes] == pytest.approx([0, 0, 1 / 3, 2 / 3, 1, 2])


def test_bars_pickups_and_a_bar_cut_in_two(read: Reader) -> None:
    measures = [
        attributes(metre="3/4") + note("G4", 2),  # a pickup of one beat
        note("C4", 6),
        note("D4", 4),  # a repeat sign stands here, within the bar
        note("E4", 2),
        attributes(metre="2/4") + note("F4", 4),
        note("-", 4),
        note("G4", 2),  # the last bar lacks what the pickup has
    ]
    found = read(score(measures, implicit=(0, 3)))
    bars = [(bar.at, bar.metre) for bar in found.bars]
    assert bars == [(-2, "3/4"), (1, "3/4"), (4, "3/4"), (7, "2/4"), (9, "2/4"), (11, "2/4")]
    phases = [each.onset - bar.at for each in found.notes if (bar := found.bar_at(each.onset)) is not None]
    assert phases == [2, 0, 0, 2, 0, 0]


def test_a_metre_may_be_a_sum_or_free(read: Reader) -> None:
    free = attributes("<time><senza-misura/></time>", metre="")
    found = read(score([attributes(metre="3+2/8") + note("C4", 5), free + note("D4", 30)]))
    assert [(bar.at, bar.metre) for bar in found.bars] == [(0.0, "5/8"), (2.5, None)]


def test_the_keyboard_is_the_part_on_two_staves(tmp_path: Path) -> None:
    song = [attributes() + note("-", 8), note("C5", 8)]
    piano = [attributes("<staves>2</staves>") + note("C4", 8) + backup(8) + note("C3", 8), note("E4", 8)]
    path = packed(tmp_path / "song.mxl", score(song, piano, rights="Someone (CC0)"))
    read = musicxml.MusicXml(path)
    accompaniment, whole = read.tune(keyboard=True), read.tune()
    assert accompaniment is not None and whole is not None
    assert [each.pitch for each in accompaniment.notes] == [48, 60, 64]
    assert [each.pitch for each in whole.notes] == [48, 60, 64, 72]
    assert [(each.pitch, each.onset) for each in read.melody()] == [(72, whole.notes[-1].onset)]
    assert read.rights == "Someone (CC0)" and accompaniment.name == "song"
    path = packed(tmp_path / "choir.mxl", score(song, song))
    assert musicxml.MusicXml(path).tune(keyboard=True) is None
    assert len(corpus.read(tmp_path).tunes) == 2


def broken_files(tmp_path: Path) -> list[tuple[Path, str]]:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><score-partwise>&a;</score-partwise>'
    texts = {
        "cut.musicxml": (score([attributes() + note("C4", 8)])[:-40], "damaged"),
        "far.musicxml": (score([attributes() + note("C4", 8).replace("8", "1e300")]), "damaged"),
        "high.musicxml": (score([attributes() + note("C4", 8).replace("4", "14")]), "damaged"),
        "still.musicxml": (score([attributes(divisions=0) + note("C4", 8)]), "damaged"),
        "metre.musicxml": (score([attributes(metre="0/4") + note("C4", 8)]), "damaged"),
        "rests.musicxml": (score([attributes() + note("-", 8)]), "no notes"),
        "empty.musicxml": (score(), "no notes"),
        "timewise.musicxml": ("<score-timewise/>", "no notes"),
        "other.musicxml": ("<html/>", "not a MusicXML score"),
        "bomb.musicxml": (bomb, "entities"),
        "wide.musicxml": (bomb, "entities"),
    }
    for name, (text, _) in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-16" if name == "wide.musicxml" else "utf-8")
    with zipfile.ZipFile(tmp_path / "hollow.mxl", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    return [(tmp_path / name, because) for name, (_, because) in texts.items()] + [
        (tmp_path / "hollow.mxl", "compressed"),
        (tmp_path / "gone.mxl", "cannot be read"),
    ]


def test_bad_files_get_one_sentence(tmp_path: Path) -> None:
    for path, because in broken_files(tmp_path):
        with pytest.raises(FileError, match=because):
            musicxml.read(path)
    corpus_of_them = corpus.read(tmp_path)
    assert corpus_of_them.broken == 12 and not corpus_of_them.tunes


def test_a_score_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(musicxml, "MAX_BYTES", 10_000)
    path = packed(tmp_path / "bomb.mxl", " " * 1_000_000)
    with pytest.raises(FileError, match="larger than"):
        musicxml.read(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 400), st.text("<>/ 0123456789abcdefnotes\"'=", max_size=6))
def test_damage_does_no_worse_than_be_refused(tmp_path: Path, where: int, what: str) -> None:
    text = score([attributes() + note("C4", 4) + note("E4", 4, "start"), note("E4", 8, "stop")])
    path = tmp_path / "damaged.musicxml"
    path.write_text(text[:where] + what + text[where + len(what) :])
    try:
        tune = musicxml.read(path)
    except FileError:
        return
    onsets = [each.onset for each in tune.notes]
    assert onsets == sorted(onsets) and all(0 <= each.pitch <= 127 and each.duration > 0 for each in tune.notes)


CASES = DATA / "cases" / "musicxml"
MELODY = [60, 62, 64, 65, 67, 64, 62, 60]


@pytest.mark.parametrize("name", ["called.xml", "second-part-is-empty.musicxml", "shift-jis.musicxml"])
def test_each_case(name: str) -> None:
    found = musicxml.read(CASES / name)
    assert [(each.onset, each.pitch) for each in found.notes] == list(enumerate(MELODY))
    assert [bar.at for bar in found.bars] == [0, 4]


def test_a_shorter_part_cuts_no_other() -> None:
    found = musicxml.read(CASES / "second-part-is-shorter.musicxml")
    assert [(each.onset, each.pitch) for each in found.notes] == list(enumerate(MELODY * 2))
    assert [bar.at for bar in found.bars] == [0, 4, 8, 12]


def test_parts_of_any_length_in_any_order(read: Reader) -> None:
    one = [attributes() + note("C4", 8)]
    two = [attributes() + note("E4", 8), note("F4", 8), note("G4", 4)]
    for parts in ([one, two], [two, one], [[], one, two], [one, [], two], [[attributes()], two, one]):
        found = read(score(*parts))
        assert [(each.onset, each.pitch) for each in found.notes] == [(0, 60), (0, 64), (4, 65), (8, 67)]
        assert [bar.at for bar in found.bars] == [0, 4, 8]


@pytest.mark.parametrize(
    ("declared", "encoding", "title"),
    [
        ("Shift_JIS", "shift_jis", "さくら"),
        ("shift-jis", "cp932", "さくら①"),
        ("GBK", "gbk", "茉莉花的歌"),
        ("GB2312", "gb18030", "茉莉花的歌"),
        ("Big5", "big5", "茉莉花的歌"),
        ("EUC-KR", "euc-kr", "아리랑"),
        ("euc-jp", "euc-jp", "さくら"),
        ("windows-1252", "cp1252", "Für Zoë"),
        ("ISO-8859-1", "latin-1", "Für Zoë"),
        ("UTF-16", "utf-16", "さくら"),
        ("UTF-8", "utf-16", "さくら"),
        ("UTF-16", "utf-8", "さくら"),
        ("UTF-8", "utf-8-sig", "さくら"),
        ("UTF-8", "latin-1", "Für Zoë"),
        ("no-such-thing", "utf-8", "さくら"),
        ("unicode_escape", "utf-8", "さくら"),
        ("", "utf-8", "さくら"),
        ("", "utf-16", "さくら"),
    ],
)
@pytest.mark.parametrize("before", ["", "\n", " \r\n\t"])
def test_every_encoding(declared: str, encoding: str, title: str, before: str, tmp_path: Path) -> None:
    head = f'<?xml version="1.0" encoding="{declared}" standalone="no"?>\n' if declared else ""
    body = score([attributes() + note("C4", 8)], rights=title).partition("?>")[2]
    path = tmp_path / "score.xml"
    path.write_bytes((before + head + body).encode(encoding))
    read = musicxml.MusicXml(path)
    assert read.rights == title
    tune = read.tune()
    assert tune is not None and heads(tune) == [(0.0, 4.0, 60)]


def test_tied_without_tie(read: Reader) -> None:
    tied = "<notations><tied type='{}'/></notations></note>"
    first = note("C4", 8).replace("</note>", tied.format("start"))
    second = note("C4", 4).replace("</note>", tied.format("stop")) + note("C4", 4)
    assert heads(read(score([attributes() + first, second]))) == [(0.0, 6.0, 60), (6.0, 2.0, 60)]


def test_a_score_by_measures_and_one_with_a_namespace(read: Reader) -> None:
    parts = [
        f'<part id="P{part}">' + attributes() + note(pitch, 8) + "</part>" for part, pitch in ((1, "C4"), (2, "E4"))
    ]
    measures = "".join(f'<measure number="{n}">{"".join(parts)}</measure>' for n in (1, 2))
    found = read(f"<score-timewise>{measures}</score-timewise>")
    assert [(each.onset, each.pitch) for each in found.notes] == [(0, 60), (0, 64), (4, 60), (4, 64)]
    spaced = score([attributes() + note("C4", 8)]).replace("<score-partwise", '<score-partwise xmlns="urn:x"')
    assert heads(read(spaced)) == [(0.0, 4.0, 60)]


def test_by_measures_a_part_may_be_left_out_of_some(read: Reader) -> None:
    """Its later notes keep their bars; a part may come in late, or rest between."""

    def part(number: int, pitch: str) -> str:
        return f'<part id="P{number}">' + attributes() + note(pitch, 8) + "</part>"

    measures = [part(1, "C4") + part(2, "E4"), part(2, "F4"), part(1, "D4") + part(3, "G4"), part(3, "A4")]
    whole = "".join(f'<measure number="{n}">{each}</measure>' for n, each in enumerate(measures, 1))
    found = read(f"<score-timewise>{whole}</score-timewise>")
    expected = [(0, 60), (0, 64), (4, 65), (8, 62), (8, 67), (12, 69)]
    assert [(each.onset, each.pitch) for each in found.notes] == expected
    assert [bar.at for bar in found.bars] == [0, 4, 8, 12]


def test_measures_that_are_missing_are_bounded(tmp_path: Path) -> None:
    measures = "".join(f'<measure number="{n}"><part id="P{n}"/></measure>' for n in range(1000))
    (tmp_path / "bomb.musicxml").write_text(f"<score-timewise>{measures}</score-timewise>")
    with pytest.raises(FileError, match="damaged"):
        musicxml.MusicXml(tmp_path / "bomb.musicxml")


@pytest.mark.parametrize("where", ["the score.xml", "./the score.xml", ".\\the score.xml", "gone.xml"])
def test_compressed_by_macos_or_windows(where: str, tmp_path: Path) -> None:
    path = tmp_path / "score.mxl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/._the score.xml", b"\0\5\x16\7 not this")
        archive.writestr("._other.xml", b"\0\5\x16\7 not this")
        archive.writestr("META-INF/container.xml", f'<container><rootfile full-path="{where}"/></container>')
        archive.writestr("the score.xml", score([attributes() + note("C4", 8)]))
    assert heads(musicxml.read(path)) == [(0.0, 4.0, 60)]


def test_the_content_says_whether_it_is_compressed(tmp_path: Path) -> None:
    text = score([attributes() + note("C4", 8)])
    (tmp_path / "plain.mxl").write_text(text)
    packed(tmp_path / "packed.musicxml", text)
    packed(tmp_path / "packed.xml", text)
    assert [heads(found) for found in corpus.read(tmp_path).tunes] == [[(0.0, 4.0, 60)]] * 3
