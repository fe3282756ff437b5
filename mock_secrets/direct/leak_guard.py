"""``leaks="fail"``: a test fails that put the value of a secret where CloudTrail logs it."""

from mock_secrets.direct.cloudtrail import Trail
from mock_secrets.kernel.options import Leaks
from mock_secrets.proofs.leaks import Leak

_NO_LEAK = (
    "If one of them is no secret: backend.cloudtrail.leaks(ignore=..., min_length=...) takes what is not to be looked for,"
    ' in a test of a mock without leaks="fail".'
)


class SecretLeaked(AssertionError):
    """Calls put values of secrets where CloudTrail logs them, and ``leaks="fail"`` asks that none does."""


class LeakGuard:
    """Tells of each leak once, and blames the test that it happened in."""

    def __init__(self, trail: Trail, wanted: Leaks | None) -> None:
        self._trail = trail
        self._wanted = wanted
        self._reported: set[Leak] = set()

    def at_savepoint(self, wanted: Leaks | None) -> "LeakGuard":
        """The guard of a test at a savepoint. What leaked before is its to tell only if this one was to tell it."""
        inner = LeakGuard(self._trail, wanted or self._wanted)
        inner._reported = set(self._reported)
        if inner._wanted == "fail":
            untold = self if self._wanted == "fail" else inner
            untold._new()
        return inner

    def test_has_ended(self, *, failed: bool) -> None:
        """Look for leaks at the end of a test. One that failed has a reason, and the next is not to blame for its leaks.

        :raises SecretLeaked: if the test did not fail, and leaks are to fail it.
        """
        __tracebackhide__ = True
        if self._wanted != "fail":
            return
        if failed:
            self._new()
        else:
            self.check()

    def check(self) -> None:
        """:raises SecretLeaked: naming each call and its parameter, and no value."""
        __tracebackhide__ = True
        leaks = self._new()
        if leaks:
            raise SecretLeaked(
                "\n".join(["values of secrets were logged:", *(f"  {leak}" for leak in leaks), _NO_LEAK])
            )

    def _new(self) -> list[Leak]:
        # What has fallen due since the last call does not happen for it: the test is over, and its freezers are gone.
        leaks = [leak for leak in self._trail.leaks() if leak not in self._reported]
        self._reported.update(leaks)
        return leaks
