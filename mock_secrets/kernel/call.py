"""The record of one call to Secrets Manager, for a test to read afterwards."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mock_secrets.kernel.frames import Line
from mock_secrets.kernel.happened import Standing


@dataclass(slots=True, kw_only=True)
class Call:
    """One request that reached the service.

    :ivar operation: the operation's AWS name, such as ``"UpdateSecret"``.
    :ivar params: the request's members by their AWS names. Secret values compare as themselves and are redacted in the
        repr. Unknown members, and those of a type that can't be read, are left out.
    :ivar region: the region for which the request was signed.
    :ivar account_id: the caller's account, 12 digits.
    :ivar principal: the caller's ARN.
    :ivar at: when the service received the call, an aware UTC datetime in whole milliseconds.
    :ivar attempt: 1 for the first attempt of a call, 2 for its first retry, and so on.
    :ivar request_id: the request id of the answer.
    :ivar error: the AWS error code of the answer, or None.
    :ivar fault: the fault of ``backend.fail`` that affected the call, such as ``"ThrottlingException"`` or
        ``"LostAnswer()"``, or None.
    :ivar message: the AWS error message of the answer, or None.
    :ivar hint: this library's explanation of what helps, where the AWS message does not say so, or None.
    :ivar line: the line of the user's code that made the call, with ``file``, ``number`` and ``function``, or None for
        a call from another process.
    :ivar left: the state of each secret that the call changed, after the call: ``name``, ``arn``, ``labels``, ...
    :ivar is_direct: whether it was made through direct access, so that it is not in ``backend.calls``.
    """

    operation: str
    params: dict[str, Any]
    region: str
    account_id: str
    principal: str
    at: datetime
    attempt: int
    request_id: str
    error: str | None = None
    fault: str | None = None
    message: str | None = None
    hint: str | None = field(default=None, compare=False)
    line: Line | None = field(default=None, compare=False)
    left: tuple[Standing, ...] = field(default=(), compare=False)
    is_direct: bool = False

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        outcome = "".join(f" -> {one}" for one in dict.fromkeys((self.error, self.fault)) if one)
        return f"<{self.operation}({shown}) in {self.region} at {self.at:%Y-%m-%d %H:%M:%S}{outcome}>"
