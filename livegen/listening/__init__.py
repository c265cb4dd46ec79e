"""Learns the performer's phrases, timing, dynamics and chords from their notes. Pure."""
