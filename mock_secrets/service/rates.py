"""The rate quotas, as token buckets."""

import math
from datetime import datetime, timedelta
from fractions import Fraction

from mock_secrets.kernel.journal import Journaled, JournaledDict
from mock_secrets.kernel.limits import Rates

_MICROSECOND = timedelta(microseconds=1)


class Buckets(Journaled):
    """What is left of each quota, by account and region.

    A bucket holds the requests of one second, but at least one request, and starts full. It refills with the service
    clock: while time stands still it does not. GUESS: AWS publishes the rates, but not how it counts.
    """

    __slots__ = ("_buckets", "_rates")

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._buckets: JournaledDict[tuple[str, str, str], _Bucket] = JournaledDict()

    def take(self, quota: str, account_id: str, region: str, at: datetime) -> bool:
        """Return whether a request is within its quota. Only then does it count against it.

        :param quota: the field of Rates.
        :param account_id: the calling account, whoever owns the secret (source: "Secrets Manager quotas").
        """
        rate = getattr(self._rates, quota)
        if rate == math.inf:
            return True
        bucket = self._buckets.get((quota, account_id, region))
        if bucket is None:
            bucket = self._buckets[quota, account_id, region] = _Bucket(rate, at)
        return bucket.take(at)


class _Bucket(Journaled):
    """One bucket, counted in units so small that each microsecond adds a whole number, without rounding errors."""

    __slots__ = ("_at", "_capacity", "_left", "_per_microsecond", "_per_request")

    def __init__(self, rate: float, at: datetime) -> None:
        # The intended fraction: 1 / 3 means one request in three seconds, but as a float it is a little less.
        exact = Fraction(rate).limit_denominator(10**9)
        self._per_microsecond = exact.numerator
        self._per_request = exact.denominator * 10**6
        self._capacity = self._left = max(self._per_microsecond * 10**6, self._per_request)
        self._at = at

    def take(self, at: datetime) -> bool:
        if at > self._at:
            poured = (at - self._at) // _MICROSECOND * self._per_microsecond
            self._left = min(self._left + poured, self._capacity)
            self._at = at
        if self._left < self._per_request:
            return False
        self._left -= self._per_request
        return True
