"""What can be asked of livegen: addresses, arguments, knobs, presets, cues. Pure."""
