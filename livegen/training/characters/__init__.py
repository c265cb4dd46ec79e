"""Character models, which write ABC notation one character at a time: their data, training and export."""
