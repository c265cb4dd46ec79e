"""The server: everything that runs in the event loop."""
