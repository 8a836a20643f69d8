"""Errors that are shown to a person: one clear sentence, never a traceback."""


class DompetError(Exception):
    """What went wrong and where, as one sentence; the command line prints it and exits with 2."""


class ContractError(DompetError):
    """A file of contracts (schemas, ids, topics, rules) does not hold what it must."""


class InvalidEvent(DompetError):
    """An event that may not be published: it breaks its contract or the limits of every event."""
