"""The contracts: event types, topics, dated rules, and the way between their bytes and columns."""
