"""Models made from counts: n-grams as a baseline, and the Markov chain."""
