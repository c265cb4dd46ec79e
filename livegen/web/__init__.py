"""The page, OSCQuery and OSC over WebSocket."""
