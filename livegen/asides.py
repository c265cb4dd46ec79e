"""What is told beside the notes, when they are sent and nothing hurries: surprise, what is likely, what is decided."""

import asyncio

from livegen import clock
from livegen.composer import Plan
from livegen.outlet import Outlet
from livegen.session import Session
from livegen.settings import Settings
from livegen.surprise import Wonder


class Asides:
    """Speaks through the outlet; never on the path of a note."""

    def __init__(self, out: Outlet, settings: Settings) -> None:
        self._out = out
        self._settings = settings
        self._told: list[Plan] = []
        self._loop = asyncio.get_running_loop()
        self._soon = False

    def tell_soon(self, session: Session) -> None:
        """Tell what has come since the last time, when all that came at once is answered."""
        if not self._soon:
            self._soon = True
            self._loop.call_soon(self._tell, session)

    def _tell(self, session: Session) -> None:
        self._soon = False
        while session.wonders:
            self._tell_surprise(session.wonders.popleft())
        audience = self._out.audience
        if audience is not None and len(audience):
            decided = session.decided()
            for plan in decided:
                if not any(plan is told for told in self._told):
                    self._tell_plan(plan)
            self._told = decided

    def _tell_surprise(self, wonder: Wonder) -> None:
        self._out.tell("/livegen/out/surprise", *wonder.bits())
        if self._settings.likely:
            pairs = wonder.likely(self._settings.likely)
            self._out.tell("/livegen/out/likely", *(value for pair in pairs for value in pair))

    def _tell_plan(self, plan: Plan) -> None:
        audience, wait = self._out.audience, plan.due - clock.now()
        if audience is not None:
            for pitch, velocity in plan.notes:
                audience.hear("/livegen/out/plan", (0, pitch, velocity, max(0.0, wait), plan.duration))
