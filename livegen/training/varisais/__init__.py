"""The model of varisais: its training, evaluation and model card."""
