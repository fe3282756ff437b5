"""ListSecretVersionIds: which versions are listed, what of each, and the pages between."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.listing.versions import ids, labelled
from conformance.policies import let_in
from conformance.raw import all_versions, begin_rotation, members, snapshot
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
V5 = "55555555-5555-4555-8555-555555555555"
LIST = "ListSecretVersionIds"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_KEY = "arn:aws:kms:us-east-1:123456789012:key/5678abcd-12ab-34cd-56ef-1234567890ab"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
DEFAULT = ["DefaultEncryptionKey"]

SNAPSHOTS = "every LocalStack AWS-validated snapshot of ListSecretVersionIds"
DEPRECATED = "LocalStack AWS-validated test test_deprecated_secret_version_stage"
CYCLE = "LocalStack AWS-validated tests test_update_secret_version_stages_current_pending_cycle*"


# --- What is listed ---


@behaviour(LIST, "answers ARN, Name and Versions, and no NextToken if all are shown", "AWS-VERIFIED", SNAPSHOTS)
@behaviour(LIST, "an entry has VersionId, VersionStages, CreatedDate and KmsKeyIds", "AWS-VERIFIED", SNAPSHOTS)
@pytest.mark.mock_secrets(at=NEW_YEAR)
def test_listing_versions_returns_each_version_with_its_labels_and_keys(client, db):
    answer = client.list_secret_version_ids(SecretId="db")

    entry = {"VersionId": V1, "VersionStages": ["AWSCURRENT"], "CreatedDate": NEW_YEAR, "KmsKeyIds": DEFAULT}
    assert members(answer) == {"ARN": db, "Name": "db", "Versions": [entry]}


@behaviour(LIST, "the secret can be named by its name, ARN or partial ARN", "AWS-VERIFIED", SNAPSHOTS)
def test_versions_are_listed_by_name_arn_or_partial_arn(client, deprecated):
    answers = [members(client.list_secret_version_ids(SecretId=name)) for name in ("db", deprecated, deprecated[:-7])]

    assert answers[0] == answers[1] == answers[2]


@behaviour(LIST, "only versions with a label are listed by default", "AWS-VERIFIED", DEPRECATED)
@rows("given", [{}, {"IncludeDeprecated": False}])
def test_only_labelled_versions_are_listed(client, deprecated, given):
    answer = client.list_secret_version_ids(SecretId="db", **given)

    assert [(entry["VersionId"], entry["VersionStages"]) for entry in answer["Versions"]] == [
        (V3, ["AWSPREVIOUS"]),
        (V4, ["AWSCURRENT"]),
    ]


@behaviour(
    LIST,
    "with IncludeDeprecated, versions without a label are listed too, without VersionStages",
    "AWS-VERIFIED",
    DEPRECATED,
)
def test_deprecated_versions_are_listed_on_request(client, deprecated):
    answer = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)

    assert ids(answer["Versions"]) == [V1, V2, V3, V4]
    assert ["VersionStages" in entry for entry in answer["Versions"]] == [False, False, True, True]


@behaviour(LIST, "all labels of a version are listed", "AWS-VERIFIED", CYCLE)
def test_all_labels_are_listed(client, db):
    client.put_secret_value(
        SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSCURRENT", "AWSPENDING", "blue"]
    )

    entry = client.list_secret_version_ids(SecretId="db")["Versions"][1]

    assert set(entry["VersionStages"]) == {"AWSCURRENT", "AWSPENDING", "blue"}


@behaviour(
    LIST,
    "versions are listed in the order of their ids",
    "AWS-DOC",
    "AWS API reference, ListSecretVersionIds, sample, whose dates are not in order; recorded for DescribeSecret",
)
def test_versions_are_ordered_by_their_ids(client, five_versions):
    assert ids(client.list_secret_version_ids(SecretId="db")["Versions"]) == [V1, V2, V3, V4, V5]


@behaviour(
    LIST,
    "deprecated versions are listed among the others in that order",
    "GUESS",
    "no source; the others are in that order",
    decided_by="plain calls",
)
def test_deprecated_versions_are_listed_among_the_others(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V3)
    for version in (V1, V4, V2):
        client.update_secret(SecretId="db", SecretString=version, ClientRequestToken=version)

    assert ids(client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)["Versions"]) == [V1, V2, V3, V4]


@behaviour(LIST, "CreatedDate is the version's own", "AWS-VERIFIED", SNAPSHOTS)
@pytest.mark.mock_secrets(at=NEW_YEAR)
def test_the_date_is_that_of_the_version(client, secrets_backend, db):
    secrets_backend.clock.advance(minutes=1, milliseconds=7)
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)
    secrets_backend.clock.advance(minutes=1)
    client.update_secret_version_stage(
        SecretId="db", VersionStage="AWSCURRENT", RemoveFromVersionId=V2, MoveToVersionId=V1
    )

    dates = [entry["CreatedDate"] for entry in client.list_secret_version_ids(SecretId="db")["Versions"]]

    assert dates == [NEW_YEAR, NEW_YEAR + timedelta(minutes=1, milliseconds=7)]


@behaviour(
    LIST,
    "a secret without a value: Versions is an empty list",
    "GUESS",
    "list members of such answers are there when they are empty",
    decided_by="plain calls",
)
@rows("include", [False, True])
def test_a_secret_without_a_value_has_an_empty_list_of_versions(client, include):
    arn = client.create_secret(Name="db")["ARN"]

    answer = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=include)

    assert members(answer) == {"ARN": arn, "Name": "db", "Versions": []}


@behaviour(
    LIST,
    "the placeholder of a running rotation isn't listed before it has a value",
    "AWS-DOC",
    "text of the service's model in botocore 1.44.2",
)
@rows("include", [False, True])
def test_a_placeholder_is_not_listed(client, secrets_backend, db, include):
    begin_rotation(secrets_backend, V2)
    before = ids(all_versions(client, IncludeDeprecated=include))

    client.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V2, VersionStages=["AWSPENDING"])

    assert before == [V1]
    assert ids(all_versions(client, IncludeDeprecated=include)) == [V1, V2]


@behaviour(
    LIST,
    "the versions of a secret that is scheduled for deletion are listed with their labels",
    "GUESS",
    "its model declares no InvalidRequestException",
    decided_by="plain calls",
)
def test_a_deleted_secret_is_listed(client, deprecated):
    before = members(client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True))
    client.delete_secret(SecretId="db")

    assert members(client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)) == before


@behaviour(
    LIST,
    "works on another account's secret by its ARN, under the default key too",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_cross_account_access",
)
def test_versions_of_another_accounts_secret_can_be_listed_by_its_arn(client, secrets_backend, deprecated):
    let_in(client, "111122223333")
    stranger = secrets_backend.session(account_id="111122223333").client("secretsmanager")

    answer = stranger.list_secret_version_ids(SecretId=deprecated)

    assert members(answer) == members(client.list_secret_version_ids(SecretId="db"))


@behaviour(LIST, "listing changes nothing", "AWS-VERIFIED", SNAPSHOTS)
@pytest.mark.mock_secrets(at=NEW_YEAR)
def test_listing_changes_nothing(client, secrets_backend, deprecated):
    secrets_backend.clock.advance(hours=1)
    before = snapshot(secrets_backend)

    client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True, MaxResults=1)

    assert snapshot(secrets_backend) == before


# --- Keys ---


@behaviour(LIST, "KmsKeyIds is DefaultEncryptionKey for the default key", "AWS-VERIFIED", SNAPSHOTS)
@rows("key", [{}, {"KmsKeyId": ""}, {"KmsKeyId": "alias/aws/secretsmanager"}])
def test_the_default_key_is_listed_as_default_encryption_key(client, key):
    client.create_secret(Name="db", SecretString="one", **key)

    assert client.list_secret_version_ids(SecretId="db")["Versions"][0]["KmsKeyIds"] == DEFAULT


@behaviour(
    LIST,
    "KmsKeyIds is the customer managed key",
    "AWS-VERIFIED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian, version_age",
)
def test_listed_versions_show_their_customer_managed_key(client):
    client.create_secret(Name="db", SecretString="one", KmsKeyId=KEY)

    assert client.list_secret_version_ids(SecretId="db")["Versions"][0]["KmsKeyIds"] == [KEY]


@behaviour(LIST, "a deprecated version has KmsKeyIds too", "AWS-VERIFIED", DEPRECATED)
def test_listed_deprecated_versions_also_show_their_key(client, deprecated):
    entries = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)["Versions"]

    assert [entry["KmsKeyIds"] for entry in entries] == [DEFAULT] * 4


@behaviour(
    LIST,
    "after a change of key, the versions AWSCURRENT, AWSPENDING and AWSPREVIOUS show both keys, and others their own",
    "AWS-DOC",
    "AWS API reference, UpdateSecret, KmsKeyId; AWS User Guide, encryption",
)
def test_changing_the_key_adds_it_only_to_versions_with_aws_labels(client, deprecated):
    labelled(client, V5)
    client.update_secret_version_stage(SecretId="db", VersionStage="AWSPENDING", MoveToVersionId=V2)

    client.update_secret(SecretId="db", KmsKeyId=KEY)

    entries = all_versions(client, IncludeDeprecated=True)
    both = [*DEFAULT, KEY]
    assert {entry["VersionId"]: entry["KmsKeyIds"] for entry in entries} == {
        V1: DEFAULT,
        V2: both,
        V3: both,
        V4: both,
        V5: DEFAULT,
    }


@behaviour(
    LIST,
    "a version created with or after the change shows only the new key",
    "AWS-DOC",
    "AWS API reference, UpdateSecret, KmsKeyId",
)
def test_versions_created_after_a_key_change_show_only_the_new_key(client, db):
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2, KmsKeyId=KEY)
    client.put_secret_value(SecretId="db", SecretString="three", ClientRequestToken=V3)

    keys = {entry["VersionId"]: entry["KmsKeyIds"] for entry in all_versions(client, IncludeDeprecated=True)}

    assert keys == {V1: [*DEFAULT, KEY], V2: [KEY], V3: [KEY]}


@behaviour(
    LIST,
    "each change of key adds one to the list, unless the list has it already",
    "AWS-DOC",
    "AWS API reference, ListSecretVersionIds: the IDs of the keys that were used to encrypt it",
)
def test_changing_the_key_several_times_lists_each_key_once(client, db):
    for key in (KEY, OTHER_KEY, "", KEY):
        client.update_secret(SecretId="db", KmsKeyId=key)

    keys = client.list_secret_version_ids(SecretId="db")["Versions"][0]["KmsKeyIds"]

    assert sorted(keys) == sorted([*DEFAULT, KEY, OTHER_KEY])


# --- LastAccessedDate ---


@behaviour(LIST, "LastAccessedDate is shown only for a version that GetSecretValue has read", "AWS-VERIFIED", CYCLE)
@behaviour(
    LIST,
    "LastAccessedDate is the day of the read, at midnight UTC",
    "AWS-DOC",
    "botocore service model, SecretVersionsListEntry: 'at the date level'; recorded for DescribeSecret",
)
@pytest.mark.mock_secrets(at=NEW_YEAR + timedelta(hours=13))
def test_each_version_has_its_own_access_date(client, secrets_backend, deprecated):
    client.get_secret_value(SecretId="db", VersionId=V1)
    secrets_backend.clock.advance(days=2)
    client.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")

    entries = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)["Versions"]

    assert [entry.get("LastAccessedDate") for entry in entries] == [
        NEW_YEAR,
        None,
        NEW_YEAR + timedelta(days=2),
        None,
    ]


# --- The secret ---


@behaviour(
    LIST,
    "a secret that doesn't exist: ResourceNotFoundException",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_secret_not_found",
)
@rows("request_members", [{}, {"NextToken": "garbage"}])
def test_listing_versions_of_a_missing_secret_is_refused(client, request_members):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.list_secret_version_ids(SecretId="missing", **request_members)

    assert caught.value.response["Error"]["Message"] == "Secrets Manager can't find the specified secret."


@behaviour(
    LIST,
    "a secret's name with a forbidden character: ValidationException",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_invalid_secret_name",
)
@rows("secret_id", ["a name", "db*", "db?", "db]"])
def test_listing_versions_refuses_a_name_with_a_forbidden_character(client, secret_id):
    with pytest.raises(ClientError) as caught:
        client.list_secret_version_ids(SecretId=secret_id)

    assert caught.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following:"
        " -/_+=.@!",
    }
