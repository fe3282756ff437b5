"""``leaks="fail"``: fails a test that put the value of a secret where CloudTrail logs it."""

from mock_secrets.direct.cloudtrail import Trail
from mock_secrets.kernel.options import Leaks
from mock_secrets.proofs.leaks import Leak

_NO_LEAK = (
    'If one of them is not a secret, run this test without leaks="fail" and check'
    " backend.cloudtrail.leaks(ignore=..., min_length=...), where you can say what not to search for."
)


class SecretLeaked(AssertionError):
    """Calls put secret values where CloudTrail logs them, which ``leaks="fail"`` forbids."""


class LeakGuard:
    """Reports each leak once, and fails the test in which it happened."""

    def __init__(self, trail: Trail, wanted: Leaks | None) -> None:
        self._trail = trail
        self._wanted = wanted
        self._reported: set[Leak] = set()

    def at_savepoint(self, wanted: Leaks | None) -> "LeakGuard":
        """The guard of a test inside a savepoint. It takes over earlier leaks that this guard was to report."""
        inner = LeakGuard(self._trail, wanted or self._wanted)
        inner._reported = set(self._reported)
        if inner._wanted == "fail":
            untold = self if self._wanted == "fail" else inner
            untold._new()
        return inner

    def test_has_ended(self, *, failed: bool) -> None:
        """Look for leaks at the end of a test.

        A test that failed already has a reason; its leaks count as reported, so that the next test is not blamed.

        :raises SecretLeaked: if the test passed and ``leaks="fail"``.
        """
        __tracebackhide__ = True
        if self._wanted != "fail":
            return
        if failed:
            self._new()
        else:
            self.check()

    def check(self) -> None:
        """Fail if a value was logged since the last check.

        :raises SecretLeaked: naming each call and its parameter, but no value.
        """
        __tracebackhide__ = True
        leaks = self._new()
        if leaks:
            raise SecretLeaked("\n".join(["secret values were logged:", *(f"  {leak}" for leak in leaks), _NO_LEAK]))

    def _new(self) -> list[Leak]:
        # Reading the trail must not run due events: the test is over, and its time freezers are gone.
        leaks = [leak for leak in self._trail.leaks() if leak not in self._reported]
        self._reported.update(leaks)
        return leaks
