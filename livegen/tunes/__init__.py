"""Whole tunes: ABC notation read and written, tunes made up. Pure."""
