"""What is understood of the performer: their timing, dynamics, chords, phrases. Pure."""
