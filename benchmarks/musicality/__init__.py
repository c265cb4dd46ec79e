"""The benchmark of a bandmate: performers play, livegen answers in virtual time, and fourteen criteria judge it."""
