"""The event encoding that training and run time share."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from livegen.errors import EncodingError
from livegen.predictors.encoding import CLASSES, GAPS, METRES, START, Encoding, Onset, Step

encoding = Encoding()
onsets = st.builds(
    Onset,
    pitch=st.integers(0, 127),
    gap=st.none() | st.floats(0, 1e6, allow_nan=False),
    previous=st.none() | st.integers(0, 127),
    velocity=st.none() | st.integers(0, 127),
    released=st.none() | st.floats(0, 50),
    held=st.none() | st.integers(0, 200),
    phase=st.none() | st.floats(0, 11.99),
    metre=st.none() | st.sampled_from(METRES),
    who=st.sampled_from([1, 2]),
)


@given(onsets)
def test_every_step_lies_within_its_classes(onset: Onset) -> None:
    for value, classes in zip(encoding.encode(onset), CLASSES, strict=True):
        assert 0 <= value < classes


@settings(max_examples=1000)
@given(onsets)
@example(Onset(0, gap=1.203125))  # its deviation, rounded, would lie beyond the edge of its note value
def test_decoding_and_encoding_again_gives_the_same_step(onset: Onset) -> None:
    step = encoding.encode(onset)
    again = encoding.encode(encoding.decode(step))
    # An interval clipped at the edge leads to another previous pitch, but to the same class again.
    assert again == step


def test_every_gap_is_its_own_class() -> None:
    assert [encoding.gap_index(float(gap)) for gap in GAPS] == list(range(len(GAPS)))


def test_unknown_is_zero_in_every_field() -> None:
    assert Step(*[0] * len(Step._fields)) == START
    assert encoding.encode(Onset(60)) == Step(pitch=61, who=1)


def test_microtiming_is_kept_as_deviation() -> None:
    early, late = encoding.encode(Onset(60, gap=0.9)), encoding.encode(Onset(60, gap=1.04))
    assert GAPS[early.gap - 1] != 0 and GAPS[late.gap - 1] == 1
    assert late.deviation > 6
    assert encoding.encode(Onset(60, gap=1.0)).deviation == 6


def test_a_model_is_refused_unless_its_encoding_is_ours() -> None:
    ours = encoding.to_json()
    assert Encoding.from_json(ours).to_json() == ours
    other = json.loads(ours)
    for wrong in ("", "{}", "[]", json.dumps(other | {"version": 99}), json.dumps(other | {"gaps": ["0", "1"]})):
        with pytest.raises(EncodingError):
            Encoding.from_json(wrong)
