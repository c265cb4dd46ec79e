"""The training music: its sources, its readers, and the part of it that is held out."""
