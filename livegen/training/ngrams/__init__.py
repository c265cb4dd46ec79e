"""Models that count: n-grams and Markov chains."""
