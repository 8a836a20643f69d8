"""Texts to values: moments, places in the log, lines of TOML."""
