"""MIDI: messages, files, the MIDI systems of this computer, and the open ports."""
