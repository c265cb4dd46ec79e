"""The ABC reader, the families of tunes, the folders and books they come from."""

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegen.errors import FileError
from livegen.events import Note, NoteOff, NoteOn
from livegen.midi import midifile
from livegen.training.corpus import corpus
from livegen.training.corpus.families import Split, fingerprint, shingles, split, variants
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.tunes import abc_reader
from livegen.tunes.abc_fields import AbcError, part_order
from livegen.tunes.abc_reader import Playing
from livegen.tunes.tune import Tune
from tests.support.places import DATA


def tune(number: int, playing: Playing = "written") -> Tune:
    return abc_reader.read_file(DATA / "traps.abc", playing).tunes[number - 1]


def pitches(number: int, playing: Playing = "written") -> list[int]:
    return [note.pitch for note in tune(number, playing).notes]


def rhythm(number: int) -> list[float]:
    return [note.onset for note in tune(number).notes]


def made(*intervals: int, name: str = "", gap: float = 0.5) -> Tune:
    """A tune of equal notes that moves by these intervals from middle C."""
    notes = [Note(0.0, gap, 60)]
    for interval in intervals:
        notes.append(Note(notes[-1].onset + gap, gap, notes[-1].pitch + interval))
    return Tune(name, tuple(notes))


def test_an_accidental_holds_to_the_end_of_its_bar() -> None:
    assert pitches(1) == [73, 73, 66, 78, 72, 77, 77, 65]


def test_endings_are_played_in_turn() -> None:
    once = [60, 62, 64, 65]
    rest = [71, 72, 71, 72]
    assert pitches(2) == [*once, 67, 67, 69, 69, *rest]
    assert pitches(2, "performed") == [*once, 67, 67, *once, 69, 69, *rest]


def test_comments_continued_lines_and_doubled_repeats() -> None:
    first, second = [60, 62, 64, 65], [67, 69, 71, 72, 72, 71, 69, 67]
    assert pitches(3) == first + second
    assert pitches(3, "performed") == first * 2 + second * 2


def test_key_and_metre_change_in_mid_tune() -> None:
    assert pitches(4) == [66, 67, 69, 65, 67, 70, 69]
    assert [(bar.at, bar.metre) for bar in tune(4).bars] == [(0.0, "3/4"), (3.0, "2/4"), (5.0, "2/4")]


def test_ties_join_slurs_do_not_and_chords_give_their_top() -> None:
    assert pitches(5) == [60, 62, 64, 67, 65, 69, 71]
    assert rhythm(5) == [0.0, 2.0, 3.0, 4.0, 7.0, 8.0, 11.0]
    assert [note.duration for note in tune(5).notes] == [2.0, 1.0, 1.0, 3.0, 1.0, 2.0, 1.0]


def test_tuplets_and_dotted_rhythm() -> None:
    third, fifth = 1 / 3, 0.2
    assert rhythm(6)[:8] == pytest.approx([0, third, 2 * third, 1, 1.75, 2, 2.25, 3])
    # The metre is simple, so five stand in the time of two; then (3:2:2 scales two notes by 2/3.
    assert rhythm(6)[8:] == pytest.approx([4 + n * fifth for n in range(5)] + [5, 5 + 2 * third, 6])


def test_parts_are_played_in_their_order() -> None:
    assert pitches(7) == [60, 62, 64, 65]
    assert pitches(7, "performed") == [60, 62, 64, 65, 64, 65, 60, 62]


def test_a_pickup_stands_at_the_end_of_the_bar_before() -> None:
    found = tune(8, "performed")
    phases = [note.onset - bar.at for note in found.notes if (bar := found.bar_at(note.onset)) is not None]
    assert phases == [2, 0, 1, 2, 0, 1] * 2 + [2, 0, 1, 2]


def test_a_tied_note_keeps_its_accidental_over_the_bar_line() -> None:
    assert pitches(9) == [60, 66, 67]


def test_only_the_first_voice_is_read() -> None:
    assert pitches(10) == [60, 62, 64, 65, 67, 69]


def test_broken_tunes_are_counted_and_the_rest_is_read() -> None:
    book = abc_reader.read_file(DATA / "broken.abc")
    assert (len(book.tunes), book.broken) == (1, 5)


def test_repeats_that_would_not_end_are_refused() -> None:
    text = "X:1\nP:" + "A9" * 60 + "\nL:1/8\nK:C\nP:A\n|: " + "CDEF" * 500 + " :|\n"
    with pytest.raises(AbcError):
        abc_reader.read_tune(text, "performed")


def test_oddities_of_files_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "odd.abc"
    path.write_bytes(b"\xef\xbb\xbfX:1\r\nL:1/4\r\nK:C\r\n[C0] C [D0-] D | " + b"> " * 10_000 + b"E\r\n")
    assert [note.pitch for note in abc_reader.read_file(path).tunes[0].notes] == [60, 62, 64]
    path.write_bytes("X:1\nT:Müller\nK:C\nC\n".encode("latin-1"))
    assert len(abc_reader.read_file(path).tunes) == 1


@given(st.text(alphabet="ABCabcz|:[]0123/-^_=()<>{}\"!%&\\\n \tKMLPV,'~x+", max_size=300))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    for playing in ("written", "performed"):
        try:
            found = abc_reader.read_tune("X:1\nK:C\n" + text, playing)
        except AbcError:
            continue
        onsets = [note.onset for note in found.notes]
        assert onsets == sorted(onsets)
        assert all(0 <= note.pitch <= 127 and note.duration > 0 for note in found.notes)


def test_a_part_order_cannot_explode() -> None:
    assert len(part_order("(" * 30 + "A" + ")99" * 30)) <= 256


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.abc"
    path.write_bytes(b"X:1\nK:C\n" + b"C" * (1 << 20))
    with pytest.raises(FileError, match="1 MiB"):
        abc_reader.read_file(path)


def test_a_fingerprint_is_free_of_key_and_bound_to_rhythm() -> None:
    original = made(2, 2, 1, -5)
    higher = Tune("", tuple(Note(n.onset, n.duration, n.pitch + 7) for n in original.notes))
    assert fingerprint(higher) == fingerprint(original)
    assert fingerprint(made(2, 2, 1, -5, gap=1.0)) != fingerprint(original)
    # The rule's own serialisation, spelled out: it decides where every tune goes, so it must never change.
    assert fingerprint(made(2, -1)) == hashlib.sha256(b"[(2, '1/2'), (-1, '1/2')]").hexdigest()


def test_variants_go_together_and_strangers_apart() -> None:
    common = [2, 2, 1, 2, -2, -1, -2, 3, 4, -5, 7, -3]
    a = made(*common, 1, 1, 1, 1, 2)
    b = made(5, -5, *common)
    stranger = made(*[(-1) ** n * n for n in range(1, 16)])
    assert variants([shingles(each) for each in (a, b, stranger)]) == [(0, 1)]


def test_the_split_keeps_families_together() -> None:
    family = [2, 2, 1, 2, -2, -1, -2, 3, 4, -5, 7, -3]
    for start in range(40):
        relatives = [made(start, *family), made(*family, start), made(-start, *family, 1)]
        assert len(set(split(relatives))) == 1


def test_held_out_tunes_are_known_by_their_hashes_alone(tmp_path: Path) -> None:
    family = [2, 2, 1, 2, -2, -1, -2, 3, 4, -5, 7, -3]
    stranger = made(*[(-1) ** n * n for n in range(1, 16)])
    path = tmp_path / "held_out.json"
    HeldOut.of([made(*family)]).save(path, "for a test")
    assert HeldOut.load(path).variant_of([made(4, *family), stranger]) == [True, False]


def test_the_benchmarks_held_out_tunes_are_in_the_package() -> None:
    assert HELD_OUT.stat().st_size < 200_000
    assert len(json.loads(HELD_OUT.read_text())["tunes"]) == 109


def test_divided_tunes_leave_out_variants_and_duplicates() -> None:
    dice = random.Random(7)
    tunes = [made(*(dice.randint(-4, 4) for _ in range(20)), name=str(n)) for n in range(60)]
    divided = corpus.divide(corpus.Corpus([*tunes, replace(tunes[0], name="again")]))
    again = corpus.divide(corpus.Corpus(tunes[::-1]))
    assert (divided.duplicates, again.duplicates) == (1, 0)
    assert [t.name for t in divided.training.tunes] == [t.name for t in again.training.tunes]
    guarded = corpus.divide(corpus.Corpus(tunes), HeldOut.of(divided.training.tunes[:1]))
    assert guarded.variants >= 1
    assert divided.training.tunes[0] not in guarded.training.tunes


def test_a_tiny_corpus_still_holds_one_tune_out() -> None:
    family = [2, 2, 1, 2, -2, -1, -2, 3, 4, -5, 7, -3]
    divided = corpus.divide(corpus.Corpus([made(*family, n) for n in range(3)]))
    assert (len(divided.training.tunes), len(divided.validation.tunes)) == (2, 1)


def test_a_folder_is_read_with_its_folders_and_broken_files_are_counted(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "one.abc").write_text("X:1\nK:C\nL:1/4\nCDEF\n")
    (tmp_path / "broken.mid").write_bytes(b"not a MIDI file")
    (tmp_path / "notes.txt").write_text("not music")
    found = corpus.read(tmp_path)
    assert (len(found.tunes), found.broken) == (1, 1)
    with pytest.raises(FileError, match="holds no MIDI, MusicXML or ABC"):
        empty = tmp_path / "empty"
        empty.mkdir()
        corpus.read(empty)
    with pytest.raises(FileError, match="no folder"):
        corpus.read(tmp_path / "nowhere")


def test_what_is_left_out_of_a_folder_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "good.abc").write_text("X:1\nK:C\nL:1/4\nCDEF\n")
    assert corpus.read(tmp_path).left_out == "" and not caplog.records
    (tmp_path / "half.abc").write_text("X:1\nK:C\nCDEF\n\nX:2\nK:C\n||\n\nX:3\nK:C\n||\n")
    for number in range(6):
        (tmp_path / f"take {number}.mid").write_bytes(b"not a MIDI file")
    found = corpus.read(tmp_path)
    assert found.left_out == (
        "8 files or tunes were left out: half.abc: it has no notes (2); "
        "take 0.mid, take 1.mid, take 2.mid, take 3.mid, take 4.mid and 1 other file: is not a MIDI file."
    )
    assert caplog.messages == [found.left_out] and corpus.divide(found).left_out == found.left_out


def test_a_collection_divided_by_its_owners_stays_so() -> None:
    dice = random.Random(3)
    tunes = [made(*(dice.randint(-4, 4) for _ in range(20)), name=str(n)) for n in range(12)]
    given: dict[str, Split] = {
        fingerprint(tune): ("training", "validation", "test")[n % 3] for n, tune in enumerate(tunes)
    }
    divided = corpus.divide(corpus.joined([corpus.Corpus(tunes[:6], given=given), corpus.Corpus(tunes[6:])]))
    for rest, part in enumerate((divided.training, divided.validation, divided.test)):
        assert {int(tune.name) for tune in part.tunes} == {n for n in range(12) if n % 3 == rest}


def test_a_midi_file_becomes_a_tune_with_touch_chords_and_bars(tmp_path: Path) -> None:
    played = [(0.0, 60, 90), (0.012, 64, 70), (0.5, 62, 50), (1.0, 60, 80)]
    events: list[NoteOn | NoteOff] = []
    for at, pitch, velocity in played:
        events += [NoteOn(at, pitch, velocity), NoteOff(at + 0.4, pitch)]
    midifile.write(tmp_path / "take.mid", {"take": sorted(events, key=lambda event: event.at)})
    found = corpus.read(tmp_path).tunes[0]
    assert [note.pitch for note in found.notes] == [60, 64, 62, 60]
    assert found.notes[0].onset == found.notes[1].onset
    assert found.touched
    assert found.notes[2].velocity == 50
    assert corpus.chord_share(corpus.Corpus([found])) == pytest.approx(1 / 3)


@pytest.mark.training
def test_no_variant_of_a_held_out_tune_is_trained_on() -> None:
    """On the real books: neither of their own held-out tunes nor of the benchmark's."""
    try:
        book = corpus.books()["fife"]
    except FileError:
        pytest.skip("music21, which holds the tune books, is not installed")
    tunes = [*corpus.read(book).tunes, *corpus.read(corpus.books()["northumbrian"]).tunes]
    tunes += corpus.read(sorted(corpus.books()["oneill"].glob("*.abc"))[0]).tunes
    held_out = HeldOut.load(HELD_OUT)
    divided = corpus.divide(corpus.Corpus(tunes), held_out)
    training, kept = divided.training.tunes, divided.validation.tunes + divided.test.tunes
    assert len(training) > 100 and len(kept) > 20
    sets = [shingles(each) for each in (*training, *kept)]
    crossing = [(a, b) for a, b in variants(sets) if a < len(training) <= b]
    assert crossing == []
    assert not any(held_out.variant_of(training))
