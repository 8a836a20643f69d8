"""The pure meaning of events: state, rules, the fold and the journal. NumPy only; no clock, no I/O."""
