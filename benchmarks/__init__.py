"""Measurements of livegen, each a command; README.md says which there are."""
