"""Training: torch is needed here and nowhere else."""
