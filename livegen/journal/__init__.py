"""The journal of a session: recorded, replayed, and exported as MIDI or ABC."""
