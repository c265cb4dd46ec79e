"""Stretches of notes between rests, and the network that weighs all cues of a phrase's end."""

from pathlib import Path

import numpy as np
import pytest

from livegen.errors import ModelError
from livegen.listening import end_network, habits, phrase_end, stretches
from livegen.listening.end_network import EndNetwork
from livegen.listening.phrase_end import PhraseEnd
from livegen.listening.stretches import Stretches

GAP = 0.25


def played(*phrases: int, rest: float = 0.6) -> PhraseEnd:
    """The rule after phrases of so many notes with such rests between them, none of which it took for an end."""
    rule, at = PhraseEnd(), 0.0
    for notes in phrases:
        for index in range(notes):
            rule.hear_note(at, 60 + index % 5, ended=False)
            rule.hear_release(at + 0.8 * GAP)
            at += GAP
        at += rest
    return rule


def silence(rule: PhraseEnd, by_stretch: bool = True) -> float:
    return rule.silence(2.0, by_habit=True, by_stretch=by_stretch)


def test_the_network_has_a_weight_for_each_cue() -> None:
    network, (always, _) = end_network.shipped(), played(16, 16).known(0.0, 0.2)
    width = len(phrase_end.CUES) + len(habits.CUES) + len(stretches.CUES) + len(habits.IN_TURNS)
    assert len(always) + len(habits.IN_TURNS) == width == len(network.mean) == len(network.direct)
    assert network.inner.shape == (len(network.outer), width)
    assert np.abs(network.inner).max() > 0.1


def test_a_long_stretch_is_answered_sooner_than_a_short_one() -> None:
    assert silence(played(16, 16, 16)) < 0.9 * silence(played(16, 16, 2))


def test_who_rests_longer_within_is_waited_for_longer() -> None:
    assert silence(played(*[4] * 12, rest=0.5)) > 1.3 * silence(played(*[4] * 12, rest=0.1))


def test_what_was_taken_for_an_end_changes_no_stretch() -> None:
    known, other = Stretches(), Stretches()
    for each in (known, other):
        for rest in (0.05, 0.3, 0.05, 0.7, 0.05):
            each.hear_gap(0.2 + rest, rest)
    assert known.cues() == other.cues()
    other.hear_gap(0.5, 0.3)
    assert known.cues()[0] == pytest.approx(np.log(2)) and other.cues()[0] == 0.0, "notes since a rest"
    assert other.cues()[1] == pytest.approx(np.log(3)), "a longer rest is farther off"


def test_twice_the_patience_is_twice_the_silence_and_an_interruption_lengthens_it() -> None:
    rule = played(16, 16)
    before = silence(rule)
    assert rule.silence(4.0, by_habit=True, by_stretch=True) == pytest.approx(2 * before)
    rule.resume()
    assert silence(rule) > before


def test_without_it_the_silence_is_as_before() -> None:
    plain, other = played(16, 16), played(16, 16)
    silence(other)
    other.hear_release(20.0)
    plain.hear_release(20.0)
    assert silence(plain, by_stretch=False) == silence(other, by_stretch=False) != silence(played(16, 16))


def test_an_hour_of_notes_is_no_other_than_some_minutes() -> None:
    many, more = Stretches(), Stretches()
    for each, count in ((many, 3000), (more, 6000)):
        for number in range(count):
            each.hear_gap(0.2, 0.4 if number % 10 == 9 else 0.02)
    assert many.cues() == pytest.approx(more.cues(), abs=0.01)


def test_onsets_are_told_back_to_a_long_break() -> None:
    known = Stretches()
    for gap in (0.5, 9.0, 0.25, 0.5):
        known.hear_gap(gap, 0.02)
    assert known.onsets(10.0, most=8) == [10.0, 9.5, 9.25]
    assert known.onsets(10.0, most=2) == [10.0, 9.5]


def test_a_copy_is_a_value_of_its_own() -> None:
    rule = played(16, 16)
    kept = rule.copy()
    rule.hear_note(30.0, 60, ended=False)
    assert kept.stretches.cues() == played(16, 16).stretches.cues() != rule.stretches.cues()


def test_a_file_that_holds_no_network_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    np.savez(other, mean=np.zeros(3))
    with pytest.raises(ModelError, match=r"other\.npz holds no network"):
        end_network.load(other)


def test_a_network_is_kept_in_a_file(tmp_path: Path) -> None:
    network = EndNetwork(*(np.full(shape, 0.5) for shape in (3, 3, 3, (2, 3), 2, 2)))
    end_network.save(network, tmp_path / "network.npz")
    assert end_network.load(tmp_path / "network.npz").log_silence([1.0, 2.0], [0.5]) == network.log_silence(
        [1.0, 2.0], [0.5]
    )
    assert network.log_silence([1.0, 2.0], []) != network.log_silence([1.0, 2.0], [0.9])
