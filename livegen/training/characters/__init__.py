"""The model that writes ABC notation letter by letter."""
