"""A model of your own playing: your journals, the further training of a model, the verdict on it."""
