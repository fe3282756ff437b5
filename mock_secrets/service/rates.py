"""The quotas of rate: the buckets that count."""

import math
from datetime import datetime, timedelta
from fractions import Fraction

from mock_secrets.kernel.journal import Journaled, JournaledDict
from mock_secrets.kernel.limits import Rates

_MICROSECOND = timedelta(microseconds=1)


class Buckets(Journaled):
    """What is left of each quota, for each account and region.

    A bucket holds one second's requests, or one where that is less, and is full at first. It fills with the time
    between the instants it is given: while time stands still it stays as it is. GUESS: AWS publishes the rates, and
    not how it counts.
    """

    __slots__ = ("_buckets", "_rates")

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._buckets: JournaledDict[tuple[str, str, str], _Bucket] = JournaledDict()

    def take(self, quota: str, account_id: str, region: str, at: datetime) -> bool:
        """Whether a request is within its quota, against which it then counts. A refused one does not.

        :param quota: the field of Rates.
        :param account_id: the account that calls, whoever's secret it is: "Secrets Manager quotas".
        """
        rate = getattr(self._rates, quota)
        if rate == math.inf:
            return True
        bucket = self._buckets.get((quota, account_id, region))
        if bucket is None:
            bucket = self._buckets[quota, account_id, region] = _Bucket(rate, at)
        return bucket.take(at)


class _Bucket(Journaled):
    """One bucket, in drops: so small that each microsecond brings a whole number, and no rounding adds up."""

    __slots__ = ("_at", "_capacity", "_left", "_per_microsecond", "_per_request")

    def __init__(self, rate: float, at: datetime) -> None:
        # The fraction that is meant: one request in three seconds by 1 / 3, which as a float is a little less.
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
