"""A realistic programme, made from a seed."""
