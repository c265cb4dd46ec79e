"""Runs the command ``livegen`` as ``python -m livegen``."""

from livegen.cli.main import main

if __name__ == "__main__":
    main()
