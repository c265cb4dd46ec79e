"""The named collections, each in its owners' folders, with a few pieces made here."""

import csv
import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import mido  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegen.errors import FileError
from livegen.events import Note
from livegen.files import midi_tune
from livegen.training.corpus import corpus, sources
from livegen.training.corpus.corpus import Corpus
from livegen.training.recipe import RECIPES, Recipe, load
from tests.support.musicxml import attributes, backup, note, packed, score
from tests.support.places import ROOT

TICKS = 480
Hit = tuple[float, int, int]  # onset in quarter notes, pitch, velocity


def wrote(path: Path, tracks: Mapping[str, tuple[int, Sequence[Hit]]], bpm: float = 120.0, metre: str = "4/4") -> Path:
    """A MIDI file of named tracks, each on its channel (0-15), every note half a quarter long."""
    file = mido.MidiFile(ticks_per_beat=TICKS)
    over, under = (int(each) for each in metre.split("/"))
    opening = mido.MetaMessage("time_signature", numerator=over, denominator=under)
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)), opening]))
    for name, (channel, hits) in tracks.items():
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        rows = [(round(onset * TICKS), "note_on", pitch, velocity) for onset, pitch, velocity in hits]
        rows += [(round((onset + 0.5) * TICKS), "note_off", pitch, 0) for onset, pitch, _ in hits]
        last = 0
        for tick, kind, pitch, velocity in sorted(rows):
            track.append(mido.Message(kind, channel=channel, note=pitch, velocity=velocity, time=tick - last))
            last = tick
        file.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)
    return path


def table(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def pitches(found: Corpus) -> dict[str, list[int]]:
    return {tune.name: [each.pitch for each in tune.notes] for tune in found.tunes}


def parts(found: Corpus) -> dict[str, str]:
    """The part of the corpus that each tune goes to."""
    divided = corpus.divide(found)
    sides = {"training": divided.training, "validation": divided.validation, "test": divided.test}
    return {tune.name: side for side, some in sides.items() for tune in some.tunes}


def test_songs_give_their_piano_part_if_they_say_that_they_are_free(tmp_path: Path) -> None:
    voice = [attributes() + note("C5", 8)]
    for name, rights in (
        ("lc1", "OpenScore (CC0)"),
        ("lc2", "OpenScore (CCO)"),
        ("lc3", "(c) A Publisher"),
        ("lc4", ""),
    ):
        keys = note("C4", 4) + note("D4", 4) + backup(8) + note("C3", 8)
        piano = [attributes("<staves>2</staves>") + keys]
        folder = tmp_path / "scores" / "Composer,_A" / "_" / name
        folder.mkdir(parents=True)
        packed(folder / f"{name}.mxl", score(voice, piano, rights=rights))
    packed(tmp_path / "lc5.mxl", score(voice, voice, rights="OpenScore (CC0)"))  # a choir
    found = sources.read(RECIPES["piano"], tmp_path)
    assert pitches(found) == {"lc1": [48, 60, 62], "lc2": [48, 60, 62]}
    assert found.broken == 2 and sorted(found.lost.names) == ["lc3.mxl", "lc4.mxl"]
    assert not found.given and found.tunes[0].bars


def test_pop909_is_read_song_by_song_with_its_three_tracks(tmp_path: Path) -> None:
    melody, bridge = (0, [(1.0, 72, 90), (2.0, 74, 91)]), (1, [(1.0, 67, 60)])
    piano = (2, [(1.0, 48, 50), (1.01, 67, 70), (2.5, 52, 51)])
    for number in ("001", "002"):
        tracks = {"MELODY": melody, "BRIDGE": bridge, "PIANO": piano}
        wrote(tmp_path / "POP909" / number / f"{number}.mid", tracks, bpm=90, metre="1/4")
        wrote(tmp_path / "POP909" / number / "versions" / f"{number}-v1.mid", tracks)
        (tmp_path / "POP909" / number / "beat_midi.txt").write_text("0.05 1.0 1.0\n")
    wrote(tmp_path / "POP909" / "002" / "7.mid", {"": melody})
    found = sources.read(RECIPES["pop909"], tmp_path)
    # The bridge and the piano strike the same key 7 ms apart: one note.
    assert pitches(found) == {"001": [48, 67, 72, 74, 52], "002": [48, 67, 72, 74, 52]}
    song = found.tunes[0]
    assert song.touched and song.bars == ()
    assert [each.onset for each in song.notes] == pytest.approx([1, 1, 1, 2, 2.5])
    assert [each.velocity for each in song.notes] == [50, 60, 90, 91, 51]


def test_maestro_keeps_its_split_and_has_no_beat(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    base = tmp_path / "maestro-v3.0.0"
    rows = []
    splits = ("train", "validation", "test", "train", "train")
    for number, split in enumerate(splits):
        name = f"20{number:02}/MIDI-Unprocessed_{number}.midi"
        row = {"canonical_composer": "Frédéric Chopin", "canonical_title": 'Prélude "Raindrop", Op. 28', "split": split}
        rows.append(row | {"year": f"20{number:02}", "midi_filename": name, "duration": "8.5"})
        if number != 4:
            wrote(base / name, {"": (0, [(at * 0.37, 60 + number * at, 64) for at in range(6)])})
    wrote(base / "2000" / "not in the table.midi", {"": (0, [(0.0, 60, 64), (1.0, 62, 64)])})
    table(base / "maestro-v3.0.0.csv", rows)
    found = sources.read(RECIPES["maestro"], tmp_path)
    assert {name[-1]: side for name, side in parts(found).items()} == {
        "0": "training",
        "1": "validation",
        "2": "test",
        "3": "training",
    }
    assert found.left_out == (
        "1 file or tune was left out: MIDI-Unprocessed_4.midi: cannot be read (No such file or directory)."
    )
    assert caplog.messages == [found.left_out]
    assert all(tune.touched and not tune.bars for tune in found.tunes)


def test_groove_is_nine_drums_in_their_bars(tmp_path: Path) -> None:
    every = sorted(sources.DRUMS)
    rows = []
    for number, split in enumerate(("train", "validation", "test")):
        name = f"drummer1/session1/{number}_funk_80_beat_3-4.mid"
        hits = [(0.25 * at, pitch, 20 + at) for at, pitch in enumerate((*every, *every[: number + 1]))]
        wrote(tmp_path / name, {"": (9, [*hits, (0.1, 75, 99)]), "click": (0, [(0.1, 36, 99)])}, bpm=80, metre="3/4")
        rows.append({"drummer": "drummer1", "style": "funk", "midi_filename": name, "split": split})
    table(tmp_path / "info.csv", rows)
    found = sources.read(RECIPES["groove"], tmp_path)
    assert parts(found) == {
        "0_funk_80_beat_3-4": "training",
        "1_funk_80_beat_3-4": "validation",
        "2_funk_80_beat_3-4": "test",
    }
    shortest = min(found.tunes, key=lambda tune: len(tune.notes))
    assert {each.pitch for each in shortest.notes} == {36, 38, 42, 43, 46, 47, 49, 50, 51}
    # kick, snare with its rim and stick, closed and open hi-hat by their edges
    names = dict(zip(every, shortest.notes[: len(every)], strict=True))
    assert [names[pad].pitch for pad in (36, 38, 40, 37, 42, 22, 44, 46, 26)] == [36, 38, 38, 38, 42, 42, 42, 46, 46]
    assert [names[pad].velocity for pad in every[:3]] == [20, 21, 22]
    assert [(bar.at, bar.metre) for bar in shortest.bars[:2]] == [(0.0, "3/4"), (3.0, "3/4")]
    assert not RECIPES["groove"].transpose and RECIPES["piano"].transpose


def test_a_piece_on_two_sides_is_not_trained_on(tmp_path: Path) -> None:
    rows = []
    for name, split in (("a.mid", "train"), ("b.mid", "test"), ("c.mid", "train"), ("d.mid", "validation")):
        hits = [(float(at), 36 if at % 2 else 38, 80) for at in range(8 if name in "a.mid b.mid" else ord(name[0]))]
        wrote(tmp_path / name, {"": (9, hits)})
        rows.append({"midi_filename": name, "split": split})
    table(tmp_path / "info.csv", rows)
    found = sources.read(RECIPES["groove"], tmp_path)
    assert sorted(parts(found).values()) == ["test", "training", "validation"]
    assert corpus.divide(found).duplicates == 1
    assert {len(tune.notes) for tune in corpus.divide(found).test.tunes} == {8}


def test_enough_notes_are_enough_and_always_the_same(tmp_path: Path) -> None:
    for root, order in (("here", range(30)), ("there", reversed(range(30)))):
        for number in order:
            hits = [(at * 0.5, 40 + (at * (number + 1)) % 40, 64) for at in range(200)]
            wrote(tmp_path / root / f"{number:03}" / f"{number:03}.mid", {"PIANO": (2, hits)})
    recipe = Recipe(name="some", data="pop909", most=1000)
    here, there = (list(pitches(sources.read(recipe, tmp_path / root))) for root in ("here", "there"))
    assert len(here) == 5 and here != sorted(here) and here == there


@pytest.mark.parametrize("name", ["piano", "pop909", "maestro", "groove"])
def test_another_folder_gets_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no music")
    with pytest.raises(FileError, match="does not hold"):
        sources.read(RECIPES[name], tmp_path)
    with pytest.raises(FileError, match="no folder"):
        sources.read(RECIPES[name], tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "midi_filename,split\na.mid\n", "midi_filename,split\na.mid,mine\n"]
)
def test_a_wrong_table_gets_one_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "info.csv").write_text(text)
    if text:
        with pytest.raises(FileError, match="not the table of Groove"):
            sources.read(RECIPES["groove"], tmp_path)
    else:
        assert not sources.read(RECIPES["groove"], tmp_path).tunes


def test_the_recipe_my_reads_a_folder_of_anything(tmp_path: Path) -> None:
    hits = [(0.0, 60, 64), (1.0, 62, 64)]
    wrote(tmp_path / "take.mid", {"": (0, hits), "drums": (9, [(0.5, 38, 90)])})
    packed(tmp_path / "score.mxl", score([attributes() + note("C4", 8)]))
    assert pitches(sources.read(RECIPES["my"], tmp_path)) == {"take": [60, 62], "score": [60]}


def test_the_document_names_every_recipe_and_its_own_recipe_loads(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "training.md").read_text()
    for recipe in RECIPES.values():
        assert f"| `{recipe.name}` |" in text
        if recipe.data not in ("books", "folder"):
            assert f"## {recipe.name}\n" in text and f"`livegen train {recipe.name} --data" in text
            assert recipe.most == 500_000 and "500,000 notes" in text
    example = textwrap.dedent(text.split("```toml\n")[1].split("```")[0])
    (tmp_path / "large.toml").write_text(example)
    assert load(str(tmp_path / "large.toml")).most == 2_000_000


NOTES = st.builds(
    Note,
    st.integers(0, 20).map(lambda at: at / 4),
    st.integers(1, 12).map(lambda length: length / 4),
    st.integers(60, 64),
)


@given(st.lists(NOTES, max_size=40))
def test_one_player_never_holds_a_key_twice(notes: list[Note]) -> None:
    found = midi_tune.one_player(notes)
    assert {(each.onset, each.pitch) for each in found} == {(each.onset, each.pitch) for each in notes}
    assert len(found) == len({(each.onset, each.pitch) for each in found})
    assert list(found) == sorted(found, key=lambda each: (each.onset, each.pitch))
    for pitch in range(60, 65):
        own = [each for each in found if each.pitch == pitch]
        assert all(a.onset + a.duration <= b.onset for a, b in pairwise(own))
        for each in own:
            longest = max(n.duration for n in notes if (n.onset, n.pitch) == (each.onset, each.pitch))
            after = [n.onset for n in own if n.onset > each.onset]
            assert each.duration == min([longest, *(at - each.onset for at in after[:1])])
