"""Chords of lead sheets: counting the tables of ``livegen.listening``, and measuring how well chords are heard."""
