"""What people see: languages, words, cells, charts, templates."""
