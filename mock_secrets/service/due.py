"""The timers of secrets, and what happens to a secret when its timer fires."""

from datetime import datetime
from functools import partial

from mock_secrets.aws.records import ServiceEventName, deletion_event
from mock_secrets.kernel.clock import Clock
from mock_secrets.kernel.happened import Expired
from mock_secrets.kernel.journal import Journaled, JournaledDict
from mock_secrets.model.expiry import expire
from mock_secrets.model.secret import Secret
from mock_secrets.operations.context import State
from mock_secrets.service.log import standing
from mock_secrets.service.rotator import Rotator

_ENDS: tuple[ServiceEventName, ...] = ("EndSecretVersionDelete",)
_REMOVALS: tuple[ServiceEventName, ...] = ("StartSecretVersionDelete", "EndSecretVersionDelete")


class DueTimers(Journaled):
    """The next due event of each secret, and its time."""

    __slots__ = ("_clock", "_due", "_rotator", "_state", "_waiting")

    def __init__(self, state: State, clock: Clock, rotator: Rotator) -> None:
        self._state = state
        self._clock = clock
        self._rotator = rotator
        self._due: JournaledDict[Secret, datetime] = JournaledDict(ordered=False)
        # The secrets whose rotation became due while a function was running.
        self._waiting: tuple[Secret, ...] = ()

    def watch(self, secret: Secret) -> None:
        """Set the timer for a secret's next due event."""
        due = secret.next_due(self._state.limits)
        if due is None:
            if secret in self._due:
                del self._due[secret]
        elif self._due.get(secret) != due:
            # In this order: an interrupt in between must not leave a due event without a timer.
            self._clock.call_at(due, partial(self._fire, secret, due))
            self._due[secret] = due

    def run_pending_rotation(self, secret: Secret) -> None:
        """Run the pending rotation of a secret now.

        :raises RuntimeError: if it is running in another thread and does not end.
        """
        if secret.rotation is not None and secret.rotation.is_running:
            self._clock.wait_for_others()
        if secret.rotation is not None and secret.rotation.pending is not None:
            secret.rotation.pending.due_at = self._clock.now()
            self.watch(secret)
            self._clock.run_due()

    def _fire(self, secret: Secret, due: datetime, at: datetime) -> None:
        # The event may have been rescheduled, by RestoreSecret or a moved label.
        if self._due.get(secret) != due:
            return
        watches_again = True
        # The end runs twice, in case an interrupt stops the first run halfway.
        try:
            try:
                is_there = self._state.journal.whole(self._expire, secret, at)
                watches_again = is_there and not self._puts_off(secret)
                if watches_again:
                    self._rotator.run_due(secret, at)
            finally:
                if watches_again:
                    self._watch_again(secret)
        finally:
            if watches_again:
                self._watch_again(secret)

    def _expire(self, secret: Secret, at: datetime) -> bool:
        """Remove what a secret no longer keeps, and the secret if its time has come.

        :returns: whether the secret is still there.
        """
        del self._due[secret]
        expired = expire(self._state.store, secret, at, self._state.limits)
        if expired.removed or not expired.is_there:
            self._state.note(Expired(at, tuple(expired.removed), standing(self._state.store, secret)))
        for _ in expired.removed:
            for name in _ENDS if secret.deletion_begun else _REMOVALS:
                self._state.trail.append(deletion_event(name, secret, at))
        return expired.is_there

    def _puts_off(self, secret: Secret) -> bool:
        """Whether a scheduled rotation must wait until no other function is running.

        Otherwise a function's own calls would start the rotations of all secrets with the same window, each nested in
        the previous one.
        """
        if not self._rotator.is_running or self._rotator.was_asked_for(secret):
            return False
        self._waiting = (*self._waiting, secret)
        return True

    def _watch_again(self, secret: Secret) -> None:
        for one in (*self._waiting, secret):
            self.watch(one)
        self._waiting = ()
