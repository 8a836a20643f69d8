"""`dompet verify`: the warehouse compared with a fold of the log done again."""
