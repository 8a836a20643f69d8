"""A page for each of what people ask."""
