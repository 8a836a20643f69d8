"""The demonstration programme: who does what when, drawn from a seed."""
