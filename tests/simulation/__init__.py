"""Workers, a log and a warehouse in one process and one thread: every fault at every step, by a seed."""
