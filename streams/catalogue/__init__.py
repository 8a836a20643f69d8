"""The catalogue of platforms, institutions and courses: from files to their topic, from there to the warehouse."""
