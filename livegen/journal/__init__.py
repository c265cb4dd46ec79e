"""The journal of a session: written, replayed, and exported as MIDI or ABC."""
