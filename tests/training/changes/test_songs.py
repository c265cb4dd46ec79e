"""Lead sheets as beats, and the two halves of songs."""

from livegen.charts.measures import Measure
from livegen.charts.metre import Metre
from livegen.charts.text import read_chart
from livegen.events import Note
from livegen.files.lead_sheet import LeadSheet
from livegen.music.key import Key
from livegen.training.changes.songs import is_learnt, song_of


def sheet(text: str, metre: Metre, pickup: float = 0.0) -> LeadSheet:
    measures = [Measure(bar.beats, list(bar.changes)) for bar in read_chart(text).bars]
    return LeadSheet("x", Key(9, minor=True), metre, None, measures, [Note(0.0, 2.0, 60), Note(2.0, 1.0, 62)], pickup)


def test_beats_are_counted_from_the_first_bar_line() -> None:
    song = song_of(sheet("| N.C. | Am . G . | F |", Metre(4, False, 1.0), pickup=1.0), "x")
    assert [note.begins for note in song.notes] == [-1.0, 1.0]
    assert [chord and chord.name() for chord in song.chords] == ["Am", "Am", "G", "G", "F", "F", "F", "F"]
    assert (song.tonic, song.beats_per_bar) == (0, 4)


def test_a_beat_of_two_two_is_a_quarter() -> None:
    song = song_of(sheet("metre: 2/4\n| Am G |", Metre(2, False, 2.0)), "x")
    assert [chord and chord.name() for chord in song.chords] == ["Am", "Am", "G", "G"]
    assert song.beats_per_bar == 4 and song.notes[1].begins == 4.0


def test_the_hash_of_a_name_says_whether_a_song_is_learnt_from() -> None:
    assert [is_learnt(name) for name in ("a", "b", "c", "d")] == [False, False, True, True]
    assert 400 < sum(is_learnt(str(number)) for number in range(1000)) < 600
