"""At which of its calls a fault has a function leave something that its user does not want."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from mock_secrets.activation import running
from mock_secrets.backend import SecretsBackend
from mock_secrets.faults import ConnectionClosed, LostAnswer, NetworkFault
from mock_secrets.service.savepoint import savepoint
from mock_secrets.trials.watching import CutOff, Made, Watch

_CUT = "the process ends after it"
_REFUSED = "ThrottlingException"


@dataclass(frozen=True)
class Finding:
    """A call at which a fault leads to what the invariant refuses.

    :ivar number: the place of the call among the function's, from 1.
    :ivar operation: by AWS's name.
    :ivar call: with the line that made it.
    :ivar fault: what happened at it.
    :ivar problem: what the invariant said.
    """

    number: int
    operation: str
    call: str
    fault: str
    problem: str

    def __str__(self) -> str:
        return f"call {self.number}, {self.call}, {self.fault}: {self.problem}"


def explore(function: Callable[[], object], invariant: Callable[[], object]) -> list[Finding]:
    """Run a function with a fault at each of its calls, and ask after each run whether all is as it should be.

    Each run begins from the same state of the active mock, and what it did to the mock is taken back. An error that the
    function raises is no finding; what it leaves may be one. The faults: the process ends after the call; its answer is
    lost; the connection is closed before it; it is throttled, at every attempt that botocore makes.

    :param function: takes nothing, and makes calls of Secrets Manager.
    :param invariant: takes nothing; false, or an AssertionError that it raises, is a finding. None is none.
    :returns: the findings, in the order of the calls; empty if there is none.
    :raises RuntimeError: outside of a mock.
    :raises AssertionError: if the invariant refuses the run in which nothing goes wrong.
    :raises TypeError: if one of them can't be called.
    """
    for name, given in {"function": function, "invariant": invariant}.items():
        if not callable(given):
            raise TypeError(f"explore({name}=) takes a callable, not {type(given).__name__}")
    backend = running()
    if backend is None:
        raise RuntimeError("explore() runs the function in the active mock, and none is active")
    plain = Watch()
    with savepoint(backend.service), plain.installed():
        with plain.on():
            function()
        problem = _problem(invariant)
    if problem is not None:
        raise AssertionError(
            f"explore(): the invariant refuses what the function leaves where nothing goes wrong: {problem}"
        )
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
                told = fault if fault == _CUT else f"meets {fault}"
                yield Finding(one.number, one.operation, str(one), str(told), problem)


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
