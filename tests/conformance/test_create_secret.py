"""CreateSecret: its answer, its first version, and a name that exists."""

import pytest
from conformance.fidelity import behaviour
from conformance.raw import at_a_quota, begin_rotation, members, snapshot
from tables import rows

from mock_secrets import Limits

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
CREATE = "CreateSecret"

EXISTS = "LocalStack AWS-validated tests test_secret_exists"
SAME_TOKEN = "moto test marked aws_verified: test_create_duplicate_secret_with_same_token"
OTHER_VALUE = "moto test marked aws_verified: test_create_different_secret_with_same_token"
OTHER_TOKEN = "moto test marked aws_verified: test_create_duplicate_secret_without_specifying_token"
EMPTY_SECRET = "LocalStack AWS-validated test test_create_secret_version_from_empty_secret"
TAGS = "AWS User Guide, quotas, for the limit; the code is that of siblings"


# --- The answer ---


@behaviour(
    CREATE,
    "without AddReplicaRegions, the answer has no ReplicationStatus",
    "AWS-VERIFIED",
    "recordings of GitHub google/go-cloud, runtimevar/awssecretsmanager",
)
def test_the_response_has_no_replication_status_without_replicas(client):
    assert "ReplicationStatus" not in client.create_secret(Name="db", SecretString="one")


@behaviour(
    CREATE,
    "with a value: answers ARN, Name and VersionId, which is the token",
    "AWS-VERIFIED",
    SAME_TOKEN,
    shown_by=("text", "bytes"),
)
@behaviour(
    CREATE,
    "without a value: answers ARN and Name, but no VersionId, although boto3 sends a token",
    "AWS-VERIFIED",
    EMPTY_SECRET,
    shown_by=("no value", "no value, but a token"),
)
@rows(
    "given, shown",
    {
        "text": ({"SecretString": "one", "ClientRequestToken": V1}, {"VersionId": V1}),
        "bytes": ({"SecretBinary": b"\x00\xff", "ClientRequestToken": V1}, {"VersionId": V1}),
        "no value": ({}, {}),
        "no value, but a token": ({"ClientRequestToken": V1}, {}),
    },
)
def test_the_response_shows_a_version_id_only_with_a_value(client, secrets_backend, given, shown):
    answer = client.create_secret(Name="db", **given)

    assert members(answer) == {"ARN": secrets_backend["db"].arn, "Name": "db", **shown}


# --- What is made ---


@behaviour(
    CREATE, "SecretBinary takes any bytes", "AWS-VERIFIED", "LocalStack AWS-validated test test_get_secret_value"
)
@rows("value", [b"\x00", bytes(range(256)), "text".encode("utf-16")])
def test_bytes_are_preserved(client, value):
    client.create_secret(Name="db", SecretBinary=value)

    assert client.get_secret_value(SecretId="db")["SecretBinary"] == value


@behaviour(CREATE, "the first version has AWSCURRENT only", "AWS-VERIFIED", "every LocalStack AWS-validated snapshot")
def test_the_first_version_has_only_awscurrent(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)

    assert client.describe_secret(SecretId="db")["VersionIdsToStages"] == {V1: ["AWSCURRENT"]}
    assert client.get_secret_value(SecretId="db")["SecretString"] == "one"


@behaviour(CREATE, "all metadata can be given together", "AWS-DOC", "AWS API reference, CreateSecret")
def test_metadata_is_stored(client):
    given = {"Description": "words", "KmsKeyId": "alias/mine", "Tags": [{"Key": "team", "Value": "core"}]}
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1, **given)

    described = client.describe_secret(SecretId="db")

    assert {name: described[name] for name in given} == given
    assert described["VersionIdsToStages"] == {V1: ["AWSCURRENT"]}


@behaviour(
    CREATE, "the same token can create versions of several secrets", "AWS-DOC", "AWS API reference, ClientRequestToken"
)
def test_a_token_belongs_to_its_secret(client):
    client.create_secret(Name="a", SecretString="one", ClientRequestToken=V1)

    answer = client.create_secret(Name="b", SecretString="two", ClientRequestToken=V1)

    assert answer["VersionId"] == V1
    assert client.get_secret_value(SecretId="a")["SecretString"] == "one"
    assert client.get_secret_value(SecretId="b")["SecretString"] == "two"


# --- A name that exists ---

VALUES = {
    "the same": {"SecretString": "one"},
    "another": {"SecretString": "two"},
    "the same as bytes": {"SecretBinary": b"one"},
    "none": {},
}
OTHER_TOKENS = {"a new token": {}, "another token": {"ClientRequestToken": V2}}
ANOTHER_TOKEN = tuple(f"{kind}, {other}" for kind in VALUES for other in OTHER_TOKENS)


@behaviour(
    CREATE,
    "a name that exists, with another token and any value: ResourceExistsException",
    "AWS-VERIFIED",
    EXISTS,
    shown_by=ANOTHER_TOKEN,
)
@behaviour(CREATE, "the same value doesn't make it succeed", "AWS-VERIFIED", OTHER_TOKEN, shown_by=ANOTHER_TOKEN)
@behaviour(
    CREATE,
    "the token of the version, with another value: ResourceExistsException, naming the token and the ARN",
    "AWS-VERIFIED",
    OTHER_VALUE,
    shown_by=("its token",),
)
@rows(
    "value, token, sentence",
    {
        **{
            f"{kind}, {other}": (value, token, "The operation failed because the secret a/db already exists.")
            for kind, value in VALUES.items()
            for other, token in OTHER_TOKENS.items()
        },
        "its token": (
            {"SecretString": "two"},
            {"ClientRequestToken": V1},
            f"You can't use ClientRequestToken {V1} because that value is already in use for a version of secret {{arn}}.",
        ),
    },
)
def test_creating_an_existing_name_is_refused(client, secrets_backend, value, token, sentence):
    arn = client.create_secret(Name="a/db", SecretString="one", ClientRequestToken=V1)["ARN"]
    before = snapshot(secrets_backend, "a/db")

    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        client.create_secret(Name="a/db", Description="new", KmsKeyId="alias/new", **value, **token)

    assert caught.value.response["Error"]["Message"] == sentence.format(arn=arn)
    assert snapshot(secrets_backend, "a/db") == before


@behaviour(CREATE, "the token of the version, with the same value: the first answer again", "AWS-VERIFIED", SAME_TOKEN)
@behaviour(
    CREATE,
    "a repeated creation ignores other metadata",
    "AWS-DOC",
    "AWS API reference, CreateSecret, ClientRequestToken: with the same value 'the request is ignored'",
)
@rows(
    "given, again",
    {
        "text": ({"SecretString": "one"}, {}),
        "bytes": ({"SecretBinary": b"one"}, {}),
        "other metadata": (
            {"SecretString": "one", "Description": "old"},
            {"Description": "new", "KmsKeyId": "alias/new", "Tags": [{"Key": "a", "Value": "b"}]},
        ),
    },
)
def test_creating_twice_with_the_same_token_returns_the_first_answer(client, secrets_backend, given, again):
    first = client.create_secret(Name="db", ClientRequestToken=V1, **given)
    before = snapshot(secrets_backend)

    second = client.create_secret(Name="db", ClientRequestToken=V1, **{**given, **again})

    assert members(second) == members(first)
    assert snapshot(secrets_backend) == before


@behaviour(
    CREATE,
    "text and the same text as bytes are two different values",
    "GUESS",
    "each kind is compared by itself",
    decided_by="plain calls",
)
def test_create_secret_tells_text_from_the_same_bytes(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)

    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        client.create_secret(Name="db", SecretBinary=b"one", ClientRequestToken=V1)

    assert "ClientRequestToken" in caught.value.response["Error"]["Message"]


@behaviour(
    CREATE,
    "the token of any version of the secret counts, even if the version is no longer current",
    "AWS-DOC",
    "AWS API reference, CreateSecret, ClientRequestToken: 'If a version with this value already exists'",
)
def test_creating_with_an_earlier_versions_token_returns_the_first_answer(client):
    first = client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    for token, value in ((V2, "two"), (V3, "three")):
        client.update_secret(SecretId="db", SecretString=value, ClientRequestToken=token)

    second = client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)

    assert members(second) == members(first)
    assert client.get_secret_value(SecretId="db")["SecretString"] == "three"


@behaviour(
    CREATE,
    "the token of a version, without a value: ResourceExistsException",
    "GUESS",
    "no value is there to be compared",
    decided_by="plain calls",
)
def test_create_secret_without_a_value_refuses_a_token_in_use(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)

    with pytest.raises(client.exceptions.ResourceExistsException) as caught:
        client.create_secret(Name="db", ClientRequestToken=V1)

    assert "already exists" in caught.value.response["Error"]["Message"]


@behaviour(
    CREATE,
    "twice without a value, with the same token: ResourceExistsException",
    "GUESS",
    "no version carries the token",
    decided_by="plain calls",
)
def test_creating_a_secret_twice_without_a_value_is_refused(client):
    client.create_secret(Name="db", ClientRequestToken=V1)

    with pytest.raises(client.exceptions.ResourceExistsException):
        client.create_secret(Name="db", ClientRequestToken=V1)


@behaviour(
    CREATE,
    "the token of a version that has no value yet: ResourceExistsException",
    "GUESS",
    "the name exists",
    decided_by="a rotation function",
)
def test_creating_with_the_token_of_a_version_without_a_value_is_refused(client, secrets_backend):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    begin_rotation(secrets_backend, V2)
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.ResourceExistsException):
        client.create_secret(Name="db", SecretString="two", ClientRequestToken=V2)

    assert snapshot(secrets_backend) == before


# --- Tags and quotas ---


@behaviour(
    "CreateSecret",
    "nobody can create a secret with the tag of an owner",
    "AWS-DOC",
    "AWS User Guide, tagging secrets; the code: GitHub cloud-custodian/cloud-custodian#9093",
)
@behaviour(
    CREATE,
    "a tag reserved for AWS: InvalidParameterException",
    "GUESS",
    "reported for TagResource",
    decided_by="plain calls",
)
@rows("key", ["aws:mine", "aws:secretsmanager:owningService"])
def test_creating_a_secret_with_an_aws_reserved_tag_is_refused(client, secrets_backend, key):
    tags = [{"Key": "team", "Value": "core"}, {"Key": key, "Value": "rds"}]

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.create_secret(Name="db", SecretString="one", Tags=tags)

    assert "db" not in secrets_backend


@behaviour(
    CREATE, "more than 50 tags, or a tag key twice: InvalidParameterException", "GUESS", TAGS, decided_by="plain calls"
)
@rows("keys", [[f"tag-{number}" for number in range(51)], ["a", "b", "a"]])
def test_creating_a_secret_with_too_many_or_duplicate_tags_is_refused(client, secrets_backend, keys):
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.create_secret(Name="db", SecretString="one", Tags=[{"Key": key, "Value": ""} for key in keys])

    assert "db" not in secrets_backend


@behaviour(CREATE, "50 tags are accepted", "AWS-DOC", "AWS User Guide, quotas")
def test_create_secret_accepts_fifty_tags(client):
    tags = [{"Key": f"tag-{number}", "Value": str(number)} for number in range(50)]

    client.create_secret(Name="db", Tags=tags)

    assert client.describe_secret(SecretId="db")["Tags"] == tags


@behaviour(CREATE, "more secrets than the Region's quota: LimitExceededException", "AWS-DOC", "AWS User Guide, quotas")
@pytest.mark.mock_secrets(limits=Limits(secrets_per_region=2))
@at_a_quota
def test_creating_more_secrets_than_the_quota_is_refused(client, elsewhere, secrets_backend):
    client.create_secret(Name="a")
    client.create_secret(Name="b")

    with pytest.raises(client.exceptions.LimitExceededException):
        client.create_secret(Name="c", SecretString="one")

    assert "c" not in secrets_backend
    assert elsewhere.create_secret(Name="c")["Name"] == "c"


@behaviour(
    CREATE,
    "at the quota of secrets, a name that exists is still reported as existing",
    "GUESS",
    "quotas come last",
    decided_by="AWS's internals",
)
@pytest.mark.mock_secrets(limits=Limits(secrets_per_region=1))
def test_the_quota_is_checked_after_the_name(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)

    with pytest.raises(client.exceptions.ResourceExistsException):
        client.create_secret(Name="db", SecretString="one")
    assert client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)["VersionId"] == V1
