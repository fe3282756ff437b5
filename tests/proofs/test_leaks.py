"""Values of secrets in logged parameters: where they are found, in which forms, and what is told of them."""

import json
from base64 import b64encode
from datetime import datetime, timezone
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets.proofs.leaks import Leak, find_leaks

PRINCIPAL = "arn:aws:iam::123456789012:user/ann"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)

# A Hypothesis run without a file of its findings and without a limit of time.
repeatable = settings(deadline=None, derandomize=True, max_examples=200)

# None of a record's own words can be in one of these.
values = st.text('§ß漢 /+%"\\\n\x00', min_size=5, max_size=20).map(lambda text: f"§{text}")
neighbours = st.text("ab §/", max_size=8)
encodings = {
    "plain": lambda text: text,
    "base64": lambda text: b64encode(text.encode()).decode(),
    "percent": lambda text: quote(text, safe=""),
    "percent but slashes": quote,
    "form": quote_plus,
    "json": lambda text: json.dumps(text)[1:-1],
    "json unescaped": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
}
places = {
    "description": lambda text: {"description": text},
    "name": lambda text: {"name": text},
    "clientRequestToken": lambda text: {"clientRequestToken": text},
    "tags[1].value": lambda text: {"tags": [{"key": "team", "value": "core"}, {"key": "note", "value": text}]},
    "tagKeys[0]": lambda text: {"tagKeys": [text]},
    "filters[0].values[1]": lambda text: {"filters": [{"key": "name", "values": ["x", text]}]},
    "secretIdList[0]": lambda text: {"secretIdList": [text]},
    "resourcePolicy": lambda text: {"secretId": "x", "resourcePolicy": text},
}


def record(params, operation="CreateSecret", event_id="e-1"):
    return {
        "eventName": operation,
        "eventTime": "2026-03-01T12:00:00Z",
        "eventID": event_id,
        "userIdentity": {"arn": PRINCIPAL},
        "requestParameters": params,
    }


def service_record():
    return record(None, "RotationFailed") | {"userIdentity": {"invokedBy": "secretsmanager.amazonaws.com"}}


def parts_found(value, logged, **options):
    return [leak.part for leak in find_leaks([record({"description": logged})], [(value, "db")], **options)]


# --- What is told ---


def test_a_leak_reports_the_caller_the_secret_and_the_place():
    tagged = record({"name": "db", "tags": [{"key": "note", "value": "pw=hunter22"}]})

    leaks = find_leaks([tagged], [('{"password": "hunter22"}', "db")])

    assert leaks == [
        Leak(
            operation="CreateSecret",
            parameter="tags[0].value",
            secret="db",
            part="password",
            principal=PRINCIPAL,
            at=NOON,
            event_id="e-1",
        )
    ]


@rows(
    "value, expected",
    [
        ("hunter22", "CreateSecret put the value of secret 'db' into description, which CloudTrail logs"),
        (
            '{"h": [{}, {"key": "hunter22"}]}',
            "CreateSecret put the value of secret 'db' (its part 'h[1].key') into description, which CloudTrail logs",
        ),
    ],
)
def test_a_leak_is_described_in_a_sentence(value, expected):
    (leak,) = find_leaks([record({"description": "hunter22"})], [(value, "db")])

    assert str(leak) == expected


@rows(
    "value, secret, expected",
    [
        ("hunter22", "prod/hunter22", ("prod/<redacted>", None)),
        ('{"hunter22": {"x": "hunter22"}}', "hunter22-db", ("<redacted>-db", "<redacted>.x")),
    ],
)
def test_a_name_containing_the_value_is_not_reported_in_full(value, secret, expected):
    (leak,) = find_leaks([record({"name": "hunter22"})], [(value, secret)])

    assert (leak.secret, leak.part) == expected


# --- What is looked for ---


@rows(
    "value, logged, expected",
    [
        ("hunter22", "hunter22", [None]),
        ("hunter22", "x-hunter22-x hunter22", [None]),
        ("hunter22", "Hunter22", []),
        ("hunter22", "", []),
        ("short", "short", []),
        ("sixsix", "sixsix", [None]),
        (b"hunter22", "hunter22", [None]),
        (b"hunter22", "aHVudGVyMjI=", [None]),
        (b"hunter22", "aHVudGVyMjI", [None]),
        (b"\xff\x00\xff\x00\xff\x00", "/wD/AP8A", [None]),
        (b"\xff\x00\xff\x00\xff", "/wD/AP8", []),
        ('{"a": "hunter22"}', "it's hunter22", ["a"]),
        (b'{"a": "hunter22"}', "it's hunter22", ["a"]),
        ('{"a": {"b": ["x", {"c": "hunter22"}]}}', "hunter22", ["a.b[1].c"]),
        ('["hunter22"]', "hunter22", ["[0]"]),
        ('{"pin": 12345678}', "12345678", ["pin"]),
        ('{"pin": 1234567.50}', "1234567.50", ["pin"]),
        ('{"a": true, "b": null}', "true null", []),
        ('{"a": "hunter22", "b": "correct horse"}', "correct horse hunter22", ["b", "a"]),
        # Once each: a part that is the whole, parts of a whole, and one text in two parts.
        ('"hunter22"', "hunter22", [None]),
        ("12345678", "12345678", [None]),
        ('{"a": "hunter22"}', 'The secret is {"a": "hunter22"}', [None]),
        ('{"a": "hunter22", "b": "hunter22"}', "hunter22", ["a"]),
        ('{"a": "hunter22"', "hunter22", []),
        ("[" * 100_000, "hunter22", []),
        ("half a pair \ud800", "half a pair \ud800", [None]),
    ],
)
def test_leaked_values_are_found(value, logged, expected):
    assert parts_found(value, logged) == expected


@rows(
    "ignore, expected",
    [
        (None, ["other", "port_name"]),
        ({"OTHER"}, ["Host.deep", "USERNAME", "port_name"]),
        ((), ["Host.deep", "USERNAME", "other", "port_name"]),
    ],
)
def test_members_that_are_not_secret_are_not_searched_for(ignore, expected):
    secret = {"Host": {"deep": "aaaaaaaa"}, "USERNAME": "bbbbbbbb", "other": "cccccccc", "port_name": "dddddddd"}
    options = {} if ignore is None else {"ignore": ignore}

    assert parts_found(json.dumps(secret), "aaaaaaaa bbbbbbbb cccccccc dddddddd", **options) == expected


@rows("min_length, expected", [(1, [None]), (5, [None]), (6, [])])
def test_the_caller_can_set_the_minimum_length(min_length, expected):
    assert parts_found("short", "a short text", min_length=min_length) == expected


@rows(
    "value, logged, expected",
    [
        ("us-east-1", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3", []),
        ("123456789012", "arn:aws:iam::123456789012:role/app", []),
        ("secret", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3", []),
        ("hunter22", "arn:aws:secretsmanager:us-east-1:123456789012:secret:hunter22-a1b2c3", [None]),
        ("123456789012", "the account is 123456789012", [None]),
        ('{"role": "arn:aws:iam::123456789012:role/app"}', 'x {"role": "arn:aws:iam::123456789012:role/app"}', [None]),
        ("arn:aws:iam::123456789012:", "arn:aws:iam::123456789012:role/app", []),
    ],
)
def test_the_region_and_account_in_an_arn_are_not_leaks(value, logged, expected):
    assert parts_found(value, logged) == expected


def test_a_value_shared_by_two_secrets_is_reported_for_both():
    leaks = find_leaks([record({"description": "hunter22"})], [("hunter22", "a"), ("hunter22", "b")])

    assert [leak.secret for leak in leaks] == ["a", "b"]


def test_two_values_of_one_secret_are_reported_once_per_parameter():
    values_of_it = [('{"password": "hunter22"}', "db"), ('{"password": "hunter22!"}', "db")]

    leaks = find_leaks([record({"description": "hunter22!"})], values_of_it)

    assert [leak.part for leak in leaks] == ["password"]


def test_a_value_that_only_starts_like_a_secret_value_is_not_found():
    leaks = find_leaks([record({"description": "hunter2 or so"})], [("hunter2", "db"), ("hunter2 or not", "api")])

    assert [leak.secret for leak in leaks] == ["db"]


def test_leaks_are_in_record_order():
    records = [
        record({"description": "correct horse"}, event_id="e-1"),
        service_record(),
        record({"name": "hunter22", "description": "hunter22"}, event_id="e-2"),
        record({"description": "correct horse"}, event_id="e-3"),
    ]

    leaks = find_leaks(records, [("hunter22", "db"), ("correct horse", "api")])

    assert [(leak.event_id, leak.parameter, leak.secret) for leak in leaks] == [
        ("e-1", "description", "api"),
        ("e-2", "name", "db"),
        ("e-2", "description", "db"),
        ("e-3", "description", "api"),
    ]


def test_nothing_leaks_without_known_values():
    assert find_leaks([record({"description": "hunter22"})], []) == []


@rows(
    "options, error, sentence",
    [
        ({"min_length": 0}, ValueError, "min_length takes a number of characters of at least 1, not 0"),
        ({"ignore": "host"}, TypeError, "use {'host'}"),
    ],
)
def test_nonsensical_options_are_refused(options, error, sentence):
    with pytest.raises(error, match=sentence):
        find_leaks([], [], **options)


# --- Wherever it is ---


@repeatable
@given(
    value=values,
    encode=st.sampled_from(sorted(encodings)),
    place=st.sampled_from(sorted(places)),
    around=st.tuples(neighbours, neighbours),
    is_part=st.booleans(),
    others=st.lists(values, max_size=5),
)
def test_a_planted_value_is_found_but_not_shown(*, value, encode, place, around, is_part, others):
    before, after = around
    planted = record(places[place](before + encodings[encode](value) + after))
    held = json.dumps({"password": value}) if is_part else value
    known = [*((other, "other") for other in others), (held, "db")]

    leaks = find_leaks([planted], known)

    assert [(leak.parameter, leak.part) for leak in leaks if leak.secret == "db"] == [
        (place, "password" if is_part else None)
    ]
    assert not any(value in text for leak in leaks for text in (str(leak), repr(leak)))


@repeatable
@given(value=values, logged=st.text("§ß漢 /+%", max_size=30))
def test_only_actual_leaks_are_found(value, logged):
    forms = [encode(value) for encode in encodings.values()]

    found = parts_found(value, logged)

    assert bool(found) == any(form in logged for form in forms)
