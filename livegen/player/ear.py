"""The channels, keys and pads that a player listens to, before they mean anything."""

from collections.abc import Sequence
from dataclasses import replace

from livegen.events import RELEASING, RESET_CONTROLLERS, SOSTENUTO, SUSTAIN, ControlChange, Heard, NoteOff
from livegen.listening.keys import Keys
from livegen.listening.performer import Performer
from livegen.listening.zones import DRUMS, Zones
from livegen.player.drum_part import DrumPart
from livegen.settings import Settings


class Ear:
    """Says which events are listened to, and what they amount to. By the setting ``count_strokes`` the strokes of a key
    are counted, and a controller may give each note a channel of its own; otherwise an event is what it says."""

    def __init__(self, settings: Settings, performer: Performer, drums: DrumPart, keys: Keys, zones: Zones) -> None:
        self._settings = settings
        self._performer = performer
        self._drums = drums
        self._keys = keys
        self._zones = zones

    def forget(self) -> None:
        """As if no key were down."""
        self._keys.forget()

    def listens_to(self, event: Heard) -> bool:
        """Take in an event of whatever channel. Returns whether it is listened to: a held key or pedal is released on
        any channel."""
        if self._settings.count_strokes:
            self._zones.hear(event)
        if isinstance(event, NoteOff) and self._holds(event):
            return True
        if isinstance(event, ControlChange) and self._lets_go(event):
            return True
        return self.hears_channel(event.channel)

    def hears_channel(self, channel: int) -> bool:
        """Whether notes on a channel are listened to."""
        wanted = self._settings.channel_in
        if not wanted and channel != DRUMS:  # the usual case
            return True
        if self._drums.is_pad(channel) and wanted in (0, channel):
            return self._drums.hears_pads
        if self._settings.count_strokes:
            return self._zones.hears(channel, wanted)
        return channel == wanted if wanted else channel != DRUMS

    def _holds(self, off: NoteOff) -> bool:
        if self._settings.count_strokes:
            return self._keys.is_struck(off)
        return (off.pitch, off.channel) in self._performer.held or self._performer.left_hand.holds(off)

    def _lets_go(self, event: ControlChange) -> bool:
        counts = self._settings.count_strokes
        if event.control == SUSTAIN or (event.control == SOSTENUTO and counts):
            return event.value < 64
        return counts and (event.control == RESET_CONTROLLERS or event.control in RELEASING)

    def strokes(self, event: Heard) -> Sequence[Heard]:
        """The events that one amounts to, if it is listened to: a stroke that arrives twice is one, a release is the
        last of its key's."""
        if not self._settings.count_strokes:
            return (event,)
        heard = self._keys.hear(event)
        if isinstance(event, ControlChange):
            for channel in self._zones.managed_by(event.channel):
                member = self._keys.hear(replace(event, channel=channel))
                heard = [*heard, *(each for each in member if isinstance(each, NoteOff))]
        return heard
