"""Runs of the training music are known again, in any key; others are not."""

import numpy as np
import pytest

from livegen.encoding import Encoding, Onset, Step
from livegen.errors import ModelError
from livegen.quotation import RUN, Quotations, Run

ENCODING = Encoding()


def melody(seed: int, count: int = 60) -> list[tuple[int, float]]:
    """Random pitches and gaps."""
    random = np.random.default_rng(seed)
    gaps = random.choice([0.25, 0.5, 1.0], count)
    return [(int(pitch), float(gap)) for pitch, gap in zip(random.integers(55, 75, count), gaps, strict=True)]


def steps_of(notes: list[tuple[int, float]], shift: int = 0) -> list[Step]:
    """Each note as a step; the first follows nothing."""
    previous = [None, *[pitch + shift for pitch, _ in notes[:-1]]]
    return [
        ENCODING.encode(Onset(pitch + shift, None if before is None else gap, before))
        for (pitch, gap), before in zip(notes, previous, strict=True)
    ]


def quoted(known: Quotations, steps: list[Step]) -> list[int]:
    """After which notes (from 1) a run is among the known ones."""
    run, found = Run(), []
    for count, step in enumerate(steps, 1):
        run = run.then(step)
        if run in known:
            found.append(count)
    return found


KNOWN = Quotations.of([np.array(steps_of(melody(seed)), dtype=np.int64) for seed in range(20)])


def test_a_run_counts_from_its_sixteenth_note_in_any_key() -> None:
    assert quoted(KNOWN, steps_of(melody(3), shift=7)) == list(range(RUN, 61))
    assert quoted(KNOWN, steps_of(melody(3)[20:])) == list(range(RUN, 41))


def test_a_run_of_fifteen_is_no_quotation() -> None:
    foreign = [(90, 4.0)]  # no melody holds it
    mixed = melody(3)[:15] + foreign + melody(4)[10:25] + foreign + melody(5)[30:45]
    assert quoted(KNOWN, steps_of(mixed)) == []


def test_a_note_that_follows_nothing_begins_a_run_anew() -> None:
    steps = steps_of(melody(3))
    unknown = ENCODING.encode(Onset(60))
    assert quoted(KNOWN, [*steps[:10], unknown, *steps[10:]]) == list(range(11 + RUN - 1, 62))


def test_music_that_was_not_trained_on_is_no_quotation() -> None:
    assert quoted(KNOWN, steps_of(melody(77, 2000))) == []


def test_the_list_of_runs_survives_the_model_file() -> None:
    again = Quotations.from_text(KNOWN.to_text())
    assert len(again) == len(KNOWN) > 800
    assert quoted(again, steps_of(melody(5), shift=-3)) == list(range(RUN, 61))
    assert not len(Quotations.from_text("")) and not len(Quotations())


@pytest.mark.parametrize("text", ["?", "AAAA", KNOWN.to_text()[:-6] + "//////"])
def test_a_damaged_list_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ModelError, match="damaged"):
        Quotations.from_text(text)
