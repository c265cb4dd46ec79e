"""The training music: where it comes from, how it is read, and which of it is held out."""
