"""What the operating system gives: the clock, the process, folders, network ports."""
