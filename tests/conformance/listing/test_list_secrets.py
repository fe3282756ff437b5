"""ListSecrets: what is listed, in which order, and page by page."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import create_loader
from conformance.fidelity import behaviour
from conformance.listing.secrets import create_all, listed, where
from conformance.raw import members, post, stored
from conformance.rotation_functions import Template
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
LIST = "ListSecrets"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)

MODEL = "botocore service model"
API_REFERENCE = "AWS API reference, ListSecrets"
CLOUD_CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian"
SECRET_TAGS = "LocalStack AWS-validated test test_secret_tags"

AT_NOON = pytest.mark.mock_secrets(at=NOON)


def knows(shape, member):
    """Skip where botocore is older than the member."""
    there = create_loader().load_service_model("secretsmanager", "service-2")["shapes"][shape]["members"]
    return pytest.mark.skipif(member not in there, reason=f"botocore older than {shape}.{member}")


def on_all_pages(client, **request):
    """The names on each page in turn."""
    answer = client.list_secrets(**request)
    pages = [[entry["Name"] for entry in answer["SecretList"]]]
    while token := answer.get("NextToken"):
        answer = client.list_secrets(**request, NextToken=token)
        assert answer.get("NextToken") != token
        pages.append([entry["Name"] for entry in answer["SecretList"]])
    return pages


# --- Members ---


@behaviour(LIST, "nothing to list: an empty SecretList and no NextToken", "AWS-VERIFIED", "LocalStack, listSecrets")
def test_listing_without_secrets_returns_an_empty_list(client):
    assert members(client.list_secrets()) == {"SecretList": []}


@behaviour(
    LIST, "a minimal secret shows only ARN, Name, CreatedDate and LastChangedDate", "AWS-VERIFIED", CLOUD_CUSTODIAN
)
@AT_NOON
def test_a_bare_secret_is_listed(client):
    arn = client.create_secret(Name="db")["ARN"]

    (entry,) = client.list_secrets()["SecretList"]

    assert entry == {"ARN": arn, "Name": "db", "CreatedDate": NOON, "LastChangedDate": NOON}


@behaviour(LIST, "SecretVersionsToStages shows the labels of the versions", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@behaviour(LIST, "LastAccessedDate is the day of the last read", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@AT_NOON
def test_all_details_of_a_secret_are_listed(client, secrets_backend):
    tags = [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
    arn = client.create_secret(
        Name="db", Description="words", KmsKeyId=KEY, SecretString="one", ClientRequestToken=V1, Tags=tags
    )["ARN"]
    secrets_backend.clock.advance(hours=1)
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)
    client.get_secret_value(SecretId="db")

    (entry,) = client.list_secrets()["SecretList"]

    assert entry == {
        "ARN": arn,
        "Name": "db",
        "Description": "words",
        "KmsKeyId": KEY,
        "LastChangedDate": NOON + timedelta(hours=1),
        "LastAccessedDate": datetime(2026, 3, 1, tzinfo=timezone.utc),
        "Tags": tags,
        "SecretVersionsToStages": {V1: ["AWSPREVIOUS"], V2: ["AWSCURRENT"]},
        "CreatedDate": NOON,
    }


@behaviour(LIST, "only versions that have a label are shown", "AWS-DOC", MODEL)
def test_a_deprecated_version_is_not_listed(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)
    client.update_secret(SecretId="db", SecretString="three", ClientRequestToken=V3)

    (entry,) = client.list_secrets()["SecretList"]

    assert entry["SecretVersionsToStages"] == {V2: ["AWSPREVIOUS"], V3: ["AWSCURRENT"]}


@behaviour(LIST, "OwningService names the service that manages the secret", "AWS-VERIFIED", CLOUD_CUSTODIAN)
def test_the_owning_service_is_listed(client, secrets_backend):
    create_all(secrets_backend, "db", "events!connection/mine/0a1b")
    stored(secrets_backend, "events!connection/mine/0a1b").owning_service = "events"

    entries = client.list_secrets()["SecretList"]

    assert [entry.get("OwningService") for entry in entries] == [None, "events"]


@knows("SecretListEntry", "Type")
@behaviour(LIST, "Type is shown as it was given", "AWS-DOC", MODEL)
def test_the_type_is_listed(client):
    client.create_secret(Name="db", Type="SalesforceClientSecret")

    (entry,) = client.list_secrets()["SecretList"]

    assert entry["Type"] == "SalesforceClientSecret"


@behaviour(
    LIST,
    "RotationEnabled is absent if rotation was never configured, false once it is cancelled, true while it is on",
    "REPORTED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian; AWS PCS User Guide: CancelRotateSecret 'sets RotationEnabled to false'",
)
@behaviour(LIST, "rotation is shown as DescribeSecret shows it", "AWS-VERIFIED", CLOUD_CUSTODIAN)
def test_rotation_is_listed(client, secrets_backend):
    create_all(secrets_backend, "never", "cancelled", "on")
    function = secrets_backend.register_rotation_lambda("rotator", Template(client))
    for name in ("cancelled", "on"):
        client.rotate_secret(SecretId=name, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 7})
    client.cancel_rotate_secret(SecretId="cancelled")

    entries = client.list_secrets()["SecretList"]

    assert [entry.get("RotationEnabled") for entry in entries] == [None, False, True]
    assert entries[2].keys() > {"RotationLambdaARN", "RotationRules", "LastRotatedDate", "NextRotationDate"}
    for entry in entries:
        described = members(client.describe_secret(SecretId=entry["Name"]))
        described["SecretVersionsToStages"] = described.pop("VersionIdsToStages")
        assert entry == described


@behaviour(LIST, "Tags is absent until tags are set", "AWS-VERIFIED", SECRET_TAGS)
@behaviour(LIST, "Tags is an empty list after the last tag was removed", "AWS-VERIFIED", CLOUD_CUSTODIAN)
def test_tags_are_listed_once_set(client):
    client.create_secret(Name="never")
    client.create_secret(Name="emptied", Tags=[{"Key": "team", "Value": "core"}])
    client.untag_resource(SecretId="emptied", TagKeys=["team"])

    never, emptied = client.list_secrets()["SecretList"]

    assert "Tags" not in never
    assert emptied["Tags"] == []


@behaviour(LIST, "a primary that has replicas shows PrimaryRegion", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@behaviour(LIST, "ReplicationStatus is never shown, although DescribeSecret shows it", "AWS-VERIFIED", CLOUD_CUSTODIAN)
def test_replication_is_listed_by_its_primary_region_only(client):
    client.create_secret(Name="db", AddReplicaRegions=[{"Region": "eu-west-1"}])

    (entry,) = json.loads(post("ListSecrets", {}).content)["SecretList"]

    assert entry["PrimaryRegion"] == "us-east-1"
    assert "ReplicationStatus" not in entry
    assert "ReplicationStatus" in client.describe_secret(SecretId="db")


@behaviour(LIST, "a replica is listed in its Region, under its own ARN", "AWS-DOC", "AWS User Guide, replication")
def test_a_replica_is_listed_under_its_own_arn(client, secrets_backend):
    arn = client.create_secret(Name="db", AddReplicaRegions=[{"Region": "eu-west-1"}])["ARN"]

    (entry,) = secrets_backend.session(region="eu-west-1").client("secretsmanager").list_secrets()["SecretList"]

    assert entry["ARN"] == arn.replace("us-east-1", "eu-west-1")
    assert entry["PrimaryRegion"] == "us-east-1"


# --- What is listed ---


@behaviour(LIST, "a secret scheduled for deletion is listed only with IncludePlannedDeletion", "AWS-DOC", MODEL)
@rows(
    "request_members, names",
    [
        ({}, ["kept"]),
        ({"IncludePlannedDeletion": False}, ["kept"]),
        ({"IncludePlannedDeletion": True}, ["scheduled", "kept"]),
        ({"IncludePlannedDeletion": True, "Filters": [where("name", "sch")]}, ["scheduled"]),
        ({"Filters": [where("name", "sch")]}, []),
    ],
)
def test_planned_deletions_are_listed_on_request(client, secrets_backend, request_members, names):
    create_all(secrets_backend, "scheduled", "kept")
    client.delete_secret(SecretId="scheduled")

    assert listed(client, **request_members) == names


@behaviour(LIST, "an entry of a secret scheduled for deletion shows DeletedDate", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@AT_NOON
def test_the_date_of_deletion_is_listed(client, secrets_backend):
    secrets_backend.create("db", "one")
    client.delete_secret(SecretId="db")

    (entry,) = client.list_secrets(IncludePlannedDeletion=True)["SecretList"]

    assert entry["DeletedDate"] == NOON


@behaviour(LIST, "a secret is no longer listed when its recovery window has ended", "AWS-DOC", MODEL)
def test_a_deleted_secret_is_not_listed(client, secrets_backend):
    create_all(secrets_backend, "forced", "waited", "restored", "kept")
    client.delete_secret(SecretId="forced", ForceDeleteWithoutRecovery=True)
    client.delete_secret(SecretId="waited", RecoveryWindowInDays=7)
    client.delete_secret(SecretId="restored", RecoveryWindowInDays=7)
    client.restore_secret(SecretId="restored")

    secrets_backend.clock.advance(days=7)

    assert listed(client) == ["restored", "kept"]
    assert listed(client, IncludePlannedDeletion=True) == ["restored", "kept"]


@behaviour(
    LIST,
    "only secrets of the caller's account and Region are listed, even if a resource policy allows more",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_cross_account_access",
)
def test_only_own_secrets_are_listed(client, secrets_backend):
    secrets_backend.create("theirs", "one", account_id="111122223333")
    secrets_backend.create("elsewhere", "one", region="eu-west-1")
    secrets_backend.create("mine", "one")
    policy = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "*", "Resource": "*"}
    secrets_backend.session(account_id="111122223333").client("secretsmanager").put_resource_policy(
        SecretId="theirs", ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    )

    assert listed(client) == ["mine"]


# --- Order ---


@behaviour(LIST, "the secret that was created first comes first", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@rows("seconds", [0, 1])
@AT_NOON
def test_the_oldest_comes_first(client, secrets_backend, seconds):
    for name in ("c", "a", "d", "b"):
        client.create_secret(Name=name)
        secrets_backend.clock.advance(seconds=seconds)
    client.delete_secret(SecretId="a", ForceDeleteWithoutRecovery=True)
    client.create_secret(Name="a")

    assert listed(client) == ["c", "d", "b", "a"]


_ORDERS = {"created-date": "bca", "name": "abc", "last-changed-date": "cab", "last-accessed-date": "acb"}


@pytest.fixture
def ordered_by_everything(secrets_backend):
    """Secrets whose order is another by each of their dates, and by name."""
    clock, client = secrets_backend.clock, secrets_backend.client()
    for name in _ORDERS["created-date"]:
        client.create_secret(Name=name, SecretString="one")
        clock.advance(days=1)
    for name in _ORDERS["last-changed-date"]:
        client.update_secret(SecretId=name, SecretString="two")
        clock.advance(milliseconds=1)
    for name in _ORDERS["last-accessed-date"]:
        client.get_secret_value(SecretId=name)
        clock.advance(days=1)


@knows("ListSecretsRequest", "SortBy")
@behaviour(LIST, "SortBy is created-date and SortOrder asc by default", "AWS-DOC", API_REFERENCE)
@rows("sort_by", [None, *_ORDERS])
@rows("sort_order", [None, "asc", "desc"])
@AT_NOON
def test_the_requested_order_is_used(client, ordered_by_everything, sort_by, sort_order):
    request = {"SortBy": sort_by, "SortOrder": sort_order}
    expected = list(_ORDERS[sort_by or "created-date"])

    names = listed(client, **{member: value for member, value in request.items() if value is not None})

    assert names == (expected[::-1] if sort_order == "desc" else expected)


@knows("ListSecretsRequest", "SortBy")
@behaviour(
    LIST,
    "by last-accessed-date, a secret that was never read comes first",
    "GUESS",
    "no source",
    decided_by="plain calls",
)
def test_secrets_never_read_come_first(client, secrets_backend):
    create_all(secrets_backend, "read", "unread")
    client.get_secret_value(SecretId="read")

    assert listed(client, SortBy="last-accessed-date") == ["unread", "read"]


@knows("ListSecretsRequest", "SortBy")
@behaviour(LIST, "another SortBy or SortOrder: ValidationException", "AWS-DOC", MODEL)
@rows("request_members", [{"SortBy": "CreatedDate"}, {"SortOrder": "ascending"}])
def test_an_unknown_sort_order_is_refused(client, request_members):
    with pytest.raises(ClientError) as caught:
        client.list_secrets(**request_members)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


# --- Pages ---


@behaviour(LIST, "a page has MaxResults secrets, and a NextToken if there are more", "AWS-DOC", API_REFERENCE)
@rows(
    "size, pages",
    [
        (1, [["e"], ["d"], ["c"], ["b"]]),
        (2, [["e", "d"], ["c", "b"]]),
        (3, [["e", "d", "c"], ["b"]]),
        (4, [["e", "d", "c", "b"]]),
        (100, [["e", "d", "c", "b"]]),
    ],
)
def test_pages_cover_every_secret_once(client, secrets_backend, size, pages):
    create_all(secrets_backend, *"edcb")

    assert on_all_pages(client, MaxResults=size) == pages


@behaviour(
    LIST,
    "a page has up to 100 secrets if MaxResults is not given",
    "GUESS",
    "the largest MaxResults",
    decided_by="many calls",
)
def test_a_page_has_100_secrets(client, secrets_backend):
    create_all(secrets_backend, *[f"{number}" for number in range(101)])

    assert [len(page) for page in on_all_pages(client)] == [100, 1]


@behaviour(LIST, "botocore's paginator goes through all pages", "AWS-DOC", "botocore paginators")
def test_the_paginator_goes_through_all_pages(client, secrets_backend):
    create_all(secrets_backend, "a1", "b1", "a2", "b2", "a3", "a4")
    pages = client.get_paginator("list_secrets").paginate(
        Filters=[where("name", "a")], PaginationConfig={"PageSize": 3}
    )

    assert [[entry["Name"] for entry in page["SecretList"]] for page in pages] == [["a1", "a2", "a3"], ["a4"]]


@knows("ListSecretsRequest", "SortBy")
@behaviour(LIST, "in every order, the pages together are the whole list", "AWS-DOC", API_REFERENCE)
@rows("sort_by", [*_ORDERS])
@rows("sort_order", ["asc", "desc"])
@AT_NOON
def test_pages_in_every_order_cover_the_whole_list(client, secrets_backend, ordered_by_everything, sort_by, sort_order):
    create_all(secrets_backend, "d", "e", "d-2")
    whole = listed(client, SortBy=sort_by, SortOrder=sort_order)

    pages = on_all_pages(client, SortBy=sort_by, SortOrder=sort_order, MaxResults=1)

    assert pages == [[name] for name in whole]


@behaviour(LIST, "MaxResults outside 1 to 100: ValidationException", "AWS-DOC", MODEL)
@rows("size", [0, 101])
def test_an_invalid_page_size_is_refused(unchecked, size):
    with pytest.raises(ClientError) as caught:
        unchecked.list_secrets(MaxResults=size)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(
    LIST,
    "MaxResults may change from one page to the next",
    "GUESS",
    "a token is a position in the list",
    decided_by="plain calls",
)
def test_the_page_size_of_secrets_may_change_between_pages(client, secrets_backend):
    create_all(secrets_backend, *"abcd")
    token = client.list_secrets(MaxResults=1)["NextToken"]

    assert listed(client, NextToken=token, MaxResults=2) == ["b", "c"]
    assert listed(client, NextToken=token) == ["b", "c", "d"]


@behaviour(
    LIST,
    "a secret created between two pages neither hides nor repeats another",
    "GUESS",
    "no source",
    decided_by="plain calls",
)
def test_a_secret_is_made_between_pages(client, secrets_backend):
    create_all(secrets_backend, *"bdf")
    token = client.list_secrets(MaxResults=2)["NextToken"]

    create_all(secrets_backend, *"ace")

    assert listed(client, NextToken=token) == ["f", "a", "c", "e"]


@behaviour(
    LIST,
    "a secret deleted between two pages neither hides nor repeats another",
    "GUESS",
    "no source",
    decided_by="plain calls",
)
@rows("gone", ["a", "b", "ab"])
def test_a_secret_is_removed_between_pages(client, secrets_backend, gone):
    create_all(secrets_backend, *"abcd")
    token = client.list_secrets(MaxResults=2)["NextToken"]

    for name in gone:
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    assert listed(client, NextToken=token) == ["c", "d"]


@behaviour(
    LIST, "if all remaining secrets are deleted, the next page is empty", "GUESS", "no source", decided_by="plain calls"
)
def test_the_remaining_secrets_are_removed_between_pages(client, secrets_backend):
    create_all(secrets_backend, *"ab")
    token = client.list_secrets(MaxResults=1)["NextToken"]

    client.delete_secret(SecretId="b")

    assert members(client.list_secrets(NextToken=token)) == {"SecretList": []}


@behaviour(LIST, "a NextToken that the operation didn't return: InvalidNextTokenException", "AWS-DOC", MODEL)
@rows("token", ["x", "garbage!", "AAAAAAAAAAAA", "QUJDREVGR0hJSktM", "db", "ö" * 8])
def test_a_garbage_token_is_refused(client, secrets_backend, token):
    create_all(secrets_backend, "a", "b")

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secrets(NextToken=token)


@behaviour(
    LIST,
    "the NextToken of another listing: InvalidNextTokenException",
    "GUESS",
    "a token belongs to one request",
    decided_by="plain calls",
)
@pytest.mark.parametrize(
    "other",
    [
        {"Filters": [where("name", "a")]},
        {"Filters": [where("name", "d"), where("name", "d")]},
        {"Filters": [where("description", "d")]},
        {"IncludePlannedDeletion": True, "Filters": [where("name", "d")]},
        {"SortOrder": "desc", "Filters": [where("name", "d")]},
        pytest.param({"SortBy": "name", "Filters": [where("name", "d")]}, marks=knows("ListSecretsRequest", "SortBy")),
        {},
    ],
    ids=["other value", "more filters", "other key", "deletions", "other direction", "other order", "no filter"],
)
def test_a_page_token_of_another_listing_is_refused(client, secrets_backend, other):
    create_all(secrets_backend, "d1", "d2", "d3")
    token = client.list_secrets(MaxResults=1, Filters=[where("name", "d")])["NextToken"]

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secrets(NextToken=token, **other)


@behaviour(
    LIST,
    "the NextToken of another operation: InvalidNextTokenException",
    "GUESS",
    "a token belongs to one request",
    decided_by="plain calls",
)
def test_a_page_token_of_another_operation_is_refused(client, secrets_backend):
    create_all(secrets_backend, "d1", "d2")
    secrets_backend["d1"].update("two")
    batch = client.batch_get_secret_value(MaxResults=1, Filters=[where("name", "d")])["NextToken"]
    versions = client.list_secret_version_ids(SecretId="d1", MaxResults=1)["NextToken"]

    for token in (batch, versions):
        with pytest.raises(client.exceptions.InvalidNextTokenException):
            client.list_secrets(NextToken=token, Filters=[where("name", "d")])
