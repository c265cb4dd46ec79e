"""Where tunes come from, and which are held out."""
