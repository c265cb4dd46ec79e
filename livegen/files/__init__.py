"""Music files of every kind, read: which reader a file needs, what it holds, what was passed over and why."""
