"""The entries of a backend's history besides calls: moves of the clock, rotations, and what time changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from mock_secrets.kernel.frames import Line


class Standing(NamedTuple):
    """The state of a secret after an entry of the history.

    :ivar labels: the version id of each staging label.
    :ivar purged_at: the end of its recovery window, or None.
    :ivar is_there: False once it is deleted for good.
    :ivar replicas: the regions of its replicas.
    """

    arn: str
    name: str
    labels: Mapping[str, str]
    purged_at: datetime | None
    is_there: bool
    replicas: tuple[str, ...] = ()


class Move(NamedTuple):
    """A move of the clock.

    :ivar line: the line that moved it; None for another process.
    :ivar cause: ``"pause"`` for a client's pause before a retry, ``"latency"`` for a fault's, or empty for the test.
    """

    at: datetime
    to: datetime
    line: Line | None
    cause: str = ""


class Rotated(NamedTuple):
    """The start or end of a rotation run.

    :ivar run: the model's record of the run, with its outcome.
    """

    at: datetime
    arn: str
    name: str
    run: Any
    has_ended: bool
    standing: Standing


class Expired(NamedTuple):
    """A change to a secret caused by time alone.

    :ivar removed: the ids of the removed versions.
    """

    at: datetime
    removed: tuple[str, ...]
    standing: Standing
