"""The session memory: note by note it equals what training computes at once; a riff that comes back is recognised."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from livegen.events import NoteOff, NoteOn
from livegen.predictors import memory, models
from livegen.predictors.encoding import GAPS, PERFORMER, PLAYER, START, Encoding, Onset, Step
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.training.network.batch_memory import recall

ENCODING = Encoding()
RIFF = [(0, 1.0), (2, 0.5), (4, 0.5), (-3, 1.0), (5, 0.25), (-2, 0.75)]  # interval, gap

# Few enough that much comes back.
notes = st.tuples(st.integers(59, 61), st.sampled_from([0.0, 0.5, 1.5]))


def steps_of(melody: list[tuple[int, float]]) -> list[Step]:
    """START, then a step for each (pitch, gap)."""
    steps, previous = [START], None
    for pitch, gap in melody:
        steps.append(ENCODING.encode(Onset(pitch, None if previous is None else gap, previous)))
        previous = pitch
    return steps


def heard(steps: list[Step]) -> memory.Memory:
    """The memory after these steps."""
    table = memory.EMPTY
    for step in steps:
        table = memory.hear_step(table, step)
    return table


def riff(start: int, times: int = 1) -> list[tuple[int, float]]:
    """The riff from a pitch, each note with the gap before it."""
    melody, pitch = [], start
    for _ in range(times):
        for interval, gap in RIFF:
            pitch += interval
            melody.append((pitch, gap))
    return melody


@given(st.lists(st.lists(notes, min_size=2, max_size=40), min_size=1, max_size=4), st.integers(0, 2), st.data())
def test_the_rows_of_a_batch_are_those_told_note_by_note(
    melodies: list[list[tuple[int, float]]], first: int, data: st.DataObject
) -> None:
    """From whatever note a memory begins: a full one begins in the midst of a tune."""
    longest = max(len(melody) for melody in melodies) + 1
    steps = np.zeros((len(melodies), longest, len(START)), dtype=np.int64)
    for index, melody in enumerate(melodies):
        steps[index, : len(melody) + 1 - first] = steps_of(melody)[first:]
    gaps = np.random.default_rng(data.draw(st.integers(0, 99))).choice([0, 11, 21], size=steps.shape[:2])
    at_once = recall(steps, gaps)
    for index, melody in enumerate(melodies):
        table = memory.EMPTY
        for at in range(len(melody) + 1 - first):
            table = memory.hear_step(table, Step(*steps[index, at].tolist()))
            common, by_gap = memory.look_up(table).arrays()
            assert np.array_equal(common, at_once.common[index, at])
            assert np.array_equal(by_gap[gaps[index, at]], at_once.given[index, at])


def test_a_riff_played_again_is_known_and_continued() -> None:
    melody = riff(60, 2)
    rows = memory.look_up(heard(steps_of([*melody[:6], *melody[6:10]])))
    expected = ENCODING.encode(Onset(melody[10][0], melody[10][1], melody[9][0]))
    gap, length, distance = rows.common[memory.COMMON.index("pair: gap")]
    assert gap == expected.gap and length >= 3
    assert distance == 2 * sum(gap for _, gap in RIFF)  # in half beats
    assert rows.common[memory.COMMON.index("interval: interval")][0] == expected.interval
    assert rows.given(expected.gap)[0][0] == expected.interval


def test_a_riff_is_known_in_another_key_but_not_by_its_pitches() -> None:
    low, high = riff(50), riff(71)
    rows = memory.look_up(heard(steps_of([*low, *high[:5]])))
    expected = ENCODING.encode(Onset(high[5][0], high[5][1], high[4][0]))
    assert rows.common[memory.COMMON.index("pair: gap")][0] == expected.gap
    assert rows.common[memory.COMMON.index("interval: interval")][0] == expected.interval
    assert not any(rows.common[memory.COMMON.index("pitch: interval")])


def test_what_was_never_heard_before_is_told_as_nothing() -> None:
    steps = steps_of([(60, 1.0), (67, 0.5), (59, 2.0)])
    for count in range(len(steps) + 1):
        assert memory.look_up(heard(steps[:count])).common == memory.NOTHING.common


def test_beyond_its_size_the_oldest_notes_are_forgotten() -> None:
    rng = np.random.default_rng(3)
    wild = [
        (int(pitch), float(GAPS[gap]))
        for pitch, gap in zip(rng.integers(30, 90, 1200), rng.integers(1, 30, 1200), strict=True)
    ]
    start = riff(60)
    table = heard(steps_of([*start, *wild[: memory.SIZE - 20], *start[:5]]))
    best = memory.COMMON.index("pair: gap")
    assert memory.look_up(table).common[best][1] >= 3
    table = heard(steps_of([*start, *wild, *start[:5]]))
    assert table.onsets.size == memory.SIZE
    assert memory.look_up(table).common[best][1] < 3


def test_a_memory_is_a_value() -> None:
    steps = steps_of(riff(60, 3))
    before = heard(steps[:10])
    kept = before.keys.copy(), before.lengths.copy(), before.onsets.copy()
    memory.hear_step(before, steps[10])
    memory.look_up(before)
    now = before.keys, before.lengths, before.onsets
    for at, former in zip(now, kept, strict=True):
        assert np.array_equal(np.asarray(at), np.asarray(former))


def test_the_shipped_model_follows_what_it_heard_unless_its_memory_is_off() -> None:
    """The third time round, the next notes of a riff are much more likely with the memory than without."""
    model = models.load("folk")
    melody = riff(62, 2)
    steps = steps_of([*melody, *[(pitch, gap) for pitch, gap in melody]])

    def bits(strength: float) -> float:
        state, total = model.start(), 0.0
        for index, step in enumerate(steps[:-1]):
            state, forecast = model.step(state, step, strength)
            if index > 16:
                gap, pitch = steps[index + 1].gap - 1, steps[index + 1].pitch - 1
                for logits, wanted in ((forecast.gap, gap), (forecast.pitch[gap], pitch)):
                    total -= float(logits[wanted] - np.log(np.exp(logits - logits.max()).sum()) - logits.max())
        return total / math.log(2) / (len(steps) - 18)

    assert bits(1.0) < bits(0.0) - 1.0
    assert bits(1.0) < bits(0.5) < bits(0.0)


def test_a_memory_that_is_off_is_as_an_empty_one() -> None:
    model = models.load("folk")
    *steps, last = steps_of(riff(60, 3))
    state = model.start()
    for step in steps:
        state, _ = model.step(state, step, 0.0)
    off, empty = model.step(state, last, 0.0)[1], model.step(model.forget(state), last)[1]
    assert np.array_equal(off.gap, empty.gap) and np.array_equal(off.pitch, empty.pitch)


def test_forgetting_empties_the_memory_alone() -> None:
    model = models.load("folk")
    state = model.start()
    for step in steps_of(riff(60, 2)):
        state, _ = model.step(state, step)
    forgotten = model.forget(state)
    assert not forgotten.memory.onsets.size and np.array_equal(forgotten.h, state.h)
    assert state.memory.onsets.size == 13


def expected_after(session: Session, melody: list[tuple[int, float]]) -> NDArray[np.float32]:
    """The logits of the next gap after a melody, played to the session."""
    at = session.now
    for pitch, gap in melody:
        at += gap * 0.5
        session.receive(NoteOn(at, pitch, 80))
        session.receive(NoteOff(at + 0.1, pitch))
    return Spy.latest


class Spy(models.NetworkPredictor):
    """Remembers its latest forecast."""

    latest = np.zeros(0, np.float32)

    def step(
        self, state: models.NetworkState, step: Step, memory: float = 1.0
    ) -> tuple[models.NetworkState, models.Forecast]:
        """As it is, and remembered."""
        state, forecast = super().step(state, step, memory)
        Spy.latest = forecast.gap
        return state, forecast


def test_a_session_remembers_until_it_is_told_to_forget() -> None:
    """Setting the memory to 0 and forgetting both change what a session expects; forgetting changes nothing else."""
    spy = Spy(models.find("folk"))
    remembering, off, forgetful = (Session(spy, Settings(), 1) for _ in range(3))
    off.settings.memory = 0.0
    melody = riff(62, 2)
    for session in (remembering, off, forgetful):
        expected_after(session, melody[:10])
    forgetful.forget()
    with_it, without, forgotten = (expected_after(each, melody[10:11]) for each in (remembering, off, forgetful))
    assert not np.allclose(with_it, without) and not np.allclose(with_it, forgotten)


def test_a_new_model_takes_the_memory_over() -> None:
    model = models.load("folk")
    session = Session(model, Settings(), 1)
    expected = riff(62, 20)
    at = 0.0
    for pitch, gap in expected:
        at += gap * 0.5
        session.receive(NoteOn(at, pitch, 80))
    session.set_predictor(models.load("folk"), at)
    assert session.player.progress.heard.state.memory.onsets.size > 100


def test_a_figure_played_for_hours_is_still_known() -> None:
    """Five notes over and over: were it let, the match would grow beyond what its numbers hold."""
    steps = steps_of([(60 + n % 5, 0.5) for n in range(10)])[5:]
    table, best = heard(steps), memory.COMMON.index("gap: gap")
    for n in range(2**15 + 1000):
        table = memory.hear_step(table, steps[n % 5])
        if n > 2**15:
            assert memory.look_up(table).common[best][:2] == (steps[0].gap, memory.LENGTHS - 1)


@given(st.lists(st.tuples(st.integers(0, 5), notes), min_size=1, max_size=150))
def test_memories_that_part_know_only_their_own_past(branches: list[tuple[int, tuple[int, float]]]) -> None:
    """They share what they heard together, whoever goes on first."""
    known: list[tuple[memory.Memory, list[Step]]] = [(memory.EMPTY, [])]
    for which, (pitch, gap) in branches:
        table, steps = known[which % len(known)]
        step = ENCODING.encode(Onset(pitch, gap if steps else None, 60 if steps else None))
        known.append((memory.hear_step(memory.detached(table) if which == 5 else table, step), [*steps, step]))
    for table, steps in known:
        alone = memory.EMPTY
        for step in steps:
            alone = memory.hear_step(memory.detached(alone), step)
        for mine, its in zip(table[:4], alone[:4], strict=True):
            assert np.array_equal(np.asarray(mine), np.asarray(its))


def test_a_match_that_is_said_to_be_there_leads_as_long_as_the_notes_go_on_from_it() -> None:
    """The phrase 60 64 62 67 65; then 55, with which nothing matches, is taken for its first note."""
    phrase = [(60, 1.0), (64, 0.5), (62, 0.5), (67, 1.0), (65, 1.0)]
    steps = steps_of([*phrase, (55, 1.0), (59, 0.5), (57, 0.5), (60, 0.5)])
    before = heard(steps[:6])

    def follows(table: memory.Memory) -> tuple[int, int, int]:
        """What the longest match of interval and gap leads to: the gap, the interval, the class of its length."""
        rows = memory.look_up(table).common
        gap, length, _ = rows[memory.COMMON.index("pair: gap")]
        return gap, rows[memory.COMMON.index("pair: interval")][0], length

    assert follows(memory.hear_step(before, steps[6])) == (0, 0, 0)
    table = memory.hear_step(before._replace(found=len(phrase)), steps[6])
    for place, step in enumerate(steps[7:9], 2):
        assert table.found == 0
        gap, interval, length = follows(table)
        assert (gap, interval) == (steps[place].gap, steps[place].interval)
        assert length == memory.LENGTH_CLASS[memory.FOUND + place - 2]
        table = memory.hear_step(table, step)
    assert follows(memory.hear_step(table, steps[9])) == (0, 0, 0)  # no longer the phrase
    assert follows(memory.hear_step(before._replace(found=99), steps[6])) == (0, 0, 0)


@pytest.mark.parametrize("listening", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_matches_count_by_the_share_of_who_continued_them(listening: float) -> None:
    random = np.random.default_rng(1)
    who, lengths = random.integers(0, 3, 301).astype(np.int8), random.integers(0, 256, (4, 300)).astype(np.uint8)
    heard = memory.Memory(np.zeros((4, 301), np.int16), lengths, np.zeros(301, np.int32), who, listening)
    share = {PERFORMER: min(1.0, 2 * listening), PLAYER: min(1.0, 2 - 2 * listening)}
    weighed = memory.weigh_listening(heard).lengths
    assert weighed.dtype == np.uint8
    for at, each in enumerate(who[:-1].tolist()):
        assert weighed[:, at].tolist() == [
            math.ceil(length * share.get(each, 1.0)) for length in lengths[:, at].tolist()
        ]
