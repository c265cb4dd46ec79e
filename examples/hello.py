"""A session from Python: eight notes in, the answer out. There are no ports and no clock: time is only a number."""

from livegen.events import NoteOff, NoteOn
from livegen.predictors import models
from livegen.session.session import Session
from livegen.settings import Settings

session = Session(models.load("folk"), Settings(mode="call_and_response"), seed=1)
for index, pitch in enumerate((62, 66, 69, 74, 73, 71, 69, 66)):
    session.receive(NoteOn(at=index * 0.25, pitch=pitch, velocity=90))
    session.receive(NoteOff(at=index * 0.25 + 0.2, pitch=pitch))
for event in session.advance(6.0) + session.panic(6.0):
    print(event)
