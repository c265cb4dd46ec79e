"""Models that count: n-grams to compare with, and the Markov chain."""
