"""Beats and seconds: the pulse, the grid, tapping, MIDI clock in and out. Pure."""
