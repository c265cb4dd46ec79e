"""Music files of every kind: finds the reader that a file needs, reads it, and reports what was passed over and why."""
