"""livegen: a bandmate that performers plug in."""

import os

# ONNX Runtime reports its use to its makers unless told not to, when it is first imported; livegen needs no network.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"
