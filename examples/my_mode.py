"""A mode of your own: livegen plays only while you rest, and never longer than two seconds.

livegen jam --mode examples.my_mode:interjection
"""

from livegen.player.modes import Situation, Turn
from livegen.settings import Settings


def interjection(situation: Situation, settings: Settings) -> Turn:
    """A short remark after each phrase."""
    over = situation.phrase_over
    if over is None or (situation.stopped is not None and situation.stopped >= over):
        return Turn(listen=True, play=False, feed=True)
    if situation.now < over:
        return Turn(listen=True, play=False, feed=True, until=over)
    end = (situation.playing_since or situation.now) + 2.0
    if situation.now >= end:
        return Turn(listen=True, play=False, feed=True)
    return Turn(listen=True, play=True, feed=True, until=end)
