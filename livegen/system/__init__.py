"""The operating system: the clock, the process and its priority, folders, sockets."""
