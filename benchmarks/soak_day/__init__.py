"""A day of livegen in real time, with all that a day may bring; see ``__main__``."""
