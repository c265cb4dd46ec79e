"""The journal of a session: written, replayed, cut out of."""
