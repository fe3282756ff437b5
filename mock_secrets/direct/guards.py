"""The checks at the end of a test: secret values in the log, and faults that never fired."""

from mock_secrets.direct.cloudtrail import Trail
from mock_secrets.direct.faults import UnfiredGuard
from mock_secrets.direct.leak_guard import LeakGuard
from mock_secrets.kernel.options import Leaks, Options, Unfired
from mock_secrets.service.path import Service


class EndGuards:
    """The checks that are made when a test or a mock ends."""

    def __init__(self, leaks: LeakGuard, faults: UnfiredGuard) -> None:
        self.leaks = leaks
        self.faults = faults

    @classmethod
    def of(cls, service: Service, trail: Trail, options: Options) -> "EndGuards":
        """The guards of a backend."""
        return cls(LeakGuard(trail, options.leaks), UnfiredGuard(service, options.unfired))

    def at_savepoint(self, leaks: Leaks | None, unfired: Unfired | None) -> "EndGuards":
        """The guards of a test inside a savepoint, with the test's own options."""
        return EndGuards(self.leaks.at_savepoint(leaks), self.faults.at_savepoint(unfired))

    def test_has_ended(self, *, failed: bool, is_shared: bool = False) -> None:
        """Run the checks at the end of a test. One that failed already has a reason, and gets no second one.

        :param is_shared: whether the mock outlives the test; the faults of the fixture that started it do then too.
        :raises SecretLeaked, UnfiredFault: as their guards do.
        """
        __tracebackhide__ = True
        self.leaks.test_has_ended(failed=failed)
        if not is_shared:
            self.faults.test_has_ended(failed=failed)
