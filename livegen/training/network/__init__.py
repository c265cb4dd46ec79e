"""The network of notes: its examples, its training, its export."""
