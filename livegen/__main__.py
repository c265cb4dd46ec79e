"""``python -m livegen``."""

from livegen.cli import main

if __name__ == "__main__":
    main()
