"""Training of the drummer."""
