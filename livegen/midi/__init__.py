"""MIDI messages and files, the MIDI systems of this computer, the open ports."""
