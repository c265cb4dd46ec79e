"""The model that writes ABC notation letter by letter: its texts, training, export and model card."""
