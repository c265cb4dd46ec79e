"""The model of varisais."""
