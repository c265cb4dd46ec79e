"""The performer's habits: who takes turns, and what their phrases and rests say of the end of the next phrase."""

import pytest

from livegen.listening import habits, phrase_end
from livegen.listening.phrase_end import PhraseEnd

GAP, ROOM = 0.25, 4.0


def played(*phrases: int, room: float = ROOM, rests: dict[int, float] | None = None) -> PhraseEnd:
    """The rule after phrases of so many notes, a quarter of a second each; ``rests``: more silence before some notes of
    each phrase."""
    rule, at = PhraseEnd(), 0.0
    for number, notes in enumerate(phrases):
        for index in range(notes):
            at += (rests or {}).get(index, 0.0)
            rule.hear_note(at, 60 + index % 5, ended=index == 0 and number > 0)
            rule.hear_release(at + 0.8 * GAP)
            at += GAP
        at += room
    return rule


def silence(rule: PhraseEnd, by_habit: bool = True) -> float:
    return rule.silence(2.0, by_habit=by_habit)


def test_there_is_a_weight_for_each_cue() -> None:
    known = played(16, 16).habits
    assert len(habits.WEIGHTS) == len(phrase_end.CUES) + len(habits.CUES)
    assert len(habits.WEIGHTS_IN_TURNS) == len(habits.IN_TURNS) == len(known.in_turns(0.0, 0.2, 20.0, 20.2))
    assert any(habits.WEIGHTS) and any(habits.WEIGHTS_IN_TURNS)


def test_a_phrase_as_long_as_those_before_is_answered_sooner_than_half_of_one() -> None:
    whole, half = played(16, 16, 16), played(16, 16, 8)
    assert silence(whole) < 0.7 * silence(half)


def test_who_leaves_no_room_takes_no_turns() -> None:
    assert played(16, 16).habits.takes_turns
    assert not played(16, 16, room=0.5).habits.takes_turns
    assert not played(16).habits.takes_turns
    assert not played(2, 2).habits.takes_turns, "two notes are no phrase"


def test_a_long_break_between_phrases_makes_nobody_wait() -> None:
    soon, late = played(16, 16, 16, room=15.0), played(16, 16, 16, room=60.0)
    assert silence(late) == pytest.approx(silence(soon), rel=0.3)


def test_who_hesitates_within_phrases_is_waited_for_longer() -> None:
    steady = played(16, 16, 12)
    hesitant = played(16, 16, 12, rests={5: 0.7, 9: 0.5})
    assert silence(hesitant) > 1.3 * silence(steady)
    assert silence(hesitant) > 0.7, "shorter than a rest that was within the phrase"


def test_twice_the_patience_is_twice_the_silence() -> None:
    rule = played(16, 16, 16)
    assert rule.silence(4.0, by_habit=True) == pytest.approx(2 * silence(rule))


def test_an_interruption_makes_it_wait_longer() -> None:
    rule = played(16, 16, 16)
    before = silence(rule)
    rule.resume()
    assert silence(rule) > before


def test_without_it_the_silence_is_as_before() -> None:
    rule = played(16, 16, 16)
    plain = silence(rule, by_habit=False)
    silence(rule)
    assert silence(rule, by_habit=False) == plain != silence(rule)


def test_a_copy_is_a_value_of_its_own() -> None:
    rule = played(16, 16)
    kept, before = rule.copy(), rule.habits.cues(0.2)
    rule.hear_note(60.0, 60, ended=False)
    rule.hear_release(60.2)
    assert kept.habits.cues(0.2) == before != rule.habits.cues(0.2)
