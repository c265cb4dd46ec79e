"""Says once that the performer plays where nobody listens, and what to set."""

from livegen.events import Event, Remark

ENOUGH = 3  # notes in a row that nobody hears


class Unheard:
    """Counts the notes on channels that are not listened to, as long as none is heard."""

    def __init__(self) -> None:
        self._count = 0
        self._told = False

    def hear(self) -> None:
        """A note was heard."""
        self._count = 0

    def miss(self, at: float, channel: int, wanted: int) -> list[Event]:
        """A note on ``channel`` was not heard, because of the setting ``channel_in``. Returns what is to be said."""
        self._count += 1
        if self._told or self._count < ENOUGH:
            return []
        self._told = True
        why = f"hears channel {wanted} alone" if wanted else "takes that for drums and does not hear it"
        return [
            Remark(
                at, f"You play on MIDI channel {channel}, and livegen {why}; set channel_in to {channel} to be heard."
            )
        ]
