"""A performer's journals as training data: read, divided, and their note values found."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livegen.cli import mine
from livegen.errors import FileError
from livegen.events import Event, Heard, Note, NoteOff, NoteOn
from livegen.midi import midifile
from livegen.predictors.encoding import GAPS, PERFORMER, Step
from livegen.predictors.models import Forecast, State, Untrained
from livegen.session.session import Session as Live
from livegen.settings import Settings
from livegen.training.corpus.families import shingles, variants
from livegen.training.network import dataset
from livegen.training.own import intended_rhythm, journals
from livegen.training.own.division import divide
from livegen.training.own.journals import PlayedJournal
from livegen.tunes.tune import Tune
from tests.support.own_playing import journal, played, take

FIELDS = Step._fields
GAP = FIELDS.index("gap")


# Reading a session


class Listener(Untrained):
    """Writes down what the session tells a model of the performer's notes."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Step] = []

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        if step.who == PERFORMER:
            self.heard.append(step)
        return super().step(state, step, memory)


def perform(events: list[Heard], listener: Listener, slower_at: float) -> list[NoteOn | NoteOff]:
    """The notes of a live session in between; its tempo is changed at ``slower_at``."""
    session = Live(listener, Settings(tempo=140.0), 3)
    sent: list[Event] = []
    for event in events:
        if event.at >= slower_at and session.settings.tempo != 90.0:
            session.settings.set("tempo", 90.0)
            sent += session.settings_changed(slower_at)
        sent += session.advance_until(event.at)
        sent += session.receive(event)
    sent += session.panic(events[-1].at + 1)
    return [each for each in sent if isinstance(each, NoteOn | NoteOff)]


def test_a_journal_is_counted_in_beats_as_the_session_counted() -> None:
    """Also where the player answers in between, at a tempo that is not the expected one, and with chords."""
    events = [*played(1, 40), *played(2, 40, start=16.3), *played(3, 30, start=36.0)]
    for event in events[10:14]:
        if isinstance(event, NoteOn):
            events += [NoteOn(event.at + 0.012, event.pitch - 12, 70), NoteOff(event.at + 0.1, event.pitch - 12)]
    events = [replace(event, at=event.at * 1.13) for event in sorted(events, key=lambda each: each.at)]
    listener = Listener()
    sent = perform(events, listener, 38.0)
    assert any(isinstance(each, NoteOn) for each in sent)
    changes = [("set", 38.0, "tempo", 90.0), ("set", 39.0, "top_p", 0.9)]
    tunes = journals.tunes(
        PlayedJournal("take", events, sent, changes, {"tempo": 140.0, "mode": "duet", "pulse": "learnt"})
    )
    steps = np.concatenate([dataset.heard(tune) for tune in tunes])
    live = np.array(listener.heard)
    assert len(steps) == len(live) == sum(isinstance(event, NoteOn) for event in events)
    firsts = np.cumsum([0, *(len(tune.notes) for tune in tunes[:-1])])
    later = np.setdiff1d(np.arange(len(steps)), firsts)
    met = [at for at in later if live[at, GAP] == 1 != steps[at, GAP]]  # sounded with a note of the player's
    assert len(met) <= 1 and len(tunes) == 1
    later = np.setdiff1d(later, met)
    for name in ("gap", "deviation"):
        column = FIELDS.index(name)
        assert np.array_equal(steps[later, column], live[later, column]), name
    assert (steps[:, GAP] == 1).sum() == 2  # chords
    assert sorted(steps[:, FIELDS.index("velocity")]) == sorted(live[:, FIELDS.index("velocity")])


def test_swung_notes_are_counted_straight_as_the_session_counted_them() -> None:
    at, events = 1.0, list[Heard]()
    for number in range(60):
        gap = 0.3 if number % 2 == 0 else 0.2
        events += [NoteOn(at, 60 + number * 5 % 12, 80), NoteOff(at + 0.15, 60 + number * 5 % 12)]
        at += gap
    listener = Listener()
    sent = perform(events, listener, 1e9)
    tunes = journals.tunes(PlayedJournal("take", events, sent, [], {"tempo": 140.0, "pulse": "learnt"}))
    steps = np.concatenate([dataset.heard(tune) for tune in tunes])[1:, GAP]
    live = np.array(listener.heard)[1:, GAP]
    assert np.array_equal(steps, live) and len(set(live[30:].tolist())) == 1


def test_a_note_that_met_one_of_the_player_is_no_chord() -> None:
    events = played(1, 20)
    ons = [event for event in events if isinstance(event, NoteOn)]
    sent = [NoteOn(ons[9].at - 0.01, 40, 80)]
    (tune,) = journals.tunes(PlayedJournal("", events, sent))
    assert len({note.onset for note in tune.notes}) == 20


def test_a_long_silence_and_a_reset_begin_another_tune_and_drums_are_not_heard() -> None:
    events = [*played(1, 20), *played(2, 20, start=30.0)]
    assert [len(tune.notes) for tune in journals.tunes(PlayedJournal("", events))] == [20, 20]
    answered: list[Heard] = [NoteOn(at, 60, 80) for at in np.arange(7.0, 30.0, 2.0).tolist()]
    assert [len(tune.notes) for tune in journals.tunes(PlayedJournal("", events, answered))] == [40]
    reset = journals.tunes(
        PlayedJournal("", played(1, 40), changes=[("reset", 5.0), ("set",), ("set", 0.5, "tempo", "x")])
    )
    assert len(reset) == 2
    drums: list[Heard] = [replace(event, channel=10) for event in played(3, 40)]
    assert journals.tunes(PlayedJournal("", drums)) == []
    assert len(journals.tunes(PlayedJournal("", drums, settings={"channel_in": 10}))) == 1


def test_what_a_session_left_as_midi_is_not_read_beside_its_journal(tmp_path: Path) -> None:
    journal(tmp_path / "one.jsonl", played(1, 40))
    both: dict[str, list[Heard]] = {"performer": played(1, 40), "player": played(9, 40)}
    midifile.write(tmp_path / "one.mid", both)
    midifile.write(tmp_path / "other.mid", {"me": played(5, 50)})
    (tmp_path / "one.log").write_text("")
    (tmp_path / "settings.jsonl").write_text('{"of": "another program"}\n')
    assert sorted(len(tune.notes) for tune in mine.own_tunes([tmp_path])) == [40, 50]
    with pytest.raises(FileError, match="livegen jam"):
        mine.own_tunes([tmp_path / "nowhere"])


# Dividing it


def test_variants_stay_together_and_every_tune_is_used_once() -> None:
    tunes = [take(seed, 60) for seed in range(12)]
    higher = [
        Tune("again", tuple(replace(note, pitch=note.pitch + 3) for note in (*tune.notes[:50], Note(99, 1, 70))))
        for tune in tunes[:4]
    ]
    takes = divide([*tunes, *higher])
    parts = [takes.learn, takes.choose, takes.judge]
    assert sum(map(len, parts)) == 16 and all(parts)
    place = {id(tune): number for number, part in enumerate(parts) for tune in part}
    whole = [tune for part in parts for tune in part]
    pairs = variants([shingles(tune) for tune in whole])
    assert len(pairs) >= 4
    assert all(place[id(whole[a])] == place[id(whole[b])] for a, b in pairs)
    notes = [sum(len(tune.notes) for tune in part) for part in parts]
    assert notes[0] > sum(notes) / 2


def test_one_long_take_is_cut_and_one_tune_played_over_and_over_is_still_divided() -> None:
    long = divide([take(1, 400)])
    assert long.learn and long.choose and long.judge
    assert sum(len(tune.notes) for part in (long.learn, long.choose, long.judge) for tune in part) == 400
    assert all(tune.notes[0].onset == 0 for tune in long.learn)
    same = take(1, 60)
    again = [
        Tune(str(n), tuple(replace(note, onset=note.onset * (1 + n / 50)) for note in same.notes)) for n in range(8)
    ]
    assert len(divide(again).judge) >= 1


def test_too_little_says_how_much_more_to_play() -> None:
    with pytest.raises(FileError, match=r"120 notes of yours .* takes 300; play about 180 more"):
        divide([take(1, 60), take(2, 60)])


# The note values that were meant


def loosely(seed: int, *beats: float) -> Tune:
    """A tune in a steady beat whose note values are those, one after the other, each a few per cent off."""
    random = np.random.default_rng(seed)
    onsets = np.cumsum([0.0, *(np.resize(beats, 199) * random.normal(1.0, 0.06, 199))])
    return Tune("", tuple(Note(float(at), 0.2, 60 + n % 5, 80) for n, at in enumerate(onsets)), touched=True)


def test_a_value_played_seldom_beside_one_played_often_is_that_one() -> None:
    tunes = [loosely(seed, 0.5, 0.5, 1.0) for seed in range(3)]
    values = intended_rhythm.values(tunes)
    asked = intended_rhythm.plain(tunes[0], values)
    heard = dataset.plain(tunes[0])
    assert len(set(heard.gaps.tolist())) > 4
    assert {float(GAPS[gap]) for gap in asked.gaps[1:]} == {0.5, 1.0}
    assert np.array_equal(asked.rows[1:], asked.gaps[1:]) and asked.rows[0] == heard.rows[0]
    assert asked.gaps[0] == dataset.MASKED and np.array_equal(asked.steps, heard.steps)
    drawn = [
        intended_rhythm.IntendedRhythm(tunes[0], False, values).draw(0, np.random.default_rng(n)) for n in range(30)
    ]
    drawn_gaps = {int(gap) for each in drawn for gap in each.gaps[1:]} - {dataset.MASKED}
    assert {float(GAPS[gap]) for gap in drawn_gaps} == {0.25, 0.5, 1.0, 2.0}
    assert max(len(set(each.steps[2:, GAP].tolist())) for each in drawn) > 4


def test_values_played_as_often_as_their_neighbours_and_what_was_written_stay() -> None:
    swung = [loosely(seed, 2 / 3, 0.5, 3 / 4) for seed in range(3)]
    values = intended_rhythm.values(swung)
    for beats in (2 / 3, 0.5, 3 / 4):
        gap = dataset.ENCODING.gap_index(beats)
        assert values[gap] == gap
    written = replace(loosely(1, 0.5), touched=False)
    assert np.array_equal(intended_rhythm.values([written]), np.arange(len(GAPS)))
    assert np.array_equal(
        intended_rhythm.plain(written, intended_rhythm.values([loosely(1, 0.5)])).gaps, dataset.plain(written).gaps
    )
