"""Lambda functions, as far as rotation needs them: a Python callable registered under a name, and its context."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from mock_secrets.aws.iam import Caller, Identity, function_caller, session_of
from mock_secrets.aws.invocation import invoke_with
from mock_secrets.kernel.journal import Journaled, JournaledDict
from mock_secrets.kernel.regions import dns_suffix_of, partition_of

#: ``handler(event, context)``, or the same as a coroutine function.
Handler: TypeAlias = Callable[[dict[str, Any], Any], Any]

#: The longest that Lambda lets a function run.
LONGEST_RUN = timedelta(minutes=15)

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):lambda:(?P<region>[a-z0-9-]+):(?P<account_id>[0-9]{12}):function:(?P<name>[\w-]+)(:[\w$-]+)?"
)
_NAME = re.compile(r"[\w-]{1,64}")


class FunctionArn(NamedTuple):
    """The parts of a function's ARN."""

    partition: str
    region: str
    account_id: str
    name: str


def read_function_arn(text: str) -> FunctionArn | None:
    match = _ARN.fullmatch(text)
    return FunctionArn(**match.groupdict()) if match else None


class FunctionTimedOut(BaseException):
    """A function ran longer than Lambda allows, by the service clock.

    Not an Exception, so that ``except Exception`` in the function does not catch it.
    """

    def __init__(self) -> None:
        super().__init__(f"Task timed out after {LONGEST_RUN.total_seconds():.2f} seconds")


@dataclass
class Function:
    """One registered function.

    :ivar role: its execution role; None if it may do everything.
    """

    arn: str
    handler: Handler
    environment: Mapping[str, str] = field(default_factory=dict)
    role: Identity | None = None

    @property
    def parts(self) -> FunctionArn:
        parts = read_function_arn(self.arn)
        assert parts is not None, "a function is registered under its ARN"
        return parts

    @property
    def name(self) -> str:
        return self.parts.name

    def caller(self, at: datetime) -> Caller:
        """The caller of the function's own calls: a session of its role, which Lambda names after the function."""
        if self.role is not None:
            return session_of(self.role, self.name, {}, at)
        parts = self.parts
        return function_caller(parts.partition, parts.account_id, parts.name)

    def invoke(self, event: dict[str, Any], context: "LambdaContext", region: str) -> Any:
        """Call the function with the environment variables that Lambda sets. Its exceptions propagate."""
        variables = {
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "SECRETS_MANAGER_ENDPOINT": f"https://secretsmanager.{region}.{dns_suffix_of(region)}",
            **self.environment,
        }
        return invoke_with(variables, self.handler, event, context)


@dataclass(frozen=True)
class LambdaContext:
    """The context object of a function's invocation, with Lambda's attribute names."""

    invoked_function_arn: str
    aws_request_id: str
    function_name: str
    deadline: datetime
    now: Callable[[], datetime]
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"
    log_stream_name: str = "mock_secrets"
    identity: None = None
    client_context: None = None

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left until the timeout, in milliseconds of the service clock."""
        return max(0, (self.deadline - self.now()) // timedelta(milliseconds=1))


class Functions(Journaled):
    """The functions of one backend, by ARN."""

    __slots__ = ("_by_arn",)

    def __init__(self) -> None:
        self._by_arn: JournaledDict[str, Function] = JournaledDict()

    def register(
        self,
        name_or_arn: str,
        handler: Handler,
        *,
        region: str,
        account_id: str,
        environment: Mapping[str, str],
        role: Identity | None,
    ) -> Function:
        """Register a callable under a name, replacing an earlier one.

        :raises TypeError: if the handler can't be called with (event, context), or another argument has the wrong
            type.
        :raises ValueError: if ``name_or_arn`` is neither a function name nor a function ARN.
        """
        check_handler(handler)
        if not isinstance(name_or_arn, str):
            raise TypeError(f"name_or_arn takes a function's name or ARN as a string, not {type(name_or_arn).__name__}")
        if not isinstance(environment, Mapping):
            raise TypeError(f"environment takes a mapping of names to values, not {type(environment).__name__}")
        arn = _arn(name_or_arn, region, account_id)
        for variable, text in environment.items():
            if not isinstance(variable, str) or not isinstance(text, str):
                raise TypeError("environment takes names and values as strings")
        self._by_arn[arn] = Function(arn, handler, dict(environment), role)
        return self._by_arn[arn]

    def __iter__(self) -> Iterator[Function]:
        return iter(self._by_arn.values())

    def remove(self, name_or_arn: str, *, region: str, account_id: str) -> None:
        """Remove a function.

        :raises KeyError: if there is no such function.
        """
        del self._by_arn[_arn(name_or_arn, region, account_id)]

    def get(self, arn: str) -> Function | None:
        """The function with this ARN. One registered without a version or alias matches all of them."""
        parts = read_function_arn(arn)
        if parts is None or arn in self._by_arn:
            return self._by_arn.get(arn)
        return self._by_arn.get(arn[: arn.index(":function:") + len(":function:") + len(parts.name)])


def _arn(name_or_arn: str, region: str, account_id: str) -> str:
    """Give a function's ARN, from its ARN or its name.

    :raises ValueError: if the text is neither a function name nor a function ARN.
    """
    if read_function_arn(name_or_arn) is not None:
        return name_or_arn
    if not _NAME.fullmatch(name_or_arn):
        raise ValueError(f"{name_or_arn!r} is neither the name nor the ARN of a Lambda function")
    return f"arn:{partition_of(region)}:lambda:{region}:{account_id}:function:{name_or_arn}"


def check_handler(handler: Any) -> None:
    """Check that a handler can be called as Lambda calls it.

    :raises TypeError: if the handler can't be called with an event and a context.
    """
    if not callable(handler):
        raise TypeError(
            f"a rotation function must be a callable handler(event, context), not of type {type(handler).__name__}"
        )
    try:
        inspect.signature(handler).bind({}, None)
    except ValueError:
        # Some builtins have no signature.
        return
    except TypeError as error:
        raise TypeError(f"a rotation function must accept (event, context), but this one does not: {error}") from None
