"""``backend.fail`` and ``backend.faults``: the faults that a test injects, and whether they fired."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from mock_secrets.kernel.call import Call
from mock_secrets.kernel.errors_on_demand import ON_DEMAND
from mock_secrets.kernel.faults import NETWORK_FAULTS
from mock_secrets.kernel.frames import line_in_this_process
from mock_secrets.kernel.instants import service_instant
from mock_secrets.kernel.options import Unfired
from mock_secrets.kernel.suggestions import did_you_mean
from mock_secrets.protocol.shapes import operations
from mock_secrets.service.faults import ANY_OPERATION, Error, HowOften, Plan, Which
from mock_secrets.service.path import Service


class HasArn(Protocol):
    """A user or a role of ``backend.iam``."""

    @property
    def arn(self) -> str: ...


class UnfiredFault(AssertionError):
    """A fault never fired, and the mock runs with ``unfired="fail"``, which requires every fault to fire."""


class Fault:
    """A fault started by ``backend.fail``. As a context manager, it ends with the block.

    :ivar operation: the operation that it affects, or ``"*"`` for all.
    :ivar error: the error code that it answers with, or one of ``mock_secrets.faults``.
    """

    __slots__ = ("_plan", "_service", "error", "operation")

    def __init__(self, service: Service, plan: Plan) -> None:
        self._service = service
        self._plan = plan
        self.operation = plan.which.operation
        self.error: Error = plan.error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fault) and other._plan is self._plan

    def __hash__(self) -> int:
        return hash(self._plan)

    def __repr__(self) -> str:
        state = "" if self.is_active else ", ended"
        return f"<{self._plan}: {_fired(len(self._plan.calls))}{state}>"

    @property
    def calls(self) -> list[Call]:
        """The calls that this fault made fail, in order."""
        return list(self._plan.calls)

    @property
    def is_active(self) -> bool:
        """Whether the fault is still active. It ends with :meth:`end`, with its block, or with its savepoint."""
        return self._plan in self._service.faults.active

    def end(self) -> None:
        """End the fault, so that it no longer fires. Ending it twice does nothing."""
        self._service.lock.hold(self._service.state.journal.whole, self._service.faults.end, self._plan)

    def __enter__(self) -> "Fault":  # noqa: PYI034 - Self is not in Python 3.10
        if not self.is_active:
            raise RuntimeError(f"{self._plan} has ended. Start a new one with backend.fail(...)")
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


class Faults:
    """All faults that a test has started, including those that have ended."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __repr__(self) -> str:
        return f"<faults: {len(self.fired)} fired, {len(self.unfired)} did not>"

    @property
    def fired(self) -> list[Fault]:
        """The faults that made at least one call fail, in the order in which they were started."""
        return [Fault(self._service, plan) for plan in self._service.faults.plans if plan.calls]

    @property
    def unfired(self) -> list[Fault]:
        """The faults that have not made any call fail."""
        return [Fault(self._service, plan) for plan in self._service.faults.plans if not plan.calls]


class UnfiredGuard:
    """Reports each fault that never fired, once, and fails the test that started it.

    :param begun: how many faults there were before; those belong to others.
    """

    def __init__(self, service: Service, wanted: Unfired | None, begun: int = 0) -> None:
        self._service = service
        self._wanted = wanted
        self._begun = begun

    def at_savepoint(self, wanted: Unfired | None = None) -> "UnfiredGuard":
        """The guard for the faults that are started inside a savepoint."""
        return UnfiredGuard(self._service, wanted or self._wanted, len(self._service.faults.plans))

    def test_has_ended(self, *, failed: bool) -> None:
        """Judge the faults that a test has started.

        :raises UnfiredFault: if the test passed and ``unfired="fail"``; names each fault and the nearest calls.
        """
        __tracebackhide__ = True
        plans = [plan for plan in self._service.faults.plans[self._begun :] if not plan.was_judged]
        for plan in plans:
            plan.was_judged = True
        unfired = [plan for plan in plans if not plan.calls]
        if self._wanted == "fail" and not failed and unfired:
            lines = [line for plan in unfired for line in _described(plan)]
            raise UnfiredFault("\n".join(["these faults never fired:", *lines]))


def _described(plan: Plan) -> Iterator[str]:
    yield f"  {plan}, started at {plan.origin}"
    yield "    nearest calls:" if plan.near else "    no call was made that it could have affected"
    yield from (f"      {near}" for near in plan.near)


def begin_fault(service: Service, operation: str, error: Error, **given: Any) -> Fault:
    """Start a fault, given the arguments of ``backend.fail``.

    :raises TypeError, ValueError: naming the parameter and what it takes.
    """
    which = Which(
        operation=_checked_operation(operation),
        secret=_checked_name("secret", given.get("secret")),
        stage=_checked_name("stage", given.get("stage")),
        principal=_checked_principal(given.get("principal")),
        region=None if given.get("region") is None else service.settings.region_given(given["region"]),
        when=_checked_when(given.get("when")),
    )
    how_often = HowOften(
        times=_checked_number("times", given.get("times"), least=1),
        after=_checked_number("after", given.get("after"), least=0) or 0,
        sequence=_checked_sequence(given.get("sequence")),
        rate=_checked_rate(given.get("rate")),
        until=None if given.get("until") is None else service_instant(given["until"], "until"),
    )
    shown = {name: value for name, value in given.items() if value is not None and (name, value) != ("after", 0)}
    plan = Plan(which, _checked_error(error), how_often, shown, origin=str(line_in_this_process() or "an HTTP request"))
    service.lock.hold(service.state.journal.whole, service.faults.begin, plan)
    return Fault(service, plan)


def _fired(times: int) -> str:
    return {0: "not fired", 1: "fired once", 2: "fired twice"}.get(times, f"fired {times} times")


def _checked_operation(operation: Any) -> str:
    if not isinstance(operation, str):
        raise TypeError(f"fail() takes an operation by AWS's name, or '*', not {type(operation).__name__}")
    if operation != ANY_OPERATION and operation not in operations():
        raise ValueError(
            f"Secrets Manager has no operation {operation!r}.{did_you_mean(operation, operations())}"
            " Use AWS's name of the operation, such as 'UpdateSecret', or '*' for all operations."
        )
    return operation


def _checked_error(error: Any) -> Error:
    if isinstance(error, type) and error in NETWORK_FAULTS.values():
        raise TypeError(f"fail() takes an instance: {error.__name__}({'...' if error.__name__ == 'Latency' else ''})")
    if type(error) in NETWORK_FAULTS.values():
        return error  # type: ignore[no-any-return]  # looked up by its type
    if not isinstance(error, str):
        raise TypeError(
            "fail() takes an error's code, such as 'ThrottlingException', or one of mock_secrets.faults:"
            f" {', '.join(NETWORK_FAULTS)}; not {type(error).__name__}"
        )
    if error in NETWORK_FAULTS:
        raise ValueError(
            f"{error!r} is not an error code. Import {error} from mock_secrets.faults and pass an instance of it."
        )
    if error not in ON_DEMAND:
        raise ValueError(
            f"Secrets Manager has no error {error!r}.{did_you_mean(error, ON_DEMAND)}"
            f" Its codes are: {', '.join(sorted(ON_DEMAND))}."
        )
    return error


def _checked_name(name: str, value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value):
        return value
    raise TypeError(f"fail({name}=) takes a name, not {value!r}")


def _checked_principal(principal: Any) -> str | None:
    if principal is None or isinstance(principal, str):
        return principal
    arn = getattr(principal, "arn", None)
    if isinstance(arn, str):
        return arn
    raise TypeError(
        f"fail(principal=) takes a user or a role of backend.iam, or its ARN or name, not {type(principal).__name__}"
    )


def _checked_when(when: Any) -> Callable[[Call], object] | None:
    if when is not None and not callable(when):
        raise TypeError(f"fail(when=) takes a callable that is given the call, not {type(when).__name__}")
    return when  # type: ignore[no-any-return]  # callable() is all that can be checked


def _checked_number(name: str, value: Any, *, least: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"fail({name}=) takes a number of calls, not {type(value).__name__}")
    if value < least:
        raise ValueError(f"fail({name}=) takes {least} or more, not {value}")
    return value


def _checked_sequence(value: Any) -> tuple[int, ...] | None:
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"fail(sequence=) takes how many fail and how many pass, such as (3, 2), not {value!r}")
    numbers = tuple(_checked_number("sequence", one, least=0) or 0 for one in value)
    if len(numbers) % 2 or not any(numbers[::2]):
        raise ValueError(
            f"fail(sequence=) takes pairs of how many fail and how many then pass, such as (3, 2), not {numbers}"
        )
    return numbers


def _checked_rate(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"fail(rate=) takes a number from 0 to 1, not {type(value).__name__}")
    if not 0 < value <= 1:
        raise ValueError(f"fail(rate=) takes a number above 0 and up to 1, not {value}")
    return float(value)
