"""What makes `dompet` of the files in `commands/`: how they are found, take settings, and end."""
