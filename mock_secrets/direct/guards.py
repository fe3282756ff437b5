"""What a test is looked at for when it ends: values of secrets in the log, and faults that never fired."""

from mock_secrets.direct.cloudtrail import Trail
from mock_secrets.direct.faults import UnfiredGuard
from mock_secrets.direct.leak_guard import LeakGuard
from mock_secrets.kernel.options import Leaks, Options, Unfired
from mock_secrets.service.path import Service


class EndGuards:
    """All that is looked at when a test ends, or a mock."""

    def __init__(self, leaks: LeakGuard, faults: UnfiredGuard) -> None:
        self.leaks = leaks
        self.faults = faults

    @classmethod
    def of(cls, service: Service, trail: Trail, options: Options) -> "EndGuards":
        """Those of a backend."""
        return cls(LeakGuard(trail, options.leaks), UnfiredGuard(service, options.unfired))

    def at_savepoint(self, leaks: Leaks | None, unfired: Unfired | None) -> "EndGuards":
        """Those of a test at a savepoint, with what it wants for itself."""
        return EndGuards(self.leaks.at_savepoint(leaks), self.faults.at_savepoint(unfired))

    def test_has_ended(self, *, failed: bool, is_shared: bool = False) -> None:
        """Look at the end of a test. One that failed has a reason.

        :param is_shared: whether the mock goes on, and so do the faults of the fixture that began it.
        :raises SecretLeaked, UnfiredFault:
        """
        __tracebackhide__ = True
        self.leaks.test_has_ended(failed=failed)
        if not is_shared:
            self.faults.test_has_ended(failed=failed)
