"""What ends the command with a message."""


class Failure(Exception):
    """The command can't do what it was asked to. The text says why, and what helps."""
