"""OSC packets and patterns, and the UDP port."""
