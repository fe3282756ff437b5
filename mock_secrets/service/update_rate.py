"""The warning of an update rate that can't be sustained."""

import warnings
from datetime import datetime

from mock_secrets.kernel.frames import calling_line
from mock_secrets.kernel.limits import Limits, UpdateRateWarning
from mock_secrets.model.secret import Secret


def warn_of_update_rate(secret: Secret, at: datetime, limits: Limits) -> None:
    """Warn once, when the versions fill the quota and the next at this pace would be refused."""
    # The length first: this is looked at after every call.
    if len(secret.versions) < limits.versions_per_secret or secret.rate_was_warned:
        return
    interval = secret.versions.interval_too_short(at, limits)
    if interval is None:
        return
    secret.rate_was_warned = True
    line = calling_line()
    warnings.warn_explicit(
        f"the secret {secret.name!r} has {len(secret.versions)} versions, made {interval} apart on average."
        f" Versions are kept for {limits.retention}, so no more than one every {limits.shortest_interval} can be"
        f" sustained: beyond {limits.versions_per_secret} an update is a LimitExceededException.",
        UpdateRateWarning,
        line.file,
        line.number,
    )
