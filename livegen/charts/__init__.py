"""Charts: the chords of a piece bar by bar, read from plain text and iReal Pro's links; the place in them. Pure."""
