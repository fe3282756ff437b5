"""``backend.calls``: every recorded call, with queries and assertions that reject misspelt names."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from mock_secrets.aws.secret_names import readings
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.redaction import REDACTED, are_shown, note
from mock_secrets.kernel.suggestions import did_you_mean
from mock_secrets.protocol.shapes import operations

#: A step of a sequence: an operation, or an operation and some of the parameters of its call.
Step: TypeAlias = str | tuple[str, Mapping[str, Any]]

_SHOWN = 5


class CallLog(list[Call]):
    """Every call, in the order in which the service handled them: a list with queries and assertions.

    Parameters are those of the request, under AWS's names. A ``SecretId`` matches calls that give the secret's name
    as well as calls that give its ARN.
    """

    def of(self, operation: str, **params: Any) -> list[Call]:
        """Return the calls of an operation whose parameters include these.

        :raises ValueError: if Secrets Manager has no such operation.
        :raises TypeError: if the operation has no such parameter.
        """
        _check(operation, params)
        found = [call for call in self if call.operation == operation]
        for name, wanted in params.items():
            found = _having(found, name, wanted)
        return found

    def assert_called(self, operation: str, times: int | None = None, **params: Any) -> None:
        """Fail unless an operation was called with these parameters.

        :param times: the exact number of calls expected; if None, at least one.
        :raises AssertionError: showing the nearest calls and how they differ.
        """
        __tracebackhide__ = True
        count = len(self.of(operation, **params))
        if count != times if times is not None else count == 0:
            _keep_from_reports(operation, params)
            wanted = "" if times is None else f" {_times(times)}"
            found = f"expected {_step(operation, params)} to be called{wanted}, but it was {_called(count)}."
            raise AssertionError("\n".join([found, *self._nearest(operation, params)]))

    def assert_not_called(self, operation: str, **params: Any) -> None:
        """Fail if an operation was called with these parameters.

        :raises AssertionError: showing the calls.
        """
        __tracebackhide__ = True
        found = self.of(operation, **params)
        if found:
            _keep_from_reports(operation, params)
            message = f"expected {_step(operation, params)} not to be called, but it was {_called(len(found))}."
            raise AssertionError("\n".join([message, *_listed(found)]))

    def assert_sequence(self, *steps: Step) -> None:
        """Fail unless these calls were made in this order; other calls may come in between.

        :param steps: names of operations, or pairs of a name and a mapping of parameters.
        :raises AssertionError: naming the first step that is missing, and the calls made after the step before it.
        """
        __tracebackhide__ = True
        place = 0
        for number, (operation, params) in enumerate(map(_read_step, steps), start=1):
            _check(operation, params)
            for index in range(place, len(self)):
                if self[index].operation == operation and not _differences(self[index], params):
                    place = index + 1
                    break
            else:
                _keep_from_reports(operation, params)
                after = f"after {self[place - 1]!r}" if place else "at all"
                message = f"step {number}, {_step(operation, params)}, was not called {after}."
                raise AssertionError("\n".join([message, *_listed(self[place:], "calls after that:")]))

    def _nearest(self, operation: str, params: Mapping[str, Any]) -> list[str]:
        alike = [call for call in self if call.operation == operation]
        if not alike:
            return _listed(self, f"{operation} was never called. The calls were:" if self else "nothing was called.")
        alike.sort(key=lambda call: len(_differences(call, params)))
        shown = [f"  {call!r}{_difference_text(_differences(call, params))}" for call in alike[:_SHOWN]]
        return ["nearest calls:", *shown, *_more(len(alike))]


def _check(operation: str, params: Mapping[str, Any]) -> None:
    shape = operations().get(operation)
    if shape is None:
        raise ValueError(
            f"Secrets Manager has no operation {operation!r}.{did_you_mean(operation, operations())}"
            " Use AWS's name of the operation, such as 'UpdateSecret'."
        )
    members = [member.name for member in shape.members]
    for name in params:
        if name not in members:
            _keep_from_reports(operation, params)
            raise TypeError(
                f"{operation} has no parameter {name!r}.{did_you_mean(name, members)} It takes: {', '.join(members)}."
            )


def _having(calls: list[Call], name: str, wanted: Any) -> list[Call]:
    """The calls with this value of a parameter. Many calls name few secrets, so each spelling is parsed only once."""
    if name != "SecretId" or not isinstance(wanted, str):
        return [call for call in calls if _equal(name, call.params.get(name), wanted)]
    spellings = {had for call in calls if isinstance(had := call.params.get(name), str)}
    meant = {had for had in spellings if _name_one_secret(had, wanted)}
    return [call for call in calls if isinstance(had := call.params.get(name), str) and had in meant]


def _keep_from_reports(operation: str, params: Mapping[str, Any]) -> None:
    """Keep the expected values out of the failure report. An unknown parameter may be a sensitive one, misspelt."""
    shown = {member.name for member in operations()[operation].members if not member.sensitive}
    note([one for name, one in params.items() if name not in shown])


def _differences(call: Call, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters in which a call differs from the expected ones, with the call's own values."""
    return {
        name: call.params.get(name) for name, value in params.items() if not _equal(name, call.params.get(name), value)
    }


def _equal(name: str, had: Any, wanted: Any) -> bool:
    if name == "SecretId" and isinstance(had, str) and isinstance(wanted, str):
        return _name_one_secret(had, wanted)
    return bool(had == wanted)


@lru_cache
def _name_one_secret(one: str, other: str) -> bool:
    # Cached, because many calls name few secrets.
    return any(first.may_be(second) for first in readings(one) for second in readings(other))


def _read_step(step: Step) -> tuple[str, Mapping[str, Any]]:
    if isinstance(step, str):
        return step, {}
    operation, params = step
    return operation, params


def _step(operation: str, params: Mapping[str, Any]) -> str:
    """The expected call, without the values of secrets."""
    hidden = frozenset() if are_shown() else operations()[operation].sensitive
    shown = ", ".join(f"{name}={REDACTED if name in hidden else repr(one)}" for name, one in params.items())
    return f"{operation}({shown})"


def _difference_text(differences: Mapping[str, Any]) -> str:
    if not differences:
        return ""
    return " differs in " + ", ".join(
        f"{name}, which is {'absent' if had is None else repr(had)}" for name, had in differences.items()
    )


def _listed(calls: Iterable[Call], title: str = "") -> list[str]:
    calls = list(calls)
    return [*([title] if title else []), *(f"  {call!r}" for call in calls[:_SHOWN]), *_more(len(calls))]


def _more(count: int) -> list[str]:
    return [f"  … and {count - _SHOWN} more"] if count > _SHOWN else []


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _called(count: int) -> str:
    return f"called {_times(count)}" if count else "not called"
