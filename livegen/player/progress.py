"""Keeps the place that a player and its model have reached: the line heard, the line played, and the latest steps."""

from collections import deque

from livegen.player.composer import Composer
from livegen.player.line import Line, Plan
from livegen.player.slots import Place
from livegen.predictors.encoding import Step
from livegen.predictors.models import Predictor

_KEPT = 1024  # steps: more than any model reaches back, for some may be taken back


class Progress:
    """The line that was ``heard`` and the line ``ahead``, to which the player adds its notes.

    They are the same unless the mode does not feed the player's own notes to the model: then ``ahead`` runs on alone
    until the performer plays or the turn ends.
    """

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._steps: deque[Step] = deque(maxlen=_KEPT)
        self._count = 0  # steps that led here, those that were taken back left out
        self.heard = self.ahead = composer.begin()
        self._call: Line | None = None  # the performer's, to which an answer was given
        self._is_new = False  # whether the performer played since it was kept

    @property
    def place(self) -> Place:
        """The place in the music, as a value to continue from later: what was heard, as the model and the memory know
        it, and what is expected."""
        return Place(self.heard, self._composer.state, self._count)

    @property
    def steps(self) -> list[Step]:
        """The latest steps, the oldest first."""
        return list(self._steps)

    def keep_call(self, always: bool) -> None:
        """Keep what was heard as a call, to which there may be more answers than one: ``always``, or if the performer
        has played since one was kept."""
        if always or self._is_new or self._call is None:
            self._call = self.heard._replace(forecast=None)  # which would keep its model loaded
            self._is_new = False

    def return_to_call(self, over: float, at: float, always: bool) -> None:
        """Continue from the call that was kept, and was ``over`` then, as if it had been over ``at`` that time. If the
        player's own notes end it, it was over when they were, unless it is ``always`` over with the performer's phrase:
        then the line may have its latest onset after ``at``."""
        call = self._call
        if call is not None and call.onset is not None:
            if call.length is not None and not always:
                over = max(over, call.onset + call.length)
            call = call._replace(onset=call.onset + (at - over))
        if call is not None:
            self.heard = self.ahead = call

    def begin_again(self) -> None:
        """As before any note."""
        self._call = None
        self._steps.clear()
        self.heard = self.ahead = self._composer.begin()

    def hear(self, line: Line, step: Step) -> None:
        """The performer's note led to this line."""
        self.heard = self.ahead = line
        self._is_new = True
        self._steps.append(step)
        self._count += 1

    def play(self, plan: Plan, at: float, feed: bool) -> None:
        """The player's notes were struck at that time; ``feed``: its model hears them."""
        self.ahead = plan.after.struck(at)
        if feed:
            self.heard = self.ahead
            self._steps.extend(plan.steps)
            self._count += len(plan.steps)

    def fall_back(self) -> None:
        """Continue from what was heard."""
        self.ahead = self.heard

    def move_to(self, place: Place) -> None:
        """Continue from another place."""
        self._call = None
        self.heard = self.ahead = place.line
        self._composer.state = place.composer

    def take_back(self, place: Place) -> None:
        """Drop the steps that came after a place."""
        self._call = None
        for _ in range(min(self._count - place.steps, len(self._steps))):
            self._steps.pop()
        self._count = place.steps

    def load(self, predictor: Predictor) -> None:
        """Continue with another model, which hears as many of the latest steps as it reaches back."""
        self._call = None
        self._composer.load(predictor)
        self.heard = self.ahead = self._composer.heard_again(self.heard, list(self._steps)[-predictor.reach :])

    def forget(self) -> None:
        """Continue without the memory of what was heard before."""
        self._call = None
        self.heard, self.ahead = self._composer.forget(self.heard), self._composer.forget(self.ahead)
