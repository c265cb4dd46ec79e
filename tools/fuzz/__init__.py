"""Damaged and hostile input to every reader of livegen's; see ``__main__``."""
