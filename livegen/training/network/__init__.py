"""The network that predicts notes: its examples, training, and export as ONNX."""
