"""Remote control without ports: OSC addresses, arguments, bindings of knobs, ramps, presets and cues. Pure."""
