"""The trail as a test holds it: a sequence of records, what is asked of them, and the files of them."""

import gzip
import json
from datetime import timedelta, timezone

import pytest
from events import ACCOUNT, ARN, NOON, ROLE_ARN, SESSION, USER, api_event, service_event, trail_of
from tables import rows

from mock_secrets.aws.cloudtrail import EventLog
from mock_secrets.direct.cloudtrail import Trail
from mock_secrets.kernel.redaction import Values

SECOND = timedelta(seconds=1)


def names(records):
    return [record["eventName"] for record in records]


# --- The trail as a sequence ---


def test_a_trail_is_a_sequence_of_its_records_in_order():
    trail = trail_of(api_event("RotateSecret"), service_event("RotationStarted"), service_event("RotationSucceeded"))

    assert len(trail) == 3
    assert names(trail) == ["RotateSecret", "RotationStarted", "RotationSucceeded"]
    assert names(trail[1:]) == ["RotationStarted", "RotationSucceeded"]
    assert trail[-1]["eventName"] == "RotationSucceeded"
    assert trail[0] in trail
    with pytest.raises(IndexError):
        trail[3]


def test_a_trail_without_events_is_empty():
    trail = Trail(EventLog(Values()))

    assert not trail
    assert list(trail) == []
    with pytest.raises(IndexError):
        trail[0]


def test_changing_a_record_changes_only_a_copy():
    trail = trail_of(api_event("ListSecrets", params={"Filters": [{"Key": "name", "Values": ["d"]}]}))

    trail[0]["requestParameters"]["filters"][0]["values"].append("e")
    trail[0]["userIdentity"].clear()

    assert trail[0]["requestParameters"] == {"filters": [{"key": "name", "values": ["d"]}]}
    assert trail[0]["userIdentity"]["userName"] == "ann"


def test_the_later_outcome_of_a_call_is_in_its_record():
    event = api_event("GetSecretValue", params={"SecretId": "gone"})
    trail = trail_of(event)

    event.call.error, event.call.message = "ResourceNotFoundException", "Not found."
    event.secrets.append(ARN)

    assert trail[0]["errorCode"] == "ResourceNotFoundException"
    assert len(trail.lookup(secret=ARN)) == 1


def test_the_repr_of_a_trail_shows_only_numbers():
    trail = trail_of(api_event("RotateSecret"), service_event("RotationStarted"), service_event("RotationSucceeded"))
    trail._log.remember("hunter22", "db")

    assert repr(trail) == "<Trail: 1 call, 2 service events>"
    assert "hunter22" not in repr(vars(trail))


# --- Questions ---

LOOKED_AT = trail_of(
    api_event("GetSecretValue", params={"SecretId": "db"}, secrets=[ARN]),
    api_event("UpdateSecret", principal=SESSION, params={"SecretId": ARN}, secrets=[ARN], at=NOON + SECOND),
    api_event(
        "GetSecretValue",
        params={"SecretId": "gone"},
        error="AccessDeniedException",
        message="No.",
        at=NOON + 2 * SECOND,
    ),
    service_event("RotationStarted", at=NOON + 3 * SECOND),
    api_event("CreateSecret", params={"Name": "api"}, secrets=[ARN.replace("db-", "api-")], at=NOON + 4 * SECOND),
)


@rows(
    "question, expected",
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"name": "GetSecretValue"}, [0, 2]),
        ({"name": "RotationStarted"}, [3]),
        ({"name": "TagResource"}, []),
        ({"secret": "db"}, [0, 1, 3]),
        ({"secret": "api"}, [4]),
        ({"principal": USER.arn}, [0, 2, 4]),
        ({"principal": "ann"}, [0, 2, 4]),
        ({"principal": SESSION.arn}, [1]),
        ({"principal": ROLE_ARN}, [1]),
        ({"principal": "app"}, [1]),
        ({"principal": ""}, []),
        ({"error": "AccessDenied"}, [2]),
        ({"error": "AccessDeniedException"}, [2]),
        ({"error": "ResourceNotFoundException"}, []),
        ({"start": NOON + SECOND}, [1, 2, 3, 4]),
        ({"start": NOON + SECOND / 2}, [1, 2, 3, 4]),
        ({"end": NOON + SECOND}, [0, 1]),
        ({"start": NOON + SECOND, "end": NOON + 3 * SECOND}, [1, 2, 3]),
        ({"start": (NOON + 4 * SECOND).astimezone(timezone(timedelta(hours=-5)))}, [4]),
        ({"secret": "db", "principal": "ann"}, [0]),
        ({"name": "GetSecretValue", "error": "AccessDenied", "secret": "gone"}, [2]),
    ],
)
def test_lookup_returns_the_records_that_match(question, expected):
    assert LOOKED_AT.lookup(**question) == [LOOKED_AT[index] for index in expected]


OTHER_SECRET_OF_THE_NAME = ARN.replace("a1b2c3", "ZZZZZZ")
PARTIAL_ARN = ARN.removesuffix("-a1b2c3")


@rows(
    "sent, touched, asked, expected",
    [
        ("db", [ARN], "db", True),
        ("db", [ARN], ARN, True),
        ("db", [ARN], PARTIAL_ARN, True),
        (ARN, [ARN], "db", True),
        (PARTIAL_ARN, [ARN], ARN, True),
        ("db", [], "db", True),
        ("db", [], ARN, True),
        (ARN, [], "db", True),
        (ARN, [], PARTIAL_ARN, True),
        (PARTIAL_ARN, [], ARN, True),
        ("db", [ARN], "d", False),
        ("db", [ARN], "db-a1b2c3x", False),
        (ARN, [ARN], "db-a1b2c3", False),
        ("db", [ARN], OTHER_SECRET_OF_THE_NAME, False),
        (ARN, [], OTHER_SECRET_OF_THE_NAME, False),
        ("db", [], ARN.replace("us-east-1", "eu-west-1"), False),
        ("db", [], ARN.replace(ACCOUNT, "210987654321"), False),
        ("db", [ARN], ARN.replace("us-east-1", "eu-west-1"), False),
        ("db", [ARN], ARN.replace("arn:aws:", "arn:aws-cn:"), False),
        # "-secret" looks like the suffix of a complete ARN.
        ("my-secret", [], "my", False),
        ("my-secret", [], "my-secret", True),
        ("my-secret", [ARN.replace("db-", "my-secret-")], "my", False),
        ("my-secret", [ARN.replace("db-", "my-secret-")], "my-secret", True),
        ("my-secret", [ARN.replace("db-", "my-secret-")], PARTIAL_ARN.replace(":db", ":my-secret"), True),
        ({"of": "the wrong type"}, [], "db", False),
    ],
)
def test_whether_a_call_refers_to_a_secret(sent, touched, asked, expected):
    trail = trail_of(api_event("GetSecretValue", params={"SecretId": sent}, secrets=touched))

    assert bool(trail.lookup(secret=asked)) is expected


@rows(
    "asked, expected",
    [
        ("db", True),
        ("gone", True),
        ("other", False),
        (ARN, True),
        (OTHER_SECRET_OF_THE_NAME, False),
    ],
)
def test_a_batch_record_refers_to_every_listed_secret(asked, expected):
    trail = trail_of(api_event("BatchGetSecretValue", params={"SecretIdList": ["db", "gone", 3]}, secrets=[ARN]))

    assert bool(trail.lookup(secret=asked)) is expected


def test_a_list_of_the_wrong_type_refers_to_no_secret():
    trail = trail_of(api_event("BatchGetSecretValue", params={"SecretIdList": 3}))

    assert trail.lookup(secret="db") == []


def test_a_rotation_record_refers_to_its_own_secret():
    trail = trail_of(service_event("RotationStarted"))

    assert len(trail.lookup(secret=ARN)) == 1
    assert trail.lookup(secret="db-a1b2c3") == []
    assert trail.lookup(secret=OTHER_SECRET_OF_THE_NAME) == []


@rows("bound", ["start", "end"])
def test_an_instant_without_a_time_zone_is_refused(bound):
    with pytest.raises(ValueError, match=f"{bound} takes an aware datetime.*add tzinfo=timezone.utc"):
        LOOKED_AT.lookup(**{bound: NOON.replace(tzinfo=None)})


# --- Files ---


def test_each_json_line_is_one_record():
    lines = LOOKED_AT.to_json_lines()

    assert lines.endswith("\n")
    assert [json.loads(line) for line in lines.splitlines()] == list(LOOKED_AT)
    assert Trail(EventLog(Values())).to_json_lines() == ""


def test_a_file_holds_all_records(tmp_path):
    path = LOOKED_AT.write(tmp_path / "trail.json")

    assert path == tmp_path / "trail.json"
    assert json.loads(path.read_text()) == {"Records": list(LOOKED_AT)}


def test_a_gz_file_is_compressed_to_the_same_bytes_every_time(tmp_path):
    first = LOOKED_AT.write(str(tmp_path / "trail.json.gz"))
    second = LOOKED_AT.write(tmp_path / "again.json.gz")

    assert json.loads(gzip.decompress(first.read_bytes())) == {"Records": list(LOOKED_AT)}
    assert first.read_bytes() == second.read_bytes()


def test_the_directory_of_a_trail_file_must_exist(tmp_path):
    with pytest.raises(FileNotFoundError):
        LOOKED_AT.write(tmp_path / "nowhere" / "trail.json")
