"""The parts that measurements share: the client, the programs they compare with, the counts, the figures."""
