"""Music theory: scales, chords, harmony, ragas. Pure."""
