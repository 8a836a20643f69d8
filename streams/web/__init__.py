"""Pages for people and an API for programs: what `dompet serve` answers."""
