"""The report at the end of the demonstration: what is asked, what is expected, and its page."""
