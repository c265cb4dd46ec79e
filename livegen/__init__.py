"""livegen: a real-time bandmate that listens to a performer over MIDI or OSC, and plays with them.

Begin with ARCHITECTURE.md, then ``session/session.py``, the core, and ``live/server.py``, which plays it live.

These names are for other programs; all others may change:

- ``livegen.session.session.Session``: receives events, says when more is due, returns what to play.
- ``livegen.settings.Settings``: every setting of a session.
- ``livegen.player.modes.Situation`` and ``Turn``: what a mode gets and what it returns.
- ``livegen.render.run``: plays events to a session in virtual time.
- ``livegen.predictors.models.load``: loads a model by its name.
- ``livegen.events``: the events that go in and come out.
"""

import os

# ONNX Runtime reports its use to its makers, unless this is set when it is first imported; livegen needs no network.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# NumPy's products of matrices would keep a thread busy for each core; on the path of a note there are none that gain by
# it, and where there are many, as in `livegen evaluate`, they are shared out.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
