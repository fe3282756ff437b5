"""One call of Secrets Manager, as a test reads it afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


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
    :ivar message: AWS's sentence of that error, or None.
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
    message: str | None = None

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        outcome = f" -> {self.error}" if self.error else ""
        return f"<{self.operation}({shown}) in {self.region} at {self.at:%Y-%m-%d %H:%M:%S}{outcome}>"
