"""What happened to a backend, as it is noted down: beside the calls, what time, a test and a rotation did."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from mock_secrets.kernel.frames import Line


class Standing(NamedTuple):
    """How a secret stood after something happened.

    :ivar labels: the version id that each staging label is on.
    :ivar purged_at: when its recovery window ends, if it is in one.
    :ivar is_there: False once it is gone.
    :ivar replicas: the regions of its replicas.
    """

    arn: str
    name: str
    labels: Mapping[str, str]
    purged_at: datetime | None
    is_there: bool
    replicas: tuple[str, ...] = ()


class Move(NamedTuple):
    """Somebody moved the clock.

    :ivar line: None for another process's doing.
    :ivar cause: ``"pause"`` of a client before it tried again, ``"latency"`` of an answer, or empty: the test itself.
    """

    at: datetime
    to: datetime
    line: Line | None
    cause: str = ""


class Rotated(NamedTuple):
    """A run of a rotation began, or ended: its outcome tells.

    :ivar run: the model's record of the run.
    """

    at: datetime
    arn: str
    name: str
    run: Any
    has_ended: bool
    standing: Standing


class Expired(NamedTuple):
    """Time alone changed a secret.

    :ivar removed: the ids of the versions that are gone.
    """

    at: datetime
    removed: tuple[str, ...]
    standing: Standing
