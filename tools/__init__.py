"""Programs for those who work on livegen itself; nothing here is installed."""
