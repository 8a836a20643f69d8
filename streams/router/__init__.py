"""Publishers' inboxes → the log: each record once, where it belongs, and only what is its owner's."""
