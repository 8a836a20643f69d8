"""Everything that moves: source, projector, warehouses, publisher, the Faust application, the command line."""
