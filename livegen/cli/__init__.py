"""The command line: the command ``livegen``, and a file for each group of its commands."""
