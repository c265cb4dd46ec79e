"""Whole tunes: ABC notation read and written, and tunes made up by a model. Pure."""
