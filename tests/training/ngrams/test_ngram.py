"""The strong n-gram: probabilities that add up, no key, learning within a tune, tables that are kept; samples."""

import math
from pathlib import Path

import numpy as np
import pytest

from livegen.events import Note
from livegen.predictors.encoding import GAPS, PITCHES
from livegen.training.corpus.corpus import Corpus
from livegen.training.evaluation import samples
from livegen.training.evaluation.samples import FromMarkov, FromNGram, Improviser, improvise, improvise_together
from livegen.training.network import dataset
from livegen.training.ngrams.markov_tables import MarkovTables
from livegen.training.ngrams.ngram import NGram, Parts, Tokens, combined, learnt
from livegen.training.ngrams.tables import CUTS, Chain, Ints, View, contexts_of, short_term
from livegen.tunes.tune import Bar, Tune


def tune(seed: int, count: int = 60, shift: int = 0, low: int = 55) -> Tune:
    """Steps of up to three semitones, gaps of a quarter to two beats."""
    random = np.random.default_rng(seed)
    pitches = low + np.abs(np.cumsum(random.integers(-3, 4, count))) % 24 + shift
    onsets = np.cumsum(random.choice([0.25, 0.5, 1.0, 2.0], count))
    notes = tuple(Note(float(at), 0.25, int(pitch)) for at, pitch in zip(onsets, pitches, strict=True))
    return Tune(str(seed), notes, tuple(Bar(4.0 * bar, "4/4") for bar in range(count)))


TRAINING = [dataset.heard(tune(seed)) for seed in range(8)]
NGRAM = NGram.learn(TRAINING)


def bits(ngram: NGram, steps: Ints) -> float:
    return float(np.mean([score.gap_bits + score.pitch_bits for score in ngram.scores(steps)]))


def test_probabilities_add_up_and_none_is_zero() -> None:
    for steps in (dataset.heard(tune(20)), dataset.heard(tune(21, low=2)), dataset.heard(tune(22, low=103))):
        places = np.arange(1, len(steps) + 1)
        gaps = NGRAM.gaps(steps, places)
        pitches = NGRAM.pitches(steps, places, np.full(len(places), 9))
        assert gaps.shape == (60, len(GAPS)) and pitches.shape == (60, PITCHES)
        assert gaps.sum(axis=1) == pytest.approx(1) and pitches.sum(axis=1) == pytest.approx(1)
        assert gaps.min() > 0 and pitches.min() > 0


def test_a_note_is_predicted_from_the_notes_before_it_alone() -> None:
    steps = dataset.heard(tune(20))
    whole = NGRAM.gaps(steps, np.arange(1, 60))
    gaps = Tokens.of(steps).gap
    melody = NGRAM.pitches(steps, np.arange(1, 60), gaps[1:])
    for place in (1, 2, 17, 59):
        assert NGRAM.gaps(steps[:place], np.array([place]))[0] == pytest.approx(whole[place - 1])
        alone = NGRAM.pitches(steps[:place], np.array([place]), gaps[place : place + 1])[0]
        assert alone == pytest.approx(melody[place - 1])


def test_scores_are_those_of_the_probabilities() -> None:
    steps = dataset.heard(tune(20, 300))  # more than one block
    scores = NGRAM.scores(steps)
    tokens = Tokens.of(steps)
    assert len(scores) == 299
    for place in (1, 256, 257, 299):
        predicted = NGRAM.gaps(steps, np.array([place]))[0]
        assert scores[place - 1].gap_bits == pytest.approx(-np.log2(predicted[tokens.gap[place]]))
        assert scores[place - 1].gap_rank == (predicted > predicted[tokens.gap[place]]).sum()


def test_it_knows_no_key() -> None:
    assert bits(NGRAM, dataset.heard(tune(20, shift=7))) == pytest.approx(
        bits(NGRAM, dataset.heard(tune(20))), rel=1e-9
    )


def test_it_learns_inside_the_tune() -> None:
    once = tune(30, 40)
    end = once.notes[-1].onset + 1.0
    twice = Tune("", (*once.notes, *(Note(note.onset + end, 0.25, note.pitch + 5) for note in once.notes)))
    scores = [score.gap_bits + score.pitch_bits for score in NGRAM.scores(dataset.heard(twice))]
    assert np.mean(scores[45:]) < 0.4 * np.mean(scores[:39])


def test_it_beats_the_markov_chain_that_it_contains() -> None:
    markov = MarkovTables(TRAINING)
    steps = [dataset.heard(tune(seed)) for seed in range(40, 46)]
    chain = np.mean([score.gap_bits + score.pitch_bits for each in steps for score in markov.scores(each)[2]])
    assert np.mean([bits(NGRAM, each) for each in steps]) < chain


def gap_leads(seed: int, count: int) -> Ints:
    """Half a beat leads a tone up, a whole one a tone down."""
    gaps = np.random.default_rng(seed).choice([0.5, 1.0], count)
    pitches = 60 + np.cumsum(np.where(gaps == 0.5, 2, -2))
    onsets = np.cumsum(gaps)
    notes = [Note(float(at), 0.25, int(pitch)) for at, pitch in zip(onsets, pitches, strict=True)]
    return dataset.heard(Tune("", tuple(notes)))


@pytest.mark.parametrize("training", [[gap_leads(seed, 50) for seed in range(4)], []], ids=["learnt", "heard"])
def test_the_pitch_is_predicted_from_its_gap(training: list[Ints]) -> None:
    steps = gap_leads(9, 5 if training else 60)
    last, place = int(steps[-1, 0]) - 1, np.array([len(steps)])
    ngram = NGram.learn(training)
    for beats, move in ((0.5, 2), (1.0, -2)):
        predicted = ngram.pitches(steps, place, np.array([dataset.ENCODING.gap_index(beats)]))[0]
        assert predicted.argmax() == last + move
        assert predicted[last + move] > 1.5 * predicted[last - move]


def test_a_sharper_part_weighs_more() -> None:
    parts = Parts(np.array([[[0.5, 0.5]], [[0.1, 0.9]]]), np.array([3]))
    even = np.full((2, len(CUTS) + 1), 0.5)
    assert combined(parts, even, 0.0, geometric=False)[0] == pytest.approx([0.3, 0.7])
    odds = math.sqrt(0.5 * 0.1) / math.sqrt(0.5 * 0.9)
    assert combined(parts, even, 0.0, geometric=True)[0] == pytest.approx([odds / (1 + odds), 1 / (1 + odds)])
    entropy = -(0.1 * math.log2(0.1) + 0.9 * math.log2(0.9))
    share = 1 / entropy**2 / (1 + 1 / entropy**2)
    assert combined(parts, even, 2.0, geometric=False)[0, 0] == pytest.approx(0.5 + share * (0.1 - 0.5))


def test_a_long_term_chain_counts_as_kneser_and_ney_do() -> None:
    tokens = np.array([0, 1, 0, 1, 0, 2])
    chain = Chain.count(contexts_of(tokens[:-1], 1), tokens[1:])
    found = chain.predict([hashes[-1:] for hashes in contexts_of(tokens[:-1], 1)], np.full((1, 3), 1 / 3))[0]
    top = 1 / (1 + 2 * 2)  # the discount: of the pairs, one stood once and two stood twice
    lower = 1 / 3  # each symbol after one other: all of it is discounted and given to the base
    assert found == pytest.approx(
        [top * 2 / 3 * lower, (2 - top) / 3 + top * 2 / 3 * lower, (1 - top) / 3 + top * 2 / 3 * lower]
    )


def test_the_short_term_part_escapes_as_ppm_c_does() -> None:
    tokens = np.array([-1, 5, 6, 5])
    heard = View(np.array([-1, 0, 1, 0]), tokens)
    found, longest = short_term(heard, np.arange(1, 5), np.full((4, 2), 0.5))
    assert found[0] == pytest.approx([0.5, 0.5])  # nothing was heard
    # Place 4: symbols so far 0, 1, 0; after token 5 came 1 once.
    order_0 = [(2 + 2 * 0.5) / 5, (1 + 2 * 0.5) / 5]
    assert found[3] == pytest.approx([order_0[0] / 2, (1 + order_0[1]) / 2])
    assert longest.tolist() == [-1, 0, 0, 1]


def test_tables_are_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path
    training = Corpus([tune(seed) for seed in range(4)])
    steps = dataset.heard(tune(20))
    first = learnt(training, folder)
    kept = list(folder.glob("*.npz"))
    assert len(kept) == 1
    with monkeypatch.context() as patched:
        patched.setattr(NGram, "learn", lambda _: pytest.fail("it was learnt again"))
        assert learnt(training, folder).scores(steps) == first.scores(steps)
    kept[0].write_bytes(kept[0].read_bytes()[:1000])
    assert learnt(training, folder).scores(steps) == first.scores(steps)
    learnt(Corpus([tune(9)]), folder)
    assert len(list(folder.glob("*.npz"))) == 2
    assert learnt(training, kept[0] / "no folder").scores(steps) == first.scores(steps)


@pytest.mark.parametrize("improviser", [FromNGram(NGRAM), FromMarkov(MarkovTables(TRAINING))])
def test_samples_go_on_from_what_is_given(improviser: Improviser) -> None:
    pattern = tune(50, 40)
    real = dataset.heard(pattern)
    made = improvise(improviser, pattern, np.random.default_rng(1), given=16)
    assert len(made) == 40
    assert made[:16, 0].tolist() == real[:16, 0].tolist()
    assert made[16:, 0].tolist() != real[16:, 0].tolist()
    assert improvise(improviser, pattern, np.random.default_rng(1), given=16).tolist() == made.tolist()
    assert improvise(improviser, pattern, np.random.default_rng(2), given=16).tolist() != made.tolist()
    assert not made[:, dataset.PHASE].any() and not made[:, dataset.METRE].any()


def test_the_place_in_the_bar_goes_on_with_the_sample() -> None:
    told = improvise(FromNGram(NGRAM), tune(50, 40), np.random.default_rng(1), bars=True)
    gaps = [float(GAPS[gap - 1]) for gap in told[1:, dataset.GAP]]
    at = tune(50, 40).notes[0].onset + np.concatenate([[0], np.cumsum(gaps)])
    assert told[:, dataset.PHASE].tolist() == [1 + int(each % 4 * 4 + 1e-6) for each in at]
    assert set(told[:, dataset.METRE].tolist()) == {3}


def test_samples_are_paired_with_different_tunes_while_there_are_enough() -> None:
    tunes = [tune(seed, 5) for seed in range(6)]
    names = [each.name for each in samples.paired(tunes, 6)]
    assert sorted(names) == [str(n) for n in range(6)]
    assert len(samples.paired(tunes, 15)) == 15
    assert samples.paired(tunes, 4) == samples.paired(tunes, 4)


def test_tunes_made_up_together_are_those_made_up_one_by_one() -> None:
    """Of different lengths, so that some end before others."""
    chosen = [tune(50, 40), tune(60, 3), tune(55, 24), tune(70, 1)]
    chain = MarkovTables(TRAINING)
    for ensemble, improviser in ((NGRAM, FromNGram(NGRAM)), (chain, FromMarkov(chain))):
        together = improvise_together(ensemble, chosen, [np.random.default_rng(seed) for seed in range(len(chosen))])
        one_by_one = [improvise(improviser, each, np.random.default_rng(seed)) for seed, each in enumerate(chosen)]
        assert [each.tolist() for each in together] == [each.tolist() for each in one_by_one]
