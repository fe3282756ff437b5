"""Reads that lag behind writes: what a caller sees of a secret that has just been changed.

That AWS's reads and lists lag behind writes is reported (hashicorp/terraform-provider-aws#10259, boto/boto3#3206,
google/go-cloud#2919). By how much, and what one caller sees after another, is a GUESS.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from mock_secrets.kernel.journal import Journaled, JournaledDict, JournaledList
from mock_secrets.model.secret import Secret

# The number of latest changes that are remembered.
_KEPT = 1000


class _Past(NamedTuple):
    """A secret as it was until a change.

    :ivar until: the time of the change.
    :ivar made: the ARN of the secret, or of the one that the change created.
    :ivar secret: a copy of the secret; None if it did not exist.
    """

    until: datetime
    name: str
    made: str
    account_id: str
    region: str
    secret: Secret | None

    def is_of(self, secret_id: str, account_id: str, region: str) -> bool:
        if secret_id.startswith("arn:"):
            return secret_id in (self.made, self.made.rpartition("-")[0])
        return (self.name, self.account_id, self.region) == (secret_id, account_id, region)


class Lag(Journaled):
    """The recent changes, and what each caller has seen of them.

    :param delay: how long a change may stay unseen.
    """

    __slots__ = ("_delay", "_pasts", "_seen")

    def __init__(self, delay: timedelta) -> None:
        self._delay = delay
        self._pasts: JournaledList[_Past] = JournaledList(most=_KEPT)
        # By caller and ARN: the time of the latest change that the caller has seen.
        self._seen: JournaledDict[tuple[str, str], datetime] = JournaledDict(ordered=False)

    def changed(self, before: Secret | None, after: Secret, at: datetime) -> None:
        """Remember a secret as it was before a change.

        :param before: a :func:`snapshot`; None if the secret did not exist.
        """
        self._pasts.append(_Past(at, after.name, after.arn, after.account_id, after.region, before))

    def seen(
        self,
        secret: Secret | None,
        secret_id: str,
        *,
        account_id: str,
        region: str,
        caller: str,
        at: datetime,
        draw: str,
    ) -> Secret | None:
        """The secret as a caller sees it: as it is now, or as it was at some point within the delay.

        A caller never sees an older state than one it has already seen.

        :param draw: the seed of the choice, the same on every run.
        """
        pasts = list(self._recent(secret_id, account_id, region, at))
        if not pasts:
            return secret
        last_seen = self._seen.get((caller, pasts[-1].made))
        unseen = [past for past in pasts if last_seen is None or past.until > last_seen]
        place = Random(draw).randint(0, len(unseen))  # noqa: S311 - reproducible on purpose, not for security
        if place:
            self._seen[caller, pasts[-1].made] = unseen[place - 1].until
        return secret if place == len(unseen) else unseen[place].secret

    def _recent(self, secret_id: str, account_id: str, region: str, at: datetime) -> Iterator[_Past]:
        return (
            past for past in self._pasts if at - past.until < self._delay and past.is_of(secret_id, account_id, region)
        )


def snapshot(secret: Secret | None) -> Secret | None:
    """A copy of a secret that is not part of the state."""
    if secret is None:
        return None
    # The copy shares the values and the primary with the original, and has no journal.
    shared: list[Any] = [version.value for version in secret.versions if version.value is not None]
    if secret.primary is not None:
        shared.append(secret.primary)
    memo: dict[int, Any] = {id(one): one for one in shared}
    memo[id(secret._journal)] = None
    return deepcopy(secret, memo)
