"""The end of a phrase by its cues: when it is heard, what keeps it open, and what is learnt from an interruption."""

import itertools
import random

import pytest

from livegen.events import SUSTAIN, ControlChange, NoteOff, NoteOn
from livegen.listening.performer import Performer
from livegen.listening.phrase_end import CUES, SHARES, WEIGHTS, PhraseEnd

PATIENCE = 2.0


def heard(lengths: list[float], gaps: list[float], pitches: list[int] | None = None) -> PhraseEnd:
    """The rule after notes of these lengths and gaps; the last is released."""
    rule, at = PhraseEnd(), 0.0
    for length, gap, pitch in zip(lengths, [*gaps, 0.0], pitches or itertools.repeat(60), strict=False):
        rule.hear_note(at, pitch, False)
        rule.hear_release(at + length)
        at += gap
    return rule


def follow(performer: Performer, *notes: tuple[float, float, int]) -> Performer:
    """Notes with onset, release and pitch, one after another or overlapping."""
    events = [NoteOn(at, pitch, 90) for at, _, pitch in notes] + [NoteOff(end, pitch) for _, end, pitch in notes]
    for event in sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn))):
        performer.hear_event(event, PATIENCE)
    return performer


def line(count: int, gap: float, start: float = 0.0, length: float = 0.8) -> list[tuple[float, float, int]]:
    return [(start + n * gap, start + (n + length) * gap, 60 + n % 7) for n in range(count)]


def test_there_is_a_weight_for_each_cue() -> None:
    rule = heard([0.2] * 8, [0.25] * 7)
    assert len(CUES) == len(WEIGHTS) == len(rule.cues())
    assert sum(abs(weight) for weight in WEIGHTS) > 1.0


def test_twice_the_patience_is_twice_the_silence() -> None:
    rule = heard([0.2] * 8, [0.25] * 7)
    assert rule.silence(4.0) == pytest.approx(2 * rule.silence(2.0))


def test_who_plays_slower_is_waited_for_longer() -> None:
    quick, slow = heard([0.1] * 8, [0.125] * 7), heard([0.4] * 8, [0.5] * 7)
    assert slow.silence(PATIENCE) > 1.5 * quick.silence(PATIENCE)


def test_a_long_last_note_ends_a_phrase_sooner() -> None:
    short, long = heard([0.2] * 8, [0.25] * 7), heard([*[0.2] * 7, 0.9], [0.25] * 7)
    assert long.silence(PATIENCE) < short.silence(PATIENCE)


def test_who_separates_their_notes_is_waited_for_longer() -> None:
    bound, apart = heard([0.24] * 8, [0.25] * 7), heard([0.08] * 8, [0.25] * 7)
    assert apart.silence(PATIENCE) > bound.silence(PATIENCE)


def test_an_interruption_is_learnt_from_and_forgotten_again() -> None:
    rule = heard([0.2] * 8, [0.25] * 7)
    before = rule.silence(PATIENCE)
    for _ in range(3):
        rule.resume()
    assert rule.silence(PATIENCE) > 1.1 * before
    for _ in range(100):
        rule.resume()
    assert rule.silence(PATIENCE) < 2.0 * before  # but not for ever longer


def test_the_silence_is_counted_from_the_release() -> None:
    short = follow(Performer(), *line(8, 0.25))
    long = follow(Performer(), *line(7, 0.25), (1.75, 4.0, 60))
    over, later = short.phrase_over(PATIENCE), long.phrase_over(PATIENCE)
    assert over is not None and later is not None
    assert 1.95 < over < 3.0 and 4.0 < later < 5.0


def test_a_pedal_does_not_hold_the_answer_back_and_neither_does_a_drone() -> None:
    plain = follow(Performer(), *line(16, 0.25)).phrase_over(PATIENCE)
    pedalled = Performer()
    pedalled.hear_event(ControlChange(0.0, SUSTAIN, 127), PATIENCE)
    assert follow(pedalled, *line(16, 0.25)).phrase_over(PATIENCE) == plain
    alone = Performer()
    alone.hear_event(NoteOn(0.0, 36, 90), PATIENCE)
    over = follow(alone, *line(16, 0.25, start=3.0)).phrase_over(PATIENCE)
    assert over is not None and over < 8.5


def test_another_held_key_keeps_the_phrase_open_but_not_for_ever() -> None:
    performer = follow(Performer(), *line(8, 0.25))
    performer.hear_event(NoteOn(2.0, 72, 90), PATIENCE)
    assert performer.phrase_over(PATIENCE) == pytest.approx(12.0)


def test_one_note_is_a_phrase_and_single_notes_in_a_row_are_slow_playing() -> None:
    assert follow(Performer(), (0.0, 0.2, 60)).phrase_over(PATIENCE) == pytest.approx(1.2)
    slow = follow(Performer(), *line(16, 0.1), *line(10, 1.3, start=3.0, length=0.5))
    assert slow.phrase_notes >= 7


def test_a_copy_is_a_value_of_its_own() -> None:
    rule = heard([0.2] * 8, [0.25] * 7)
    kept, before = rule.copy(), rule.cues()
    for n in range(8):
        rule.hear_note(2.2 + n, 71, n == 0)
        rule.hear_release(2.4 + n)
    assert kept.cues() == before != rule.cues()


def test_a_performer_who_is_restored_has_heard_the_end_of_no_later_phrase() -> None:
    performer = follow(Performer(), *line(8, 0.25))
    kept, over = performer.copy(), performer.phrase_over(PATIENCE)
    follow(performer, *line(8, 1.0, start=9.0))
    performer.restore(kept)
    assert performer.phrase_over(PATIENCE) == over


def test_what_an_interruption_taught_fades_with_true_ends() -> None:
    rule = heard([0.2] * 8, [0.25] * 7)
    taught = rule.copy()
    for _ in range(3):
        taught.resume()
    for n in range(20):  # phrases of one note, each of which ends
        for each in (rule, taught):
            each.hear_note(3.0 + n, 60, True)
            each.hear_release(3.2 + n)
    assert taught.silence(PATIENCE) == pytest.approx(rule.silence(PATIENCE))


def spanned(*lengths: float, rest: float = 2.0, by_length: bool = True) -> float:
    """The silence that ends a phrase after phrases of these lengths (seconds), the last of them being the phrase."""
    rule, at = PhraseEnd(), 0.0
    for length in lengths:
        notes = round(length / 0.25)
        for index in range(notes):
            rule.hear_note(at + 0.25 * index, 60 + index % 5, ended=index == 0 and at > 0.0)
            rule.hear_release(at + 0.25 * index + 0.2)
        at += length + rest
    return rule.silence(2.0, by_length)


def test_a_phrase_as_long_as_those_before_is_over_sooner_and_a_much_shorter_one_later() -> None:
    full, short = spanned(4.0, 4.0, 4.0), spanned(4.0, 4.0, 2.0)
    assert full == pytest.approx(SHARES[-1][1] * spanned(4.0, 4.0, 4.0, by_length=False))
    assert short == pytest.approx(SHARES[0][1] * spanned(4.0, 4.0, 2.0, by_length=False))
    assert spanned(4.0) > spanned(4.0, by_length=False)  # there is none before


def test_phrases_of_all_lengths_tell_nothing_of_the_next() -> None:
    assert spanned(1.5, 6.0, 6.5) > spanned(1.5, 6.0, 6.5, by_length=False)


def test_a_phrase_that_left_no_room_for_an_answer_was_not_over() -> None:
    """Whoever plays on after a short rest was cut off: the pieces tell nothing of how long a phrase is."""
    assert spanned(4.0, 4.0, 4.0, rest=0.5) > spanned(4.0, 4.0, 4.0, rest=0.5, by_length=False)


def test_what_is_learnt_later_is_what_would_have_been_learnt_at_once() -> None:
    draw = random.Random(4)
    late, at_once = PhraseEnd(), PhraseEnd()
    at = 0.0
    for number in range(150):
        pitch, ended = draw.randint(50, 70), number > 4 and draw.random() < 0.15
        length, gap, held = draw.uniform(0.05, 0.3), draw.uniform(0.3, 0.5) + ended, draw.random() < 0.2
        if draw.random() < 0.1:
            late = late.copy()
        for rule in (late, at_once):
            rule.hear_note(at, pitch, ended)
            if rule is at_once:
                rule.learn()
            if number % 40 == 39:
                rule.slow_down(gap)
            if number % 50 == 49:
                rule.resume()
            if not held:
                rule.hear_release(at + length)
        assert late.stretches.onsets(at, 16) == at_once.stretches.onsets(at, 16)
        if not held:
            assert late.silence(2.0, True, True, True) == at_once.silence(2.0, True, True, True)
            assert late.known(at, at + length) == at_once.known(at, at + length)
        at += gap
