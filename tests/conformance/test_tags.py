"""TagResource and UntagResource: what becomes of the tags, and what is answered."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import let_in
from conformance.raw import members, post, replicated, snapshot
from tables import rows

from mock_secrets import Limits

TAG, UNTAG = "TagResource", "UntagResource"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
NOT_FOUND = "Secrets Manager can't find the specified secret."
MARKED = "You can't perform this operation on the secret because it was marked for deletion."
SYSTEM_TAG = "You can't modify system tags. Tag key: 'aws:mine'."
BAD_NAME = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"

MODEL = "botocore service model"
NO_SUCH_SECRET = "botocore service model, the errors of the operation; the sentence is recorded for other operations"
QUOTAS = "AWS General Reference, tag restrictions"
SECRET_TAGS = "LocalStack AWS-validated test test_secret_tags"
DELETED = "LocalStack AWS-validated test test_tag_untag_resource_on_deleted_secret"
CROSS_ACCOUNT = "LocalStack AWS-validated test test_cross_account_access"
INVALID_NAME = "LocalStack AWS-validated test test_invalid_secret_name"
TAG_LOG = "debug log in GitHub hashicorp/terraform-provider-aws#43073"
TAG_DATES = "recorded responses in GitHub cloud-custodian/cloud-custodian, set_tag"

_CALLS = {
    "tag": lambda client, secret_id: client.tag_resource(SecretId=secret_id, Tags=pairs({"new": "1"})),
    "untag": lambda client, secret_id: client.untag_resource(SecretId=secret_id, TagKeys=["team"]),
}


each_operation = rows("call", _CALLS)


def pairs(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def shown(client, secret_id="db"):
    """The tags as DescribeSecret shows them; None where there is no such member."""
    return client.describe_secret(SecretId=secret_id).get("Tags")


# --- Tags ---


@behaviour(TAG, "tags are in the order in which they were first added", "AWS-VERIFIED", SECRET_TAGS)
@behaviour(TAG, "an existing key takes the new value, and keeps its place", "AWS-VERIFIED", SECRET_TAGS)
def test_tags_keep_the_order_in_which_they_were_first_added(client):
    client.create_secret(Name="db", Tags=pairs({"z": "1", "team": "core"}))

    client.tag_resource(SecretId="db", Tags=pairs({"m": "2", "z": "changed"}))
    client.tag_resource(SecretId="db", Tags=pairs({"a": "3"}))

    assert shown(client) == pairs({"z": "changed", "team": "core", "m": "2", "a": "3"})
    assert client.list_secrets()["SecretList"][0]["Tags"] == shown(client)


@behaviour(TAG, "a secret without tags can get some", "AWS-VERIFIED", SECRET_TAGS)
@behaviour(
    TAG,
    "only a key that begins with aws: is reserved",
    "AWS-DOC",
    "AWS API reference of 2021, TagResource: 'Do not use the aws: prefix in your tag names'",
)
@rows(
    "key, value", [("tag1", "one"), ("tag2", ""), *((key, "x") for key in ("aws", "awsome", "my:aws:key", "aws-mine"))]
)
def test_a_secret_without_tags_can_be_tagged(client, key, value):
    client.create_secret(Name="db")

    client.tag_resource(SecretId="db", Tags=pairs({key: value}))

    assert shown(client) == pairs({key: value})


@behaviour(
    UNTAG,
    "removes the tags with these keys, and keeps the others in order",
    "AWS-VERIFIED",
    SECRET_TAGS,
    shown_by=("some of several",),
)
@behaviour(
    UNTAG,
    "after the last tag is removed, DescribeSecret shows an empty list",
    "AWS-VERIFIED",
    SECRET_TAGS,
    shown_by=("the last",),
)
@behaviour(
    UNTAG,
    "a key that doesn't exist is no error",
    "AWS-DOC",
    MODEL,
    shown_by=("others than there are", "of an empty list", "of none at all"),
)
@behaviour(UNTAG, "keys are case-sensitive", "AWS-DOC", MODEL, shown_by=("others than there are",))
@rows(
    "given, removed, left",
    {
        "some of several": (pairs({"d": "1", "c": "2", "b": "3", "a": "4"}), ["a", "c"], pairs({"d": "1", "b": "3"})),
        "the last": (pairs({"team": "core"}), ["team"], []),
        "others than there are": (pairs({"team": "core"}), ["missing", "Team", "tea"], pairs({"team": "core"})),
        "of an empty list": ([], ["team"], []),
        "of none at all": (None, ["team"], None),
    },
)
def test_untagging_removes_only_the_given_keys(client, given, removed, left):
    client.create_secret(Name="db", **({} if given is None else {"Tags": given}))

    client.untag_resource(SecretId="db", TagKeys=removed)

    assert shown(client) == left


@behaviour(
    UNTAG, "a tag that is removed and added again comes last", "GUESS", "order of addition", decided_by="plain calls"
)
def test_a_tag_removed_and_added_again_comes_last(client):
    client.create_secret(Name="db", Tags=pairs({"a": "1", "b": "2"}))

    client.untag_resource(SecretId="db", TagKeys=["a"])
    client.tag_resource(SecretId="db", Tags=pairs({"a": "3"}))

    assert shown(client) == pairs({"b": "2", "a": "3"})


@behaviour(TAG, "keys are case-sensitive", "AWS-DOC", MODEL)
def test_tag_keys_are_case_sensitive(client):
    client.create_secret(Name="db", Tags=pairs({"team": "core"}))

    client.tag_resource(SecretId="db", Tags=pairs({"Team": "web"}))

    assert shown(client) == pairs({"team": "core", "Team": "web"})


@behaviour(TAG, "LastChangedDate moves", "AWS-VERIFIED", TAG_DATES)
@behaviour(UNTAG, "LastChangedDate moves", "AWS-VERIFIED", TAG_DATES)
@pytest.mark.mock_secrets(at=NOON)
@each_operation
def test_tag_changes_update_the_last_changed_date(client, secrets_backend, call):
    client.create_secret(Name="db", SecretString="one", Tags=pairs({"team": "core"}))
    secrets_backend.clock.advance(seconds=39)

    call(client, "db")

    described = client.describe_secret(SecretId="db")
    assert described["LastChangedDate"] == NOON + timedelta(seconds=39)
    assert described["CreatedDate"] == NOON
    assert "LastAccessedDate" not in described


@behaviour(TAG, "works on another account's secret by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
@behaviour(UNTAG, "works on another account's secret by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
def test_another_accounts_secret_can_be_tagged_and_untagged(client, stranger, secrets_backend):
    arn = secrets_backend.create("db", "one", account_id="111122223333", tags={"team": "core"}).arn
    let_in(stranger, "123456789012")

    client.tag_resource(SecretId=arn, Tags=pairs({"tag1": "value1"}))
    client.untag_resource(SecretId=arn, TagKeys=["team"])

    assert secrets_backend.secret(arn, account_id="111122223333").tags == {"tag1": "value1"}


# --- Answers ---


@behaviour(TAG, "answers 200 with an empty body", "REPORTED", TAG_LOG)
@behaviour(UNTAG, "answers 200 with an empty body", "REPORTED", TAG_LOG)
@rows("operation, request_members", [(TAG, {"Tags": pairs({"a": "b"})}), (UNTAG, {"TagKeys": ["team", "missing"]})])
def test_tagging_and_untagging_return_an_empty_body(secrets_backend, operation, request_members):
    secrets_backend.create("db", "one", tags={"team": "core"})

    answer = post(operation, {"SecretId": "db", **request_members})

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == "0"
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert answer.headers["x-amzn-RequestId"]


@behaviour(TAG, "a client gets only the metadata of the response", "AWS-VERIFIED", SECRET_TAGS)
@behaviour(UNTAG, "a client gets only the metadata of the response", "AWS-VERIFIED", SECRET_TAGS)
@each_operation
def test_a_client_response_has_no_members(client, secrets_backend, call):
    secrets_backend.create("db", "one", tags={"team": "core"})

    answer = call(client, "db")

    assert members(answer) == {}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


# --- States of the secret ---


@behaviour(
    TAG,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-DOC",
    NO_SUCH_SECRET,
    shown_by=("a missing one",),
)
@behaviour(
    UNTAG,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-DOC",
    NO_SUCH_SECRET,
    shown_by=("a missing one",),
)
@behaviour(
    TAG,
    "a SecretId with a forbidden character: ValidationException",
    "AWS-VERIFIED",
    INVALID_NAME,
    shown_by=("an impossible one",),
)
@behaviour(
    UNTAG,
    "a SecretId with a forbidden character: ValidationException",
    "AWS-VERIFIED",
    INVALID_NAME,
    shown_by=("an impossible one",),
)
@rows(
    "secret_id, code, sentence",
    {
        "a missing one": ("missing", "ResourceNotFoundException", NOT_FOUND),
        "an impossible one": ("a name", "ValidationException", BAD_NAME),
    },
)
@each_operation
def test_tagging_or_untagging_a_missing_or_impossible_secret_is_an_error(client, call, secret_id, code, sentence):
    with pytest.raises(ClientError) as caught:
        call(client, secret_id)

    assert caught.value.response["Error"] == {"Code": code, "Message": sentence}


@behaviour(TAG, "a secret scheduled for deletion: InvalidRequestException", "AWS-VERIFIED", DELETED)
@behaviour(UNTAG, "a secret scheduled for deletion: InvalidRequestException", "AWS-VERIFIED", DELETED)
@each_operation
def test_changing_tags_of_a_scheduled_secret_is_refused(client, secrets_backend, call):
    secrets_backend.create("db", "one", tags={"team": "core"})
    client.delete_secret(SecretId="db")
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        call(client, "db")

    assert caught.value.response["Error"]["Message"] == MARKED
    assert snapshot(secrets_backend) == before


@behaviour(
    TAG,
    "a replica: InvalidParameterException",
    "GUESS",
    "DeleteSecret and PutResourcePolicy are reported",
    decided_by="a second Region",
)
@behaviour(
    UNTAG,
    "a replica: InvalidParameterException",
    "GUESS",
    "DeleteSecret and PutResourcePolicy are reported",
    decided_by="a second Region",
)
@each_operation
def test_tagging_or_untagging_a_replica_is_refused(client, secrets_backend, call):
    secrets_backend.create("db", "one", tags={"team": "core"})
    replicated(secrets_backend)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        call(client, "db")

    assert snapshot(secrets_backend) == before


@behaviour(TAG, "a primary's tags are copied to its replicas", "AWS-DOC", "AWS User Guide, multi-Region secrets")
@behaviour(UNTAG, "a removed tag is removed from the replicas too", "AWS-DOC", "AWS User Guide, multi-Region secrets")
def test_tag_changes_reach_the_replicas(client, secrets_backend):
    client.create_secret(Name="db", Tags=pairs({"team": "core"}), AddReplicaRegions=[{"Region": "eu-west-1"}])

    client.tag_resource(SecretId="db", Tags=pairs({"tag1": "value1"}))
    client.untag_resource(SecretId="db", TagKeys=["team"])

    assert secrets_backend.secret("db", region="eu-west-1").tags == {"tag1": "value1"}


# --- Limits ---


@behaviour(TAG, "a secret can have 50 tags, with keys of 128 and values of 256 characters", "AWS-DOC", QUOTAS)
def test_tags_at_the_limits_are_accepted(client):
    tags = {f"{number:0128}": "v" * 256 for number in range(50)}
    client.create_secret(Name="db", Tags=pairs({f"{0:0128}": ""}))

    client.tag_resource(SecretId="db", Tags=pairs(tags))
    client.tag_resource(SecretId="db", Tags=pairs(dict.fromkeys(tags, "changed")))

    assert shown(client) == pairs(dict.fromkeys(tags, "changed"))


@behaviour(
    TAG, "more than 50 tags: InvalidParameterException, and none is added", "GUESS", QUOTAS, decided_by="plain calls"
)
@rows("there, added", [(0, 51), (49, 2), (50, 1)])
def test_more_than_50_tags_are_refused(client, secrets_backend, there, added):
    secrets_backend.create("db", "one", tags={f"there-{number}": "" for number in range(there)})
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.tag_resource(SecretId="db", Tags=pairs({f"added-{number}": "" for number in range(added)}))

    assert snapshot(secrets_backend) == before


@behaviour(TAG, "the limit applies to the tags after the call", "AWS-DOC", QUOTAS)
@pytest.mark.mock_secrets(limits=Limits(tags_per_secret=2))
def test_removing_tags_makes_room_for_new_ones(client):
    client.create_secret(Name="db", Tags=pairs({"a": "1", "b": "2"}))

    client.untag_resource(SecretId="db", TagKeys=["a"])
    client.tag_resource(SecretId="db", Tags=pairs({"c": "3"}))

    assert shown(client) == pairs({"b": "2", "c": "3"})


@behaviour(
    TAG,
    "a key that begins with aws: is reserved: InvalidParameterException",
    "REPORTED",
    "GitHub cloud-custodian/cloud-custodian#9093",
)
def test_a_system_tag_is_refused(client, secrets_backend):
    secrets_backend.create("db", "one", tags={"team": "core"})
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.tag_resource(SecretId="db", Tags=pairs({"team": "web", "aws:mine": "x"}))

    assert caught.value.response["Error"]["Message"] == SYSTEM_TAG
    assert snapshot(secrets_backend) == before


@behaviour(
    TAG,
    "the same key twice in a request, or a tag without a key: InvalidParameterException",
    "GUESS",
    QUOTAS,
    decided_by="plain calls",
)
@rows(
    "wrong",
    [
        [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}],
        [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}, {"Key": "a", "Value": "1"}],
        [{"Key": "a", "Value": "1"}, {"Value": "2"}],
    ],
)
def test_duplicate_tag_keys_and_tags_without_a_key_are_refused(client, secrets_backend, wrong):
    secrets_backend.create("db", "one", tags={"team": "core"})
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.tag_resource(SecretId="db", Tags=wrong)

    assert snapshot(secrets_backend) == before


@behaviour(TAG, "a key outside 1 to 128 characters, or a value of more than 256: ValidationException", "AWS-DOC", MODEL)
@behaviour(UNTAG, "a key outside 1 to 128 characters: ValidationException", "AWS-DOC", MODEL)
@behaviour(TAG, "no Tags: ValidationException", "AWS-DOC", MODEL)
@behaviour(UNTAG, "no TagKeys: ValidationException", "AWS-DOC", MODEL)
@rows(
    "operation, request_members",
    [
        ("tag_resource", {"Tags": pairs({"": "1"})}),
        ("tag_resource", {"Tags": pairs({"a": "1", "k" * 129: "1"})}),
        ("tag_resource", {"Tags": pairs({"a": "v" * 257})}),
        ("tag_resource", {}),
        ("untag_resource", {"TagKeys": ["team", ""]}),
        ("untag_resource", {"TagKeys": ["team", "k" * 129]}),
        ("untag_resource", {}),
    ],
)
def test_tags_not_allowed_by_the_model_are_refused(unchecked, secrets_backend, operation, request_members):
    secrets_backend.create("db", "one", tags={"team": "core"})
    before = snapshot(secrets_backend)

    with pytest.raises(ClientError) as caught:
        getattr(unchecked, operation)(SecretId="db", **request_members)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert snapshot(secrets_backend) == before
