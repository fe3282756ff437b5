"""Throttling: how many calls a second are answered, by operation, account and region."""

import math
from datetime import datetime, timedelta, timezone

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conformance.callers import ALSO, CALLS, code_of
from conformance.fidelity import behaviour
from conformance.raw import post, snapshot
from conformance.rotation_functions import NAME, Template
from tables import rows

from mock_secrets import Limits, Rates
from mock_secrets.operations import OPERATIONS

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
OTHER_ACCOUNT = "111122223333"
THROTTLED = "ThrottlingException"
ONCE = Config(retries={"total_max_attempts": 1})

QUOTAS = {name: row.quota for name, row in OPERATIONS.items() if name in CALLS}

THROTTLING = "Quotas: rate of calls"
QUOTA = "AWS Secrets Manager User Guide, quotas"
RUNBOOKS = 'runbooks that quote "ThrottlingException" and "Rate exceeded"; AWS API reference, Common error types'
BOTOCORE = "botocore's retry handlers"
UNKNOWN = "AWS publishes the rates, but not how it counts"

pytestmark = [pytest.mark.usefixtures("without_retries"), pytest.mark.mock_secrets(at=NOON)]


def at_rates(**rates):
    return pytest.mark.mock_secrets(limits=Limits(rates=Rates(**rates)))


@pytest.fixture
def db(secrets_backend):
    return secrets_backend.create("db", "one", token=V1).arn


def describe(client, number):
    """UpdateSecret, without a new version."""
    return code_of(client, "UpdateSecret", SecretId="db", Description=str(number))


# --- The quota ---


@behaviour(THROTTLING, "nothing is throttled unless Limits(rates=) is given", "OURS", "the mock's own design")
def test_throttling_is_off_by_default(client, db):
    assert [describe(client, number) for number in range(120)] == [None] * 120


@pytest.mark.mock_secrets(limits=Limits(rotation_attempts=2))
def test_other_limits_throttle_nothing(client, db):
    assert [describe(client, number) for number in range(60)] == [None] * 60


@behaviour(THROTTLING, "too many calls: ThrottlingException, Rate exceeded, HTTP 400", "REPORTED", RUNBOOKS)
@behaviour(THROTTLING, "UpdateSecret and the operations that share its quota: 50 calls a second", "AWS-DOC", QUOTA)
@at_rates()
def test_the_51st_update_within_a_second(client, secrets_backend, db):
    answered = [describe(client, number) for number in range(50)]

    with pytest.raises(ClientError) as caught:
        client.update_secret(SecretId="db", Description="50")

    assert answered == [None] * 50
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    assert (error["Code"], error["Message"]) == (THROTTLED, "Rate exceeded")
    assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (400, 0)
    assert secrets_backend["db"].description == "49"


@at_rates()
def test_throttling_response_bytes_match(secrets_backend, db):
    for _ in range(50):
        post("RestoreSecret", {"SecretId": "db"})

    answer = post("RestoreSecret", {"SecretId": "db"})

    assert (answer.status_code, answer.content) == (
        400,
        b'{"__type":"ThrottlingException","message":"Rate exceeded"}',
    )


@behaviour(THROTTLING, "a quota counts only its own operations", "AWS-DOC", QUOTA)
@at_rates(versions=1)
def test_a_call_does_not_count_against_other_quotas(client, db):
    describe(client, 1)

    codes = {operation: code_of(client, operation, **CALLS[operation]) for operation in CALLS}

    assert {operation for operation, code in codes.items() if code == THROTTLED} == {
        operation for operation, quota in QUOTAS.items() if quota == "versions"
    }


@behaviour(THROTTLING, "the operations of one group share a quota", "AWS-DOC", QUOTA)
@rows(
    "first, second",
    [
        ("PutSecretValue", "UpdateSecret"),
        ("UpdateSecret", "UpdateSecretVersionStage"),
        ("ReplicateSecretToRegions", "PutSecretValue"),
        ("StopReplicationToReplica", "RemoveRegionsFromReplication"),
        ("DescribeSecret", "GetSecretValue"),
        ("GetResourcePolicy", "ValidateResourcePolicy"),
        ("PutResourcePolicy", "DeleteResourcePolicy"),
        ("TagResource", "UntagResource"),
        ("RotateSecret", "CancelRotateSecret"),
    ],
)
@at_rates(versions=1, read=1, policies=1, tags=1, rotation=1)
def test_a_group_shares_its_quota(client, db, first, second):
    code_of(client, first, **CALLS[first])

    assert code_of(client, second, **CALLS[second]) == THROTTLED


@behaviour(THROTTLING, "BatchGetSecretValue has its own quota", "AWS-DOC", QUOTA)
@at_rates(read=1, batch=1)
def test_a_batch_does_not_count_as_reads(client, db):
    batches = [code_of(client, "BatchGetSecretValue", SecretIdList=["db"]) for _ in range(2)]

    assert "BatchGetSecretValue" in ALSO
    assert batches == [None, THROTTLED]
    assert code_of(client, "GetSecretValue", SecretId="db") is None


@at_rates(read=math.inf, versions=1)
def test_an_infinite_rate_never_throttles(client, db):
    assert {code_of(client, "GetSecretValue", SecretId="db") for _ in range(200)} == {None}


# --- Whose quota ---


@behaviour(THROTTLING, "each account has its own quota", "AWS-DOC", QUOTA)
@at_rates(listing=1)
def test_another_account_has_its_own_rate_quota(client, secrets_backend):
    theirs = secrets_backend.session(account_id=OTHER_ACCOUNT).client("secretsmanager", config=ONCE)
    client.list_secrets()

    assert code_of(theirs, "ListSecrets") is None
    assert code_of(theirs, "ListSecrets") == code_of(client, "ListSecrets") == THROTTLED


@behaviour(THROTTLING, "a call to another account's secret counts against the caller's quota", "AWS-DOC", QUOTA)
@at_rates(read=1)
def test_a_call_across_accounts_counts_for_the_caller(client, secrets_backend):
    stored = secrets_backend.create("theirs", "one", account_id=OTHER_ACCOUNT)
    theirs = secrets_backend.session(account_id=OTHER_ACCOUNT).client("secretsmanager", config=ONCE)
    code_of(client, "DescribeSecret", SecretId=stored.arn)

    assert code_of(client, "DescribeSecret", SecretId=stored.arn) == THROTTLED
    assert code_of(theirs, "DescribeSecret", SecretId=stored.arn) is None


@behaviour(THROTTLING, "all users and roles of an account share its quota", "AWS-DOC", QUOTA)
@at_rates(passwords=1)
def test_the_users_of_an_account_share_its_quota(client, secrets_backend):
    allowed = {"Statement": {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}, "Version": "2012-10-17"}
    ann = secrets_backend.iam.create_user("ann", allowed)
    client.get_random_password()

    assert code_of(ann.client(config=ONCE), "GetRandomPassword") == THROTTLED


@behaviour(THROTTLING, "each Region has its own quota", "AWS-DOC", QUOTA)
@at_rates(passwords=1)
def test_another_region_has_its_own_rate_quota(client, secrets_backend):
    elsewhere = secrets_backend.client(region_name="eu-west-1", config=ONCE)
    client.get_random_password()

    assert code_of(elsewhere, "GetRandomPassword") is None
    assert code_of(elsewhere, "GetRandomPassword") == code_of(client, "GetRandomPassword") == THROTTLED


# --- Time ---


@behaviour(
    THROTTLING,
    "a quota refills evenly over time, up to the calls of one second",
    "GUESS",
    UNKNOWN,
    decided_by="many calls",
)
@at_rates()
def test_a_rate_quota_refills_as_the_clock_advances(client, secrets_backend, db):
    for number in range(50):
        describe(client, number)

    for passed, answered in ((0, 0), (19, 0), (1, 1), (100, 5), (60_000, 50)):
        secrets_backend.clock.advance(milliseconds=passed)
        codes = [describe(client, number) for number in range(answered + 1)]
        assert codes == [None] * answered + [THROTTLED]


@at_rates(restore=1 / 60)
def test_a_rate_below_one_a_second_refills_slowly(client, secrets_backend, db):
    restore = {"operation": "RestoreSecret", "SecretId": "db"}
    first, second = code_of(client, **restore), code_of(client, **restore)

    secrets_backend.clock.advance(seconds=59)
    third = code_of(client, **restore)
    secrets_backend.clock.advance(seconds=1)

    assert (first, second, third, code_of(client, **restore)) == (None, THROTTLED, THROTTLED, None)


@behaviour(THROTTLING, "a throttled call doesn't count", "GUESS", UNKNOWN, decided_by="many calls")
@at_rates(delete=1)
def test_a_throttled_call_does_not_count(client, secrets_backend, db):
    gone = {"SecretId": "gone", "ForceDeleteWithoutRecovery": True}
    client.delete_secret(**gone)
    for _ in range(10):
        secrets_backend.clock.advance(milliseconds=100)
        last = code_of(client, "DeleteSecret", **gone)

    assert last is None


# --- What counts ---


@behaviour(THROTTLING, "failed calls count too", "GUESS", UNKNOWN, decided_by="many calls")
@at_rates(read=2)
def test_calls_that_fail_count(secrets_backend, unchecked):
    codes = [
        code_of(unchecked, "GetSecretValue", SecretId="nothing"),
        code_of(unchecked, "GetSecretValue", SecretId=""),
        code_of(unchecked, "GetSecretValue", SecretId=""),
    ]

    assert codes == ["ResourceNotFoundException", "ValidationException", THROTTLED]


@behaviour(
    THROTTLING,
    "denied calls count, and are throttled before they are denied",
    "GUESS",
    UNKNOWN,
    decided_by="many calls",
)
@at_rates(read=1)
def test_denied_calls_count(secrets_backend, db):
    ann = secrets_backend.iam.create_user("ann").client(config=ONCE)

    codes = [code_of(ann, "GetSecretValue", SecretId="db") for _ in range(2)]

    assert codes == ["AccessDeniedException", THROTTLED]


@at_rates(create=1, versions=1, read=1)
def test_direct_access_is_not_throttled(client, secrets_backend):
    for number in range(5):
        secrets_backend.create(f"db{number}", "one").update("two")

    assert code_of(client, "CreateSecret", Name="db", SecretString="one") is None
    assert code_of(client, "UpdateSecret", SecretId="db", Description="changed") is None


@at_rates(versions=4)
def test_calls_made_by_a_rotation_function_count_toward_the_quota(client, secrets_backend, db):
    """PutSecretValue, and twice UpdateSecretVersionStage; the fourth is somebody else's."""
    arn = secrets_backend.register_rotation_lambda(NAME, Template(client, removes_pending=True))

    client.rotate_secret(SecretId="db", RotationLambdaARN=arn)

    assert [describe(client, number) for number in range(2)] == [None, THROTTLED]


@at_rates(versions=1)
def test_a_throttled_function_fails_and_is_retried(client, secrets_backend, db):
    arn = secrets_backend.register_rotation_lambda(NAME, Template(client, removes_pending=True))
    client.rotate_secret(SecretId="db", RotationLambdaARN=arn, ClientRequestToken=V2)

    (failed,) = secrets_backend["db"].rotations
    cause = failed.error.__cause__
    secrets_backend.clock.advance(minutes=10)

    assert cause.response["Error"]["Code"] == THROTTLED
    assert secrets_backend["db"].stages["AWSCURRENT"].id == V2


# --- What a throttled call does ---


# What UpdateSecret, PutSecretValue and the others would change.
CHANGES = {
    "PutSecretValue": {"SecretId": "db", "SecretString": "two", "ClientRequestToken": V2},
    "UpdateSecret": {"SecretId": "db", "SecretString": "two", "Description": "changed"},
    "UpdateSecretVersionStage": {"SecretId": "db", "VersionStage": "BLUE", "MoveToVersionId": V1},
    "TagResource": {"SecretId": "db", "Tags": [{"Key": "team", "Value": "core"}]},
    "DeleteSecret": {"SecretId": "db", "ForceDeleteWithoutRecovery": True},
    "GetSecretValue": {"SecretId": "db"},
    "RotateSecret": {"SecretId": "db", "RotationLambdaARN": f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"},
}


@behaviour(
    THROTTLING,
    "a throttled call changes nothing",
    "AWS-DOC",
    "AWS API reference, Common error types, ThrottlingException: 'The request was denied'",
)
@rows("operation", [*CHANGES])
@at_rates(versions=1, tags=1, delete=1, read=1, rotation=1)
def test_a_throttled_call_changes_nothing(client, secrets_backend, db, operation):
    function = Template(client)
    secrets_backend.register_rotation_lambda(NAME, function)
    code_of(client, operation, **{**CHANGES[operation], "SecretId": "nothing"})
    before = snapshot(secrets_backend)
    secrets_backend.clock.advance(milliseconds=1)

    code = code_of(client, operation, **CHANGES[operation])

    assert code == THROTTLED
    assert snapshot(secrets_backend) == before
    assert function.events == []


@at_rates(create=1)
def test_a_throttled_create_creates_nothing(client, secrets_backend):
    client.create_secret(Name="one")

    assert code_of(client, "CreateSecret", Name="two", SecretString="s3cret") == THROTTLED
    assert [stored.name for stored in secrets_backend] == ["one"]


@at_rates(read=1)
def test_a_throttled_call_is_listed_among_the_calls(client, secrets_backend, db):
    for _ in range(2):
        code_of(client, "GetSecretValue", SecretId="db")

    assert [made.error for made in secrets_backend.calls] == [None, THROTTLED]
    assert secrets_backend.calls[1].message == "Rate exceeded"
    assert secrets_backend.calls[1].params == {"SecretId": "db"}


# --- Retries ---


@pytest.fixture
def pauses(monkeypatch):
    """The real seconds that were slept."""
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


@behaviour(THROTTLING, "botocore retries a throttled call", "AWS-DOC", BOTOCORE)
@rows("mode", ["legacy", "standard"])
@at_rates(read=1)
def test_botocore_retries_a_throttled_call(secrets_backend, db, pauses, mode):
    client = secrets_backend.client(config=Config(retries={"total_max_attempts": 5, "mode": mode}))
    client.get_secret_value(SecretId="db")

    answer = client.get_secret_value(SecretId="db")

    assert answer["SecretString"] == "one"
    retries = answer["ResponseMetadata"]["RetryAttempts"]
    assert retries >= 1
    assert [made.attempt for made in secrets_backend.calls] == [1, *range(1, retries + 2)]
    assert secrets_backend.clock.now() - NOON >= timedelta(seconds=1)
    assert pauses == []


@at_rates(read=0.01)
def test_botocore_gives_up_on_a_throttled_call(secrets_backend, db):
    client = secrets_backend.client(config=Config(retries={"total_max_attempts": 3}))
    client.get_secret_value(SecretId="db")

    with pytest.raises(ClientError, match=r"ThrottlingException.*reached max retries: 2.*Rate exceeded"):
        client.get_secret_value(SecretId="db")


# --- Its own parameters ---


@rows("rates", [50, {"read": 1}, "Rates()", Rates, Limits(), True, timedelta(seconds=1)])
def test_rates_of_the_wrong_type_are_refused(rates):
    kind = type(rates).__name__

    with pytest.raises(TypeError, match=rf"^Limits\(rates=\) takes a mock_secrets\.Rates, not {kind}$"):
        Limits(rates=rates)


def test_rates_of_none_mean_no_throttling():
    assert Limits(rates=None) == Limits()


@rows("rate", ["50", None, True, [1]])
def test_a_rate_of_the_wrong_type_is_refused(rate):
    with pytest.raises(TypeError, match=rf"^Rates\(create=\) takes a number of requests, not {type(rate).__name__}$"):
        Rates(create=rate)


@rows("rate", [0, -1, math.nan])
def test_an_invalid_rate_is_refused(rate):
    with pytest.raises(ValueError, match=rf"^Rates\(create=\) must be above 0 requests per second, not {rate}$"):
        Rates(create=rate)


def test_an_unknown_rate_is_refused():
    with pytest.raises(TypeError, match="reads"):
        Rates(reads=1)


@behaviour(THROTTLING, "each operation belongs to a quota", "AWS-DOC", QUOTA)
@behaviour(
    THROTTLING,
    "ListResourcePolicies shares the quota of the policies, cross-account replication that of PutSecretValue",
    "GUESS",
    "the page doesn't name them",
    decided_by="many calls",
)
@behaviour(
    THROTTLING,
    "100 calls a second of ListSecrets",
    "GUESS",
    "50 in the User Guide of 2021, shared with ListSecretVersionIds",
    decided_by="many calls",
)
def test_quota_groups_match_the_documentation():
    """The numbers are in tests of their own; here, that each operation has a quota that can be named."""
    assert all(Rates(**{quota: 7}) for quota in QUOTAS.values())
