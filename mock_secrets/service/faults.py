"""The faults that a test has asked for: which call meets one, and what comes of it."""

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

# So many calls that a fault missed are kept, those that came nearest.
_NEAR = 5
# So much farther away is a call of another operation.
_OF_ANOTHER = 2

#: What answers in place of the service: the code of an error, or what happens on the way.
Error: TypeAlias = str | NetworkFault

# What these operations are about where they name no staging label.
_ABOUT_CURRENT = {"CreateSecret", "UpdateSecret", "PutSecretValue", "GetSecretValue", "BatchGetSecretValue"}
_WITH_A_VALUE = {"CreateSecret", "UpdateSecret"}


@dataclass(frozen=True, kw_only=True)
class Which:
    """Which calls a fault is for; None where any will do."""

    operation: str
    secret: str | None = None
    stage: str | None = None
    principal: str | None = None
    region: str | None = None
    when: Callable[[Call], object] | None = None

    def misses(self, call: Call, principal: Principal) -> list[str]:
        """Why a call is none of them; empty for one that is."""
        misses = list(self._differences(call, principal))
        if not misses and self.when is not None and not self.when(call):
            misses.append("when() says no")
        return misses

    def _differences(self, call: Call, principal: Principal) -> Iterator[str]:
        if self.operation not in (ANY_OPERATION, call.operation):
            yield f"it is not {self.operation}"
        if self.secret is not None and not _names(call, self.secret):
            yield f"it names {_listed(named_secrets(call.params)) or 'no secret'}"
        if self.stage is not None and self.stage not in _stages(call):
            yield f"it is about {_listed(_stages(call)) or 'no staging label'}"
        if self.principal is not None and self.principal not in (principal.arn, principal.issuer_arn, principal.name):
            yield f"it is made by {principal.arn}"
        if self.region not in (None, call.region):
            yield f"it is made in {call.region}"


@dataclass(frozen=True, kw_only=True)
class HowOften:
    """Which of the calls that a fault is for meet it.

    :ivar times: so many at most; None for as many as come.
    :ivar after: how many pass first.
    :ivar sequence: how many fail, how many pass, and so on in turns; None for all that fail.
    :ivar rate: how likely each is to fail.
    :ivar until: from when on none fails; None for never.
    """

    times: int | None = None
    after: int = 0
    sequence: tuple[int, ...] | None = None
    rate: float | None = None
    until: datetime | None = None

    def spares(self, number: int, fired: int, at: datetime, draw: float) -> str | None:
        """Why a call is spared, or None.

        :param number: how many calls came before it.
        :param fired: how many of them failed.
        :param draw: a number from 0 to below 1.
        """
        if self.until is not None and at >= self.until:
            return f"until {self.until:%Y-%m-%d %H:%M:%S}Z, and it is {at:%Y-%m-%d %H:%M:%S}Z"
        if self.times is not None and fired >= self.times:
            return f"times={self.times}"
        if number < self.after:
            return f"after={self.after}, and it is call {number + 1}"
        if self.sequence is not None and not _fails_in_turn(self.sequence, number - self.after):
            return f"sequence={self.sequence}, in which its turn is to pass"
        if self.rate is not None and draw >= self.rate:
            return f"rate={self.rate}, by which it was not its turn"
        return None


class NearMiss(NamedTuple):
    """A call that a fault did not fire at, and why.

    :ivar distance: how far from it: 0 for one that the fault is for.
    """

    call: Call
    misses: tuple[str, ...]
    distance: int

    def __str__(self) -> str:
        return f"{self.call!r}: {', '.join(self.misses)}"


class Plan(Journaled):
    """A fault that a test has asked for.

    :ivar given: what it was asked for with, by its name, for people.
    :ivar origin: where it began.
    :ivar calls: the calls that met it.
    :ivar seen: how many calls it was for.
    :ivar near: the calls that came nearest to it and did not meet it.
    :ivar was_judged: whether the test that began it has ended, and answered for it.
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
        """For the reader of a report, who might take it for the service's doing."""
        return f"injected: {self}, started at {self.origin}"

    def seed(self, draws: str) -> None:
        """Have the calls that a rate picks be the same on every run."""
        self._draws = draws

    def meets(self, call: Call, principal: Principal) -> bool:
        """Whether a call meets it, which then counts."""
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
        """A call was answered by a fault that began before."""
        misses = self.which.misses(call, principal)
        self._pass_by(self._missed(call, misses) if misses else NearMiss(call, (f"{taken_by} answered it before",), 0))

    def _missed(self, call: Call, misses: list[str]) -> NearMiss:
        is_of_another = self.which.operation not in (ANY_OPERATION, call.operation)
        return NearMiss(call, tuple(misses), len(misses) + (_OF_ANOTHER if is_of_another else 0))

    def _pass_by(self, missed: NearMiss) -> None:
        """Keep in mind a call that did not meet it, if it came near."""
        self.near = tuple(sorted([*self.near, missed], key=attrgetter("distance"))[:_NEAR])


class Hit(NamedTuple):
    """What a call meets.

    :ivar plans: the faults, of which the last answers in place of the service, unless it is a latency too.
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
        """The error that is answered in place of the service's answer."""
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
        """What becomes of the answer."""
        faults = [plan.error for plan in self.plans if isinstance(plan.error, NetworkFault)]
        latency = sum((fault.span for fault in faults if isinstance(fault, Latency)), timedelta(0))
        return Spoiled(self._last.seen if isinstance(self._last, NetworkFault) else None, latency, self.hint)


class Faults(Journaled):
    """All faults of a backend.

    :ivar plans: those that began, in their order.
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
        """What a call meets: latencies, and the first of the other faults, which began before the rest."""
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
    """The staging labels that a call is about, as far as it says so."""
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
