"""Settlement: what a platform or an institution sold, gave back and is owed, and the statements that close periods."""
