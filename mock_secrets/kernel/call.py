"""One call of Secrets Manager, as a test reads it afterwards."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mock_secrets.kernel.frames import Line
from mock_secrets.kernel.happened import Standing


@dataclass(slots=True, kw_only=True)
class Call:
    """One request that reached the service.

    :ivar operation: AWS's name of the operation, such as ``"UpdateSecret"``.
    :ivar params: the request's members by AWS's names. Secret values compare as themselves and are redacted in a repr;
        what is unknown, or of a type that can't be read, is left out.
    :ivar region: the region that the request was signed for.
    :ivar account_id: the caller's account.
    :ivar principal: the ARN of the caller.
    :ivar at: when the service took the call, an aware UTC datetime in milliseconds.
    :ivar attempt: 1 for the first try of a call, 2 for its first retry, and so on.
    :ivar request_id: the request id of the answer.
    :ivar error: AWS's code of the error that was answered, or None.
    :ivar fault: what ``backend.fail`` had happen to it, such as ``"ThrottlingException"`` or ``"LostAnswer()"``, or None.
    :ivar message: AWS's sentence of that error, or None.
    :ivar hint: what helps where AWS's sentence alone does not, or None. AWS says nothing of the kind.
    :ivar line: the line of the user's code that made the call, with ``file``, ``number`` and ``function``.
    :ivar left: how each secret stood that the call changed, once it was done: ``name``, ``arn``, ``labels``, ...
    :ivar is_direct: whether it was made through the direct door, and so is not among ``backend.calls``.
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
