"""The player: whose turn it is, which notes, when, how loud. Events and times in, events due out. Pure."""
