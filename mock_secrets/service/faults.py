"""The faults that a test has started: which calls they affect, and how."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, cycle
from operator import attrgetter
from random import Random
from typing import Any, NamedTuple, TypeAlias

from mock_secrets.aws.secret_names import named_secrets, readings
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.errors_on_demand import ON_DEMAND, Refusal
from mock_secrets.kernel.faults import Latency, NetworkFault, Spoiled
from mock_secrets.kernel.journal import Journaled, JournaledList
from mock_secrets.model.versions import AWSCURRENT
from mock_secrets.policy.principals import Principal

ANY_OPERATION = "*"

# The number of near misses that are kept for a fault.
_NEAR = 5
# Added to the distance of a call to another operation.
_OF_ANOTHER = 2

#: What answers instead of the service: an error code, or a network fault.
Error: TypeAlias = str | NetworkFault

# Operations that concern AWSCURRENT if they name no staging label.
_ABOUT_CURRENT = {"CreateSecret", "UpdateSecret", "PutSecretValue", "GetSecretValue", "BatchGetSecretValue"}
_WITH_A_VALUE = {"CreateSecret", "UpdateSecret"}


@dataclass(frozen=True, kw_only=True)
class Which:
    """The calls that a fault is for; None matches any."""

    operation: str
    secret: str | None = None
    stage: str | None = None
    principal: str | None = None
    region: str | None = None
    when: Callable[[Call], object] | None = None

    def misses(self, call: Call, principal: Principal) -> list[str]:
        """Why a call does not match; empty if it does."""
        misses = list(self._differences(call, principal))
        if not misses and self.when is not None and not self.when(call):
            misses.append("when() returned false")
        return misses

    def _differences(self, call: Call, principal: Principal) -> Iterator[str]:
        if self.operation not in (ANY_OPERATION, call.operation):
            yield f"not a call of {self.operation}"
        if self.secret is not None and not _names(call, self.secret):
            yield f"it names {_listed(named_secrets(call.params)) or 'no secret'}"
        if self.stage is not None and self.stage not in _stages(call):
            yield f"it concerns {_listed(_stages(call)) or 'no staging label'}"
        if self.principal is not None and self.principal not in (principal.arn, principal.issuer_arn, principal.name):
            yield f"the caller is {principal.arn}"
        if self.region not in (None, call.region):
            yield f"the region is {call.region}"


@dataclass(frozen=True, kw_only=True)
class HowOften:
    """Which of the matching calls fail.

    :ivar times: maximum number of calls that fail; None for no maximum.
    :ivar after: number of calls that pass first.
    :ivar sequence: numbers of calls that fail and pass in turn; None if all fail.
    :ivar rate: probability that a call fails; None if all fail.
    :ivar until: time from which no call fails; None for no end.
    """

    times: int | None = None
    after: int = 0
    sequence: tuple[int, ...] | None = None
    rate: float | None = None
    until: datetime | None = None

    def spares(self, number: int, fired: int, at: datetime, draw: float) -> str | None:
        """Why a matching call passes; None if it fails.

        :param number: number of matching calls before it.
        :param fired: number of them that failed.
        :param draw: random number from 0 up to, but not including, 1.
        """
        if self.until is not None and at >= self.until:
            return f"until={self.until:%Y-%m-%d %H:%M:%S}Z, and the time is {at:%Y-%m-%d %H:%M:%S}Z"
        if self.times is not None and fired >= self.times:
            return f"times={self.times}"
        if number < self.after:
            return f"after={self.after}, and this is call {number + 1}"
        if self.sequence is not None and not _fails_in_turn(self.sequence, number - self.after):
            return f"sequence={self.sequence} lets this call pass"
        if self.rate is not None and draw >= self.rate:
            return f"rate={self.rate} did not pick this call"
        return None


class NearMiss(NamedTuple):
    """A call that a fault did not affect, and why.

    :ivar distance: how far the call is from matching; 0 if it matches.
    """

    call: Call
    misses: tuple[str, ...]
    distance: int

    def __str__(self) -> str:
        return f"{self.call!r}: {', '.join(self.misses)}"


class Plan(Journaled):
    """A fault that a test has started.

    :ivar given: the given parameters by name, for messages.
    :ivar origin: where it was started.
    :ivar calls: the calls that it affected.
    :ivar seen: the number of calls that matched.
    :ivar near: the nearest misses among the calls that it did not affect.
    :ivar was_judged: whether it has been checked at the end of the test that started it.
    """

    __slots__ = ("_draws", "calls", "error", "given", "how_often", "near", "origin", "seen", "was_judged", "which")

    def __init__(
        self, which: Which, error: Error, how_often: HowOften, given: Mapping[str, Any], *, origin: str
    ) -> None:
        self.which = which
        self.error = error
        self.how_often = how_often
        self.given = given
        self.origin = origin
        self.calls: JournaledList[Call] = JournaledList()
        self.seen = 0
        self.near: tuple[NearMiss, ...] = ()
        self._draws = ""
        self.was_judged = False

    def __str__(self) -> str:
        named = [f"{name}={_shown(value)}" for name, value in self.given.items()]
        return f"fail({', '.join([repr(self.which.operation), repr(self.error), *named])})"

    @property
    def hint(self) -> str:
        """The origin of the fault, for the reader of a report, who might otherwise blame the service."""
        return f"injected: {self}, started at {self.origin}"

    def seed(self, draws: str) -> None:
        """Seed the choice of calls by ``rate``, so that it is the same on every run."""
        self._draws = draws

    def meets(self, call: Call, principal: Principal) -> bool:
        """Count a call, and return whether the fault affects it."""
        misses = self.which.misses(call, principal)
        if not misses:
            draw = Random(f"{self._draws}/{self.seen}").random() if self.how_often.rate is not None else 0.0  # noqa: S311 - repeatable on purpose
            spared = self.how_often.spares(self.seen, len(self.calls), call.at, draw)
            self.seen += 1
            if spared is None:
                self.calls.append(call)
                return True
            self._pass_by(NearMiss(call, (spared,), 0))
        else:
            self._pass_by(self._missed(call, misses))
        return False

    def comes_after(self, taken_by: "Plan", call: Call, principal: Principal) -> None:
        """Note a call that was answered by a fault started earlier."""
        misses = self.which.misses(call, principal)
        self._pass_by(self._missed(call, misses) if misses else NearMiss(call, (f"{taken_by} answered it first",), 0))

    def _missed(self, call: Call, misses: list[str]) -> NearMiss:
        is_of_another = self.which.operation not in (ANY_OPERATION, call.operation)
        return NearMiss(call, tuple(misses), len(misses) + (_OF_ANOTHER if is_of_another else 0))

    def _pass_by(self, missed: NearMiss) -> None:
        """Keep a call that the fault did not affect, if it is one of the nearest misses."""
        self.near = tuple(sorted([*self.near, missed], key=attrgetter("distance"))[:_NEAR])


class Hit(NamedTuple):
    """The faults that affect a call.

    :ivar plans: the faults. The last one answers instead of the service, unless it is a latency.
    """

    plans: tuple[Plan, ...]

    def __str__(self) -> str:
        return ", ".join(str(plan.error) if isinstance(plan.error, str) else repr(plan.error) for plan in self.plans)

    @property
    def _last(self) -> Error:
        return self.plans[-1].error

    @property
    def hint(self) -> str:
        return self.plans[-1].hint

    def refusal(self, call: Call) -> Refusal | None:
        """The error to answer instead of the service, or None."""
        if not isinstance(self._last, str):
            return None
        named = named_secrets(call.params)
        return ON_DEMAND[self._last].about(
            principal=call.principal,
            action=f"secretsmanager:{call.operation}",
            resource=f" on resource: {named[0]}" if len(named) == 1 else "",
        )

    @property
    def takes_effect(self) -> bool:
        return isinstance(self._last, NetworkFault) and self._last.takes_effect

    @property
    def spoiled(self) -> Spoiled:
        """The effect on the answer."""
        faults = [plan.error for plan in self.plans if isinstance(plan.error, NetworkFault)]
        latency = sum((fault.span for fault in faults if isinstance(fault, Latency)), timedelta(0))
        return Spoiled(self._last.seen if isinstance(self._last, NetworkFault) else None, latency, self.hint)


class Faults(Journaled):
    """All faults of a backend.

    :ivar plans: all that were started, in order.
    :ivar active: those that have not ended.
    """

    __slots__ = ("_seed", "active", "plans")

    def __init__(self, seed: int | str) -> None:
        self._seed = seed
        self.plans: JournaledList[Plan] = JournaledList()
        self.active: tuple[Plan, ...] = ()

    def begin(self, plan: Plan) -> None:
        plan.seed(f"{self._seed}/{len(self.plans)}")
        self.plans.append(plan)
        self.active = (*self.active, plan)

    def end(self, plan: Plan) -> None:
        self.active = tuple(one for one in self.active if one is not plan)

    def meet(self, call: Call, principal: Principal) -> Hit | None:
        """The faults that affect a call: latencies, up to and including the first other fault."""
        met: list[Plan] = []
        taken = False
        for plan in self.active:
            if taken:
                plan.comes_after(met[-1], call, principal)
            elif plan.meets(call, principal):
                met.append(plan)
                taken = not isinstance(plan.error, Latency)
        return Hit(tuple(met)) if met else None


def _names(call: Call, secret: str) -> bool:
    wanted = readings(secret)
    return any(
        one.may_be(another) for named in named_secrets(call.params) for one in readings(named) for another in wanted
    )


def _stages(call: Call) -> list[str]:
    """The staging labels that a call concerns, as far as its parameters tell."""
    params = call.params
    if "VersionStage" in params:
        return [params["VersionStage"]]
    if "VersionStages" in params:
        return list(params["VersionStages"])
    if "VersionId" in params or call.operation not in _ABOUT_CURRENT:
        return []
    has_value = not params.keys().isdisjoint(("SecretString", "SecretBinary"))
    return [AWSCURRENT] if has_value or call.operation not in _WITH_A_VALUE else []


def _fails_in_turn(sequence: tuple[int, ...], number: int) -> bool:
    place = number % sum(sequence)
    fails = cycle((True, False))
    return next(turn for turn, end in zip(fails, accumulate(sequence), strict=False) if place < end)


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))


def _shown(value: Any) -> str:
    return getattr(value, "__qualname__", None) or repr(value)
