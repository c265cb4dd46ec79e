"""Measures how good a model is: its bits a note, its copies, and the style of the tunes it makes up."""
