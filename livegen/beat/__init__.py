"""The beat: the pulse of a performance, the transport, tapping, MIDI clock in and out. Seconds and beats. Pure."""
