"""Rhythms of accompaniments: counting in which bars of chords songs are accompanied."""
