"""Quotas of rate: how many requests a second each operation may have, and the buckets that count them."""

import math
from dataclasses import FrozenInstanceError, asdict, fields
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets.kernel.limits import Rates
from mock_secrets.operations import OPERATIONS
from mock_secrets.service.rates import Buckets

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
SECOND, MILLISECOND, MICROSECOND = timedelta(seconds=1), timedelta(milliseconds=1), timedelta(microseconds=1)
FIELDS = [field.name for field in fields(Rates)]


@pytest.fixture
def buckets():
    """Buckets of two requests a second."""
    return Buckets(Rates(create=2))


def create(buckets, at=NOON, *, account_id="123456789012", region="us-east-1"):
    return buckets.take("create", account_id, region, at)


def let_through(buckets, tries, at=NOON):
    """How many of so many requests at one instant are within their quota."""
    return sum(create(buckets, at) for _ in range(tries))


def is_within_quota_after(first, second):
    """Whether one request a second for each quota leaves room for the second of these two."""
    buckets = Buckets(Rates(**dict.fromkeys(FIELDS, 1)))
    buckets.take(first, "123456789012", "us-east-1", NOON)
    return buckets.take(second, "123456789012", "us-east-1", NOON)


# --- The numbers ---


def test_the_default_rates_are_those_that_aws_publishes():
    assert asdict(Rates()) == {
        "read": 10_000,
        "batch": 100,
        "policies": 50,
        "versions": 50,
        "rotation": 50,
        "tags": 50,
        "restore": 50,
        "create": 50,
        "delete": 50,
        "passwords": 50,
        "listing": 100,
        "version_listing": 50,
    }


@rows("rate", [1, 10_000, 0.5, 1 / 3, 1e-12, math.inf])
def test_a_rate_can_be_any_number_above_zero(rate):
    rates = dict.fromkeys(FIELDS, rate)

    assert asdict(Rates(**rates)) == rates


@rows("name", FIELDS)
@rows("rate", [0, -1, 0.0, -0.5, -math.inf, math.nan])
def test_every_rate_must_be_above_zero(name, rate):
    with pytest.raises(ValueError, match=rf"^Rates\({name}=\) must be above 0 requests per second, not {rate}$"):
        Rates(**{name: rate})


@rows("rate, kind", [("50", "str"), (None, "NoneType"), (True, "bool"), (SECOND, "timedelta")])
def test_a_non_numeric_rate_is_refused(rate, kind):
    with pytest.raises(TypeError, match=rf"^Rates\(create=\) takes a number of requests, not {kind}$"):
        Rates(create=rate)


def test_rates_are_keyword_only_and_immutable():
    with pytest.raises(TypeError):
        Rates(50)
    with pytest.raises(FrozenInstanceError):
        Rates().read = 50


# --- Which operation counts against which number ---


def test_every_operation_has_a_rate_quota_and_every_rate_quota_an_operation():
    assert {row.quota for row in OPERATIONS.values()} == set(FIELDS)


@rows("first", FIELDS)
def test_each_rate_quota_is_counted_separately(first):
    refused = {second for second in FIELDS if not is_within_quota_after(first, second)}

    assert refused == {first}


# --- What the buckets let through ---


@rows("rate, burst", [(1, 1), (2, 2), (50, 50), (2.5, 2), (1.999, 1), (0.5, 1), (1e-12, 1)])
def test_a_bucket_holds_the_requests_of_one_second_and_at_least_one(rate, burst):
    assert let_through(Buckets(Rates(create=rate)), 100) == burst


@rows(
    "passed, more",
    [
        (timedelta(0), 0),
        (500 * MILLISECOND - MICROSECOND, 0),
        (500 * MILLISECOND, 1),
        (SECOND - MICROSECOND, 1),
        (SECOND, 2),
        (timedelta(days=400), 2),
    ],
)
def test_an_empty_bucket_refills_as_time_passes(passed, more):
    buckets = Buckets(Rates(create=2))
    let_through(buckets, 2)

    assert let_through(buckets, 100, NOON + passed) == more


@rows("steps", [1, 2, 3, 500])
def test_a_bucket_refills_the_same_in_many_steps_as_in_one(steps):
    buckets = Buckets(Rates(create=2))
    let_through(buckets, 2)
    step = 500 * MILLISECOND / steps

    answers = [create(buckets, NOON + step * passed) for passed in range(1, steps)]

    assert not any(answers)
    assert create(buckets, NOON + 500 * MILLISECOND)


@rows("rate, apart", [(1 / 3, 3), (1 / 49, 49), (0.1, 10), (0.3, Fraction(10, 3)), (0.7, Fraction(10, 7))])
def test_a_rate_below_one_lets_a_request_through_each_time_it_is_due(rate, apart):
    buckets = Buckets(Rates(create=rate))
    due = [NOON + timedelta(microseconds=math.ceil(apart * 1_000_000)) * turn for turn in range(100)]

    assert all(create(buckets, at) for at in due)


def test_a_refused_request_does_not_use_up_the_quota(buckets):
    let_through(buckets, 1_000)

    assert let_through(buckets, 100, NOON + SECOND) == 2


def test_time_running_backwards_adds_and_removes_no_tokens(buckets):
    create(buckets)

    assert let_through(buckets, 100, NOON - timedelta(hours=1)) == 1
    assert let_through(buckets, 100, NOON + 500 * MILLISECOND) == 1


def test_each_account_and_each_region_has_its_own_rate_quota(buckets):
    let_through(buckets, 2)

    assert create(buckets, account_id="111122223333")
    assert create(buckets, region="eu-west-1")
    assert not create(buckets)


def test_an_infinite_rate_means_no_quota():
    assert let_through(Buckets(Rates(create=math.inf)), 1_000) == 1_000


gaps = st.lists(st.integers(min_value=0, max_value=3_000_000), max_size=60)
rates = st.integers(min_value=1, max_value=5) | st.sampled_from([0.25, 0.5, 1.5, 2.75])


@given(rate=rates, gaps=gaps)
@settings(deadline=None, derandomize=True)
def test_no_time_window_admits_more_than_its_rate_plus_one_burst(rate, gaps):
    buckets = Buckets(Rates(create=rate))
    instants = [NOON + passed * MICROSECOND for passed in accumulate(gaps)]

    through = [at for at in instants if create(buckets, at)]

    for first, since in enumerate(through):
        for count, until in enumerate(through[first:], start=1):
            window = Fraction((until - since) // MICROSECOND, 1_000_000)
            assert count <= Fraction(rate) * window + max(rate, 1)
