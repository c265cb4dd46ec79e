"""Runs of the training music are recognised in any key; other runs are not."""

import itertools

import numpy as np
import pytest

from livegen import render
from livegen.errors import ModelError
from livegen.events import Heard, NoteOff, NoteOn
from livegen.predictors.encoding import GAPS, Encoding, Onset, Step
from livegen.predictors.models import Forecast, State, Untrained
from livegen.predictors.quotation import RUN, Quotations, Run
from livegen.session.session import Session
from livegen.settings import Settings

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


class Parrot(Untrained):
    """Knows one tune by heart, note for note; where it may not go on, it plays a note of another octave."""

    def __init__(self, tune: list[Step]) -> None:
        super().__init__()
        self.quotations = Quotations.of([np.array(tune, dtype=np.int64)])
        self._tune = tune

    def start(self) -> State:
        """At the tune's beginning."""
        return 0

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        """On to the next note, whatever was heard."""
        state = (state + 1) % len(self._tune)
        gap, pitch = np.full(len(GAPS), -20.0, np.float32), np.full((len(GAPS), 128), -20.0, np.float32)
        gap[self._tune[state].gap - 1] = 20.0
        pitch[:, self._tune[state].pitch - 1] = 20.0
        return state, Forecast(gap, pitch)


def played(session: Session, heard: list[Heard], seconds: float) -> list[tuple[int, float]]:
    """The player's notes, each with the gap before it in beats of half a second."""
    ons = [event for event in render.run(session, heard, seconds) if isinstance(event, NoteOn)]
    onsets = [on.at for on in ons]
    gaps = [0.0, *(after - before for before, after in itertools.pairwise(onsets))]
    return [(on.pitch, gap / 0.5) for on, gap in zip(ons, gaps, strict=True)]


PARROTED = steps_of([(pitch, 0.5 if index % 3 else 1.0) for index, (pitch, _) in enumerate(melody(8, 200))])


def soloist(guard: bool) -> Session:
    """A session that plays by itself and is free of the performer's pace and register."""
    settings = Settings(own_touch=0.0, mode="autonomous", guard=guard, in_register=0, follow=0, lowest=0, highest=127)
    return Session(Parrot(PARROTED), settings, 1)


def test_the_player_does_not_quote_sixteen_notes_unless_it_may() -> None:
    model = Parrot(PARROTED)
    free = played(soloist(False), [], 40.0)
    assert len(quoted(model.quotations, steps_of(free))) > 30
    guarded = played(soloist(True), [], 40.0)
    assert len(guarded) > 60 and quoted(model.quotations, steps_of(guarded)) == []


@pytest.mark.parametrize("performed", [True, False])
def test_what_the_performer_played_may_be_answered_with(performed: bool) -> None:
    """A tune of 60 notes, which the parrot begins again after 60 notes heard, whichever they were."""
    events: list[Heard] = []
    at = 0.0
    for step in PARROTED[:60] if performed else steps_of(melody(70)):
        at += float(GAPS[step.gap - 1]) * 0.5 if step.gap else 0.0
        events += [NoteOn(at, step.pitch - 1, 80), NoteOff(at + 0.1, step.pitch - 1)]
    model = Parrot(PARROTED[:60])
    # One phrase to the end, and an answer as long, as the parrot has it: when phrases end is not what this is about.
    settings = Settings(in_register=0, follow=0, lowest=0, highest=127, phrase_cues=False, exchange=False, candidates=1)
    answer = played(Session(model, settings, 1), events, 20.0)
    assert len(answer) > 20 and bool(quoted(model.quotations, steps_of(answer))) == performed
