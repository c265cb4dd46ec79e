"""The server: it joins a session to ports and a clock in one event loop, carries out commands, recovers from faults."""
