"""libFuzzer's search, by atheris: it keeps what reaches lines of livegen's that no input reached before.

It never returns: libFuzzer ends the process. So what was found is written down again and again.
"""

import argparse
import random
import sys

import atheris

from tools.fuzz.search import Search, bounded, write

_EVERY = 500  # inputs


def run(search: Search, arguments: argparse.Namespace) -> None:
    """Feed the search's target, its own damage among libFuzzer's."""
    atheris.instrument_all()
    folder, target, corpus = arguments.here, search.target, arguments.here / "corpus"
    corpus.mkdir()
    for number, data in enumerate(search.corpus):
        (corpus / str(number)).write_bytes(data)
    with target.open(folder) as feed, bounded():

        def one(data: bytes) -> None:
            search.feed(feed, data, folder)
            if search.fed % _EVERY == 1:
                write(search.result, folder)

        def damage(data: bytes, largest: int, seed: int) -> bytes:
            draw = random.Random(seed)
            if draw.random() < 0.5:
                return bytes(atheris.Mutate(data, largest))
            return target.mutate([data, *search.corpus[:20]], draw, target.words)[:largest]

        flags = [f"-runs={arguments.count}", f"-max_total_time={int(arguments.seconds)}", f"-seed={arguments.seed}"]
        flags += ["-max_len=16384", "-rss_limit_mb=0", "-timeout=0", str(corpus)]
        atheris.Setup([sys.argv[0], *flags], one, custom_mutator=damage)
        atheris.Fuzz()
