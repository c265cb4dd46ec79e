"""The HTTP port: the page, OSCQuery, OSC over WebSocket, and downloads."""
