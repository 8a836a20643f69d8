"""What a person sees in a terminal: steps, progress, figures, tables."""
