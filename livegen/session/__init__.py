"""A session: one player or several, with undo, slots, and commands by name. Pure."""
