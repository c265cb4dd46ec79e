"""``python -m benchmarks.soak_day.visitor FOLDER URL PACE``: a browser with the page; it comes, plays, goes."""

import random
import sys
from pathlib import Path

from benchmarks.soak_day.child import turns
from tests.support.browser import Visit, chromium, play

_STAYS, _PLAYS = (240.0, 600.0), (20.0, 60.0)  # seconds; the second at a pace of 1


def main(folder: Path, url: str, pace: float) -> None:
    """Look at the page until the end."""
    draw, counts = random.Random(), {"pages": 0, "complaints": 0}
    leave_at = play_at = 0.0
    with chromium() as browser:
        visit: Visit | None = None
        for now in turns(folder / "visitor.json", lambda: counts):
            if now >= leave_at:
                if visit is not None:
                    visit.context.close()
                visit = Visit(browser, "phone", calm=True)
                visit.open(url)
                counts["pages"] += 1
                leave_at, play_at = now + draw.uniform(*_STAYS), now + draw.uniform(*_PLAYS) / pace
            if visit is not None and now >= play_at:
                play(visit.page, "asdfg")
                play_at = now + draw.uniform(*_PLAYS) / pace
            if visit is not None and visit.complaints:
                counts["complaints"] += len(visit.complaints)
                sys.stdout.write("\n".join((*visit.complaints, "")))
                sys.stdout.flush()
                visit.complaints.clear()
            if visit is not None:
                visit.page.wait_for_timeout(500)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
