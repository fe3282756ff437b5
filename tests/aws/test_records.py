"""The records of CloudTrail by themselves: their shape, and what is never in them."""

import json
from base64 import b64encode
from datetime import datetime, timedelta, timezone
from uuid import UUID

from events import (
    ACCOUNT,
    ARN,
    HOST,
    NOON,
    ROLE_ARN,
    SESSION,
    TOKEN,
    api_event,
    deletion_event,
    redact,
    service_event,
    trail_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets.policy.principals import Principal

# Characters of which no record is made, nor the escapes of JSON.
values = st.text("äöüßΩλ漢字§¤", min_size=7, max_size=20)

# A Hypothesis run without a file of its findings and without a limit of time.
repeatable = settings(deadline=None, derandomize=True, max_examples=100)


def record_of(event):
    return trail_of(event)[0]


# --- Whole records ---


def expected_record(**own):
    """A record of a call, with the members that differ from call to call."""
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAANN",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/ann",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAMOCKANN",
            "userName": "ann",
        },
        "eventTime": "2026-03-01T12:00:00Z",
        "eventSource": "secretsmanager.amazonaws.com",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.10",
        "userAgent": "Boto3/1.43",
        "requestID": "7d0f3d1c-2d43-4a0e-8a43-0a5f6a7b8c9d",
        "eventID": "6a22d4d0-b745-5cfe-bfee-ad5fd953dba4",
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": HOST,
        },
        **own,
    }


@rows(
    "operation, params, response, logged_params, logged_answer, is_read",
    [
        (
            "GetSecretValue",
            {"SecretId": ARN, "VersionStage": "AWSCURRENT"},
            {"ARN": ARN, "Name": "db", "SecretString": "hunter22", "CreatedDate": NOON},
            {"secretId": ARN, "versionStage": "AWSCURRENT"},
            None,
            True,
        ),
        (
            "ListSecrets",
            {"Filters": [{"Key": "name", "Values": ["d", "e"]}], "MaxResults": 100},
            {"SecretList": []},
            {"filters": [{"key": "name", "values": ["d", "e"]}], "maxResults": 100},
            None,
            True,
        ),
        (
            "PutSecretValue",
            {"SecretId": "db", "ClientRequestToken": TOKEN, "SecretString": "hunter22"},
            {"ARN": ARN, "Name": "db", "VersionId": TOKEN, "VersionStages": []},
            {"secretId": "db", "clientRequestToken": TOKEN},
            {"arn": ARN},
            False,
        ),
        (
            "DeleteSecret",
            {"RecoveryWindowInDays": 30, "SecretId": "db"},
            {"ARN": ARN, "Name": "db", "DeletionDate": datetime(2018, 5, 3, 17, 51, 2, 345000, tzinfo=timezone.utc)},
            {"recoveryWindowInDays": 30, "secretId": "db"},
            {"aRN": ARN, "name": "db", "deletionDate": "May 3, 2018, 5:51:02 PM"},
            False,
        ),
    ],
)
def test_record_of_a_call(*, operation, params, response, logged_params, logged_answer, is_read):
    event = api_event(operation, params=params, response=response)

    assert record_of(event) == expected_record(
        eventName=operation, requestParameters=logged_params, responseElements=logged_answer, readOnly=is_read
    )


def test_record_of_a_refused_call():
    event = api_event("PutSecretValue", params={"SecretId": "db"}, response={"ARN": ARN})

    event.call.error, event.call.message = "AccessDeniedException", "User is not authorized"

    assert record_of(event) == expected_record(
        eventName="PutSecretValue",
        errorCode="AccessDenied",
        errorMessage="User is not authorized",
        requestParameters={"secretId": "db"},
        responseElements=None,
        readOnly=False,
    )


def test_record_of_a_failed_rotation():
    message = "Error when executing lambda arn:aws:lambda:us-east-1:123456789012:function:f during setSecret step"

    record = record_of(service_event(error=message))

    assert record == {
        "eventVersion": "1.08",
        "userIdentity": {"accountId": ACCOUNT, "invokedBy": "secretsmanager.amazonaws.com"},
        "eventTime": "2026-03-01T12:00:00Z",
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "RotationFailed",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "secretsmanager.amazonaws.com",
        "userAgent": "secretsmanager.amazonaws.com",
        "errorMessage": message,
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": {"SecretId": ARN},
        "requestID": f"Rotation-{ARN}-{TOKEN}",
        "eventID": "30f1b3bf-9758-5ab7-b675-1ff92257b509",
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }


# --- Members ---


def test_members_are_ordered_as_in_real_records():
    record = record_of(api_event("GetSecretValue", error="ResourceNotFoundException", message="No."))

    assert " ".join(record) == (
        "eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent"
        " errorCode errorMessage requestParameters responseElements requestID eventID readOnly eventType"
        " managementEvent recipientAccountId eventCategory tlsDetails"
    )


def test_service_event_members_are_ordered_as_in_real_records():
    record = record_of(service_event(error="No."))

    assert " ".join(record) == (
        "eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorMessage"
        " requestParameters responseElements additionalEventData requestID eventID readOnly eventType"
        " managementEvent recipientAccountId eventCategory"
    )


def test_a_role_session_is_recorded_with_its_role():
    started = datetime(2026, 3, 1, 13, 30, tzinfo=timezone(timedelta(hours=2)))

    record = record_of(api_event("ListSecrets", principal=SESSION, access_key="ASIAMOCKAPP", session_started=started))

    assert record["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": "AROAAPP:worker",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/worker",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAMOCKAPP",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAAPP",
                "arn": ROLE_ARN,
                "accountId": ACCOUNT,
                "userName": "app",
            },
            "attributes": {"creationDate": "2026-03-01T11:30:00Z", "mfaAuthenticated": "false"},
        },
    }


def test_a_role_session_with_an_unknown_start_is_dated_by_the_call():
    record = record_of(api_event("ListSecrets", principal=SESSION))

    assert record["userIdentity"]["sessionContext"]["attributes"]["creationDate"] == "2026-03-01T12:00:00Z"


def test_details_the_client_did_not_send_are_omitted():
    record = record_of(api_event("ListSecrets", access_key=None, host=""))

    assert "accessKeyId" not in record["userIdentity"]
    assert "clientProvidedHostHeader" not in record["tlsDetails"]


def test_the_recorded_account_is_the_callers():
    other = Principal(arn="arn:aws:iam::210987654321:user/bob", account_id="210987654321")

    record = record_of(api_event("GetSecretValue", principal=other, params={"SecretId": ARN}, secrets=[ARN]))

    assert record["recipientAccountId"] == "210987654321"


@rows(
    "params, expected",
    [
        ({}, None),
        ({"SecretString": "hunter22"}, None),
        ({"SecretBinary": b"hunter22"}, None),
        ({"Unheard": b"hunter22"}, None),
        ({"KmsKeyId": "k", "RotationLambdaARN": "l"}, {"kmsKeyId": "k", "rotationLambdaARN": "l"}),
        ({"Tags": [{"Key": "Team", "Value": "Core"}]}, {"tags": [{"key": "Team", "value": "Core"}]}),
        (
            {"RotationRules": {"AutomaticallyAfterDays": 30, "Duration": "3h"}},
            {"rotationRules": {"automaticallyAfterDays": 30, "duration": "3h"}},
        ),
        ({"ForceDeleteWithoutRecovery": False}, {"forceDeleteWithoutRecovery": False}),
        ({"A": redact({"B": "b", "SecretString": "s"})}, {"a": {"b": "b"}}),
        ({"A": ["a", *redact({"SecretString": "s"}).values(), b"b"]}, {"a": ["a"]}),
    ],
)
def test_a_record_shows_the_request_parameters_except_values(params, expected):
    record = record_of(api_event("CreateSecret", params=params))

    assert record["requestParameters"] == expected


@rows(
    "operation, response, expected",
    [
        ("CreateSecret", {"ARN": ARN, "Name": "db", "VersionId": TOKEN}, {"arn": ARN}),
        ("UpdateSecret", {"ARN": ARN, "Name": "db", "VersionId": TOKEN}, {"arn": ARN}),
        ("RotateSecret", {"ARN": ARN, "Name": "db", "VersionId": TOKEN}, {"arn": ARN}),
        ("StopReplicationToReplica", {"ARN": ARN}, {"arn": ARN}),
        ("TagResource", {}, None),
        ("TagResource", None, None),
        ("DescribeSecret", {"ARN": ARN, "Name": "db"}, None),
        ("GetRandomPassword", {"RandomPassword": "hunter22"}, None),
        ("ValidateResourcePolicy", {"PolicyValidationPassed": True}, None),
    ],
)
def test_a_record_shows_only_the_logged_response_elements(operation, response, expected):
    record = record_of(api_event(operation, response=response))

    assert record["responseElements"] == expected


@rows(
    "deleted, expected",
    [
        (datetime(2018, 5, 3, 17, 51, 2, tzinfo=timezone.utc), "May 3, 2018, 5:51:02 PM"),
        (datetime(2026, 12, 31, 0, 5, 9, tzinfo=timezone.utc), "Dec 31, 2026, 12:05:09 AM"),
        (datetime(2026, 1, 1, 12, 0, 0, tzinfo=timezone.utc), "Jan 1, 2026, 12:00:00 PM"),
        (datetime(2026, 2, 1, 11, 59, 59, tzinfo=timezone.utc), "Feb 1, 2026, 11:59:59 AM"),
        (datetime(2026, 2, 1, 1, 30, 0, tzinfo=timezone(timedelta(hours=2))), "Jan 31, 2026, 11:30:00 PM"),
    ],
)
def test_a_record_writes_the_deletion_date_in_words(deleted, expected):
    record = record_of(api_event("DeleteSecret", response={"ARN": ARN, "Name": "db", "DeletionDate": deleted}))

    assert record["responseElements"]["deletionDate"] == expected


@rows(
    "operation, expected",
    [
        ("BatchGetSecretValue", True),
        ("DescribeSecret", True),
        ("GetRandomPassword", True),
        ("GetResourcePolicy", True),
        ("ListSecretVersionIds", True),
        ("ValidateResourcePolicy", True),
        ("CancelRotateSecret", False),
        ("DeleteResourcePolicy", False),
        ("TagResource", False),
        ("UpdateSecretVersionStage", False),
    ],
)
def test_read_only_operations_are_marked(operation, expected):
    assert record_of(api_event(operation))["readOnly"] is expected


@rows("name", ["RotationStarted", "TestRotationSucceeded"])
def test_a_rotation_event_names_its_version(name):
    record = record_of(service_event(name))

    assert record["requestID"] == f"Rotation-{ARN}-{TOKEN}"
    assert record["additionalEventData"] == {"SecretId": ARN}
    assert "errorMessage" not in record


@rows("forced, end", [(True, ":Forced"), (False, "")])
def test_a_deletion_event_gives_the_minute_of_its_request(forced, end):
    asked_at = NOON.replace(minute=7, second=59)

    record = record_of(deletion_event("EndSecretVersionDelete", asked_at=asked_at, forced=forced))

    assert record["requestID"] == f"SecretDeleteMessage:{ARN}:2026-03-01T12:07:00Z{end}"
    assert record["additionalEventData"] == {"ARN": ARN, "Name": "db"}


def test_every_record_has_a_unique_and_stable_id():
    trail = trail_of(*[service_event("RotationFailed") for _ in range(3)], api_event("ListSecrets"))

    ids = [UUID(record["eventID"]) for record in trail]

    assert len(set(ids)) == 4
    assert ids == [UUID(record["eventID"]) for record in trail.lookup()]
    assert ids == [UUID(trail[index]["eventID"]) for index in (-4, -3, -2, -1)]


# --- Values of secrets ---


@repeatable
@given(value=values, operation=st.sampled_from(["CreateSecret", "PutSecretValue", "UpdateSecret", "GetSecretValue"]))
def test_values_of_sensitive_members_appear_nowhere(value, operation):
    raw = value.encode()
    params = {"SecretId": "db", "SecretString": value, "SecretBinary": raw, "RotationToken": value}
    response = {"ARN": ARN, "Name": "db", "SecretString": value, "SecretBinary": raw, "RandomPassword": value}
    event = api_event(operation, params=params, response=response)
    trail = trail_of(event)
    trail._log.remember(value, "db")
    trail._log.remember(raw, "db")

    shown = [
        json.dumps(list(trail), ensure_ascii=False),
        repr(event),
        repr(trail),
        repr(vars(trail)),
        repr(list(trail)),
    ]

    for hidden in (value, b64encode(raw).decode(), repr(raw)[2:-1]):
        assert not any(hidden in one for one in shown)
    assert trail.leaks() == []


def test_a_value_in_a_logged_parameter_is_a_leak():
    trail = trail_of(api_event("CreateSecret", params={"Name": "db", "Description": "It is hunter22."}))
    trail._log.remember("hunter22", "db")

    leaks = trail.leaks()

    assert [(leak.parameter, leak.secret, leak.event_id) for leak in leaks] == [
        ("description", "db", trail[0]["eventID"])
    ]
    assert trail.leaks(min_length=9) == []
