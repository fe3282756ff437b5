"""The error that ends the command with a message."""


class Failure(Exception):
    """The command can't do what was requested. The text says why, and what helps."""
