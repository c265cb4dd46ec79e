"""Training and evaluation of models. torch is needed here and nowhere else."""
