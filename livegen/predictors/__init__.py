"""Models: what one is (protocol), those there are (models), and how they are sampled. Pure but for files."""
