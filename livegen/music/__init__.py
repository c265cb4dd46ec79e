"""Music theory: scales, chords, harmony, ragas, sargam, intonation. Pure."""
