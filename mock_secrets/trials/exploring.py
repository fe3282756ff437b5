"""Finds the calls of a function at which a fault makes it leave an unwanted state."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from mock_secrets.activation import running
from mock_secrets.backend import SecretsBackend
from mock_secrets.faults import ConnectionClosed, LostAnswer, NetworkFault
from mock_secrets.service.savepoint import savepoint
from mock_secrets.trials.watching import CutOff, Made, Watch

_CUT = "after which the process ends"
_REFUSED = "ThrottlingException"


@dataclass(frozen=True)
class Finding:
    """A call at which a fault breaks the invariant.

    :ivar number: the call's place among the function's calls, from 1.
    :ivar operation: AWS's name of the operation.
    :ivar call: the call, with the line that made it.
    :ivar fault: what happened to the call.
    :ivar problem: what the invariant returned or raised.
    """

    number: int
    operation: str
    call: str
    fault: str
    problem: str

    def __str__(self) -> str:
        return f"call {self.number}, {self.call}, {self.fault}: {self.problem}"


def explore(function: Callable[[], object], invariant: Callable[[], object]) -> list[Finding]:
    """Run a function with a fault at each of its calls, and check an invariant after each run.

    Each run starts from the same state of the active mock, and its changes to the mock are undone afterwards. An error
    that the function raises is not a finding; the state that it leaves behind may be. The faults are: the process ends
    after the call, the answer is lost, the connection is closed before the call, and the call is throttled at every
    attempt that botocore makes. The first two are tried only at calls that write.

    :param function: a function without arguments that calls Secrets Manager.
    :param invariant: a function without arguments. If it returns a false value other than None, or raises an
        AssertionError, that is a finding.
    :returns: the findings in the order of the calls; an empty list if there are none.
    :raises RuntimeError: if no mock is active.
    :raises AssertionError: if the invariant does not hold even after a run without faults.
    :raises TypeError: if ``function`` or ``invariant`` is not callable.
    """
    for name, given in {"function": function, "invariant": invariant}.items():
        if not callable(given):
            raise TypeError(f"explore({name}=) takes a callable, not {type(given).__name__}")
    backend = running()
    if backend is None:
        raise RuntimeError("explore() runs the function in the active mock, but no mock is active")
    plain = Watch()
    with savepoint(backend.service), plain.installed():
        with plain.on():
            function()
        problem = _problem(invariant)
    if problem is not None:
        raise AssertionError(f"explore(): the invariant does not hold even after a run without faults: {problem}")
    return list(_findings(backend, function, invariant, plain.made))


def _findings(
    backend: SecretsBackend, function: Callable[[], object], invariant: Callable[[], object], made: list[Made]
) -> Iterator[Finding]:
    for one in made:
        faults: list[str | NetworkFault] = [_REFUSED, ConnectionClosed()]
        if not one.reads:
            faults = [_CUT, LostAnswer(), *faults]
        for fault in faults:
            with savepoint(backend.service):
                _run(backend, function, one, fault)
                problem = _problem(invariant)
            if problem is not None:
                happened = fault if fault == _CUT else f"fails with {fault}"
                yield Finding(one.number, one.operation, str(one), str(happened), problem)


def _run(backend: SecretsBackend, function: Callable[[], object], one: Made, fault: str | NetworkFault) -> None:
    watch = Watch()
    if fault == _CUT:
        watch.after = lambda made: watch.cut_off() if made.number == one.number else None
    else:
        backend.fail("*", fault, when=lambda _: watch.is_at(one.number))
    with watch.installed(), watch.on(), suppress(Exception, CutOff):
        function()


def _problem(invariant: Callable[[], object]) -> str | None:
    try:
        verdict = invariant()
    except AssertionError as error:
        return str(error) or "it raised AssertionError"
    return None if verdict is None or verdict else f"it returned {verdict!r}"
