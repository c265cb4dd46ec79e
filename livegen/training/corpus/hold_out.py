"""Writes the shingles of held-out tunes: `python -m livegen.training.corpus.hold_out FOLDER`."""

import argparse
from pathlib import Path

from livegen.training.corpus.corpus import read
from livegen.training.corpus.held_out import HELD_OUT, HeldOut


def main() -> None:
    """Write the shingles of the tunes in a folder into the file that guarded recipes leave out."""
    options = argparse.ArgumentParser(prog="python -m livegen.training.corpus.hold_out", description=main.__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--about", default="hashes of seven intervals in a row, a list for each held-out tune")
    given = options.parse_args()
    HeldOut.of(read(given.folder).tunes).save(HELD_OUT, given.about)


if __name__ == "__main__":
    main()
