"""What livegen learns of the performer from their notes: phrases, timing, dynamics, chords. Pure."""
