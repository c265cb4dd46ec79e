"""The chain that knows nothing but the session."""

import numpy as np
import pytest

from livegen.predictors.encoding import START, Encoding, Onset
from livegen.predictors.session_chain import SessionChain

encoding = Encoding()


def test_it_begins_with_small_moves_and_goes_on_as_was_played() -> None:
    chain = SessionChain()
    state, first = chain.step(chain.start(), START)
    for logits in (first.gap, first.pitch[0]):
        assert np.exp(logits).sum() == pytest.approx(1.0, abs=1e-4)
    before = None
    figure = (60, 67, 63, 72)  # no small moves
    for pitch in figure * 3:
        onset = Onset(pitch, None if before is None else 0.75, before, 80, None, 0, None, None)
        state, forecast = chain.step(state, encoding.encode(onset))
        before = pitch
    gap = int(np.argmax(forecast.gap))
    assert encoding.beats[gap] == 0.75 and int(np.argmax(forecast.pitch[gap])) == figure[0]
    forgot, _ = chain.step(chain.forget(state), START)
    _, anew = chain.step(forgot, encoding.encode(Onset(72, None, None, 80, None, 0, None, None)))
    assert abs(int(np.argmax(anew.pitch[gap])) - 72) <= 2
