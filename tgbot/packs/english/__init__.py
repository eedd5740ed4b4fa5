"""Rules that only English words can be held to."""
