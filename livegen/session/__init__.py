"""A session: one player or several, undo, slots, commands by name. Pure."""
