"""The warning about an update rate that can't be sustained."""

import warnings
from datetime import datetime

from mock_secrets.kernel.frames import calling_line
from mock_secrets.kernel.limits import Limits, UpdateRateWarning
from mock_secrets.model.secret import Secret


def warn_of_update_rate(secret: Secret, at: datetime, limits: Limits) -> None:
    """Warn once, when the versions fill the quota and the next update at this rate would be refused."""
    # The cheap check first, since this runs after every call.
    if len(secret.versions) < limits.versions_per_secret or secret.rate_was_warned:
        return
    interval = secret.versions.interval_too_short(at, limits)
    if interval is None:
        return
    secret.rate_was_warned = True
    pace = f"created on average {interval} apart" if interval else "all created at the same instant"
    line = calling_line()
    warnings.warn_explicit(
        f"the secret {secret.name!r} has {len(secret.versions)} versions, {pace}. AWS keeps versions for"
        f" {limits.retention}, so only one update every {limits.shortest_interval} can be sustained:"
        f" an update beyond {limits.versions_per_secret} versions is a LimitExceededException.",
        UpdateRateWarning,
        line.file,
        line.number,
    )
