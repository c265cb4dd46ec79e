"""Models that predict the next note: their protocol, each kind of model, the session memory, sampling.

Pure, except that they read model files.
"""
