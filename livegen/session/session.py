"""A session: a player that can be silenced, moved to other places in the music, and given other settings or models."""

from livegen.beat.transport import Grid
from livegen.events import Event, Remark
from livegen.player.modes import Mode
from livegen.player.player import Membership, Player
from livegen.player.slots import Place, Slot, between
from livegen.predictors.models import Predictor
from livegen.settings import Settings

LEAD = 0.005  # seconds that a shell on stage gives `Session.lead`: a first note is decided before it is due


class Session(Player):
    """A player, and what a shell may ask of it: silence, other settings, another model, another place in the music."""

    def __init__(
        self,
        predictor: Predictor,
        settings: Settings,
        seed: int = 0,
        now: float = 0.0,
        member: Membership | None = None,
    ) -> None:
        super().__init__(predictor, settings, seed, now, member)
        self.slots: dict[int, Slot] = {}
        self._morph = settings.morph

    def panic(self, now: float) -> list[Event]:
        """Note-offs for all that sounds; the player is silent until the performer plays or a mode is set."""
        self.now = max(self.now, now)
        self._hush()
        return self._taken()

    def reset(self, now: float) -> list[Event]:
        """Forget everything heard and played, and begin again."""
        out = self.panic(now)
        self._begin_anew()
        return out + self._taken()

    def go_on_from(self, slot: Slot, now: float) -> list[Event]:
        """Go on from a slot of this model's, and say what is expected there; the next note of the player is planned
        anew, for the same time."""
        self._pass(now)
        self._move_to(slot.place(self.place))
        return self._taken()

    def rewind(self, notes: int, now: float) -> list[Event]:
        """Take back the latest notes, the performer's and the player's: they were never heard. What sounds, sounds."""
        self._pass(now)
        place = self.history.rewind(notes)
        self.settle()
        if place is not None:
            for _ in range(min(self._told - place.steps, len(self._steps))):
                self._steps.pop()
            self._told = place.steps
            self._consider(self.now)
            self._move_to(place)
        return self._taken()

    def _morph_to(self, share: float) -> None:
        """Go on from between two slots."""
        self._morph = share
        wanted = self.settings.morph_from, self.settings.morph_to
        for number in wanted:
            if number not in self.slots:
                self._out.append(Remark(self.now, f"Slot {number} is empty; /livegen/save {number} fills it."))
                return
        here = self.place
        one, other = (self.slots[number].seen_by(self.predictor, here.line) for number in wanted)
        self._move_to(between(one, other, share).place(here))

    def _move_to(self, place: Place) -> None:
        self._heard = self._line = place.line
        self._composer.state = place.composer
        self._plan_again()
        self._out.append(self._foreseen(self.now))

    def forget(self) -> None:
        """Let what was heard before lead no more; what sounds and what is about to sound stay."""
        self.history.clear()
        self._heard, self._line = self._composer.forget(self._heard), self._composer.forget(self._line)
        if self._plan is not None:
            self._plan = self._plan._replace(after=self._composer.forget(self._plan.after))

    def set_mode(self, mode: Mode, now: float) -> list[Event]:
        """Play in another mode from now on; what sounds ends, unless the new mode plays on."""
        self._pass(now)
        self._turns.mode, self._turns.hushed = mode, False
        self._turns.cadence.cancel()
        self._consider(self.now, interrupted=True)
        return self._taken()

    def set_predictor(self, predictor: Predictor, now: float) -> list[Event]:
        """Play with another model from now on; it is told the last notes, so that the music goes on."""
        self._pass(now)
        self._composer.load(predictor)
        self._take_metre()
        self._heard = self._line = self._composer.told(self._heard, list(self._steps)[-predictor.reach :])
        self.history.clear()
        self._plan_again()
        return self._taken()

    def settings_changed(self, now: float) -> list[Event]:
        """Take up changed settings: the mode is asked again, and what was planned is planned anew."""
        self._pass(now)
        if self.settings.tempo != self._tempo:
            self._expect_tempo()
        self._composer.take_up()
        self._take_metre()
        self._consider(self.now)
        self._plan_again()
        if self.settings.morph != self._morph:
            self._morph_to(self.settings.morph)
        return self._taken()

    def follow(self, grid: Grid) -> None:
        """Keep to a clock's beat from now on, or again to the performer's. What is planned stays."""
        self.settle()
        self.history.follow(grid)
        self.transport.follow(grid)

    def _hush(self) -> None:
        self._turns.hushed = True
        self._consider(self.now, interrupted=True)
        self._out += self.ledger.silence(self.now)

    def _begin_anew(self) -> None:
        self.performer.forget()
        self._expect_tempo()
        if self.performer.teaches:
            self.transport.forget(self.now)
        self._steps.clear()
        self.history.clear()
        self._heard = self._line = self._composer.begin()
        self._turns.begin_anew()
        self._consider(self.now)
