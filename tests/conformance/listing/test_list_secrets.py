"""ListSecrets: what is listed, in which order, page by page, and by which filters."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import create_loader
from conformance.fidelity import behaviour
from conformance.raw import members, post, stored
from conformance.rotation_functions import Template

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
LIST = "ListSecrets"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)

MODEL = "botocore service model"
API_REFERENCE = "AWS API reference, ListSecrets"
USER_GUIDE = 'AWS User Guide, "Find secrets in AWS Secrets Manager"'
CLOUD_CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian"
FILTERING = "LocalStack AWS-validated test test_list_secrets_filtering"
SECRET_TAGS = "LocalStack AWS-validated test test_secret_tags"
ALL_FILTER = "moto tests verified against AWS test_with_all_filter and test_with_all_filter_special_characters"
WORDS = "moto test verified against AWS test_with_filter_with_multiple_words"
REPEATED_KEYS = "moto test verified against AWS test_with_duplicate_filter_keys"

AT_NOON = pytest.mark.mock_secrets(at=NOON)


def knows(shape, member):
    """Skip where botocore is older than the member."""
    there = create_loader().load_service_model("secretsmanager", "service-2")["shapes"][shape]["members"]
    return pytest.mark.skipif(member not in there, reason=f"botocore older than {shape}.{member}")


def listed(client, **request):
    """The names on one page."""
    return [entry["Name"] for entry in client.list_secrets(**request)["SecretList"]]


def on_all_pages(client, **request):
    """The names on each page in turn."""
    answer = client.list_secrets(**request)
    pages = [[entry["Name"] for entry in answer["SecretList"]]]
    while token := answer.get("NextToken"):
        answer = client.list_secrets(**request, NextToken=token)
        assert answer.get("NextToken") != token
        pages.append([entry["Name"] for entry in answer["SecretList"]])
    return pages


def where(key, *values):
    return {"Key": key, "Values": list(values)}


def create_all(backend, *names):
    for name in names:
        backend.create(name, "one")


# --- Members ---


@behaviour(LIST, "nothing to list: an empty SecretList and no NextToken", "AWS-VERIFIED", "LocalStack, listSecrets")
def test_nothing_to_list(client):
    assert members(client.list_secrets()) == {"SecretList": []}


@behaviour(LIST, "a bare secret shows ARN, Name, CreatedDate and LastChangedDate only", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@AT_NOON
def test_a_bare_secret_is_listed(client):
    arn = client.create_secret(Name="db")["ARN"]

    (entry,) = client.list_secrets()["SecretList"]

    assert entry == {"ARN": arn, "Name": "db", "CreatedDate": NOON, "LastChangedDate": NOON}


@behaviour(LIST, "an entry names its versions in SecretVersionsToStages", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@behaviour(LIST, "LastAccessedDate is the day of the last read", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@AT_NOON
def test_all_of_a_secret_is_listed(client, secrets_backend):
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
    "one listing in a public issue shows all three",
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


@behaviour(LIST, "Tags are absent until tags are set", "AWS-VERIFIED", SECRET_TAGS)
@behaviour(LIST, "Tags are an empty list once the last tag is gone", "AWS-VERIFIED", CLOUD_CUSTODIAN)
def test_tags_are_listed_once_set(client):
    client.create_secret(Name="never")
    client.create_secret(Name="emptied", Tags=[{"Key": "team", "Value": "core"}])
    client.untag_resource(SecretId="emptied", TagKeys=["team"])

    never, emptied = client.list_secrets()["SecretList"]

    assert "Tags" not in never
    assert emptied["Tags"] == []


@behaviour(LIST, "a primary that has replicas shows PrimaryRegion", "AWS-VERIFIED", CLOUD_CUSTODIAN)
@behaviour(LIST, "ReplicationStatus is never shown, where DescribeSecret shows it", "AWS-VERIFIED", CLOUD_CUSTODIAN)
def test_replication_is_listed_by_its_primary_region_only(client):
    client.create_secret(Name="db", AddReplicaRegions=[{"Region": "eu-west-1"}])

    (entry,) = json.loads(post("ListSecrets", {}).content)["SecretList"]

    assert entry["PrimaryRegion"] == "us-east-1"
    assert "ReplicationStatus" not in entry
    assert "ReplicationStatus" in client.describe_secret(SecretId="db")


@behaviour(LIST, "a replica is listed in its region, under its own ARN", "AWS-DOC", "AWS User Guide, replication")
def test_a_replica_is_listed_in_its_region(client, secrets_backend):
    arn = client.create_secret(Name="db", AddReplicaRegions=[{"Region": "eu-west-1"}])["ARN"]

    (entry,) = secrets_backend.session(region="eu-west-1").client("secretsmanager").list_secrets()["SecretList"]

    assert entry["ARN"] == arn.replace("us-east-1", "eu-west-1")
    assert entry["PrimaryRegion"] == "us-east-1"


# --- What is listed ---


@behaviour(LIST, "a secret scheduled for deletion is listed only with IncludePlannedDeletion", "AWS-DOC", MODEL)
@pytest.mark.parametrize(
    ("request_members", "names"),
    [
        ({}, ["kept"]),
        ({"IncludePlannedDeletion": False}, ["kept"]),
        ({"IncludePlannedDeletion": True}, ["scheduled", "kept"]),
        ({"IncludePlannedDeletion": True, "Filters": [where("name", "sch")]}, ["scheduled"]),
        ({"Filters": [where("name", "sch")]}, []),
    ],
    ids=["default", "false", "true", "true and a filter", "filter"],
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


@behaviour(LIST, "a secret is gone from the list when its recovery window is over", "AWS-DOC", MODEL)
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
    "only secrets of the caller's account and region are listed, even where a resource policy lets the caller in",
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
@pytest.mark.parametrize("seconds", [0, 1], ids=["at one instant", "a second apart"])
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
@behaviour(LIST, "SortBy is created-date unless given, SortOrder is asc", "AWS-DOC", API_REFERENCE)
@pytest.mark.parametrize("sort_by", [None, *_ORDERS])
@pytest.mark.parametrize("sort_order", [None, "asc", "desc"])
@AT_NOON
def test_the_order_that_was_asked_for(client, ordered_by_everything, sort_by, sort_order):
    request = {"SortBy": sort_by, "SortOrder": sort_order}
    expected = list(_ORDERS[sort_by or "created-date"])

    names = listed(client, **{member: value for member, value in request.items() if value is not None})

    assert names == (expected[::-1] if sort_order == "desc" else expected)


@knows("ListSecretsRequest", "SortBy")
@behaviour(LIST, "by last-accessed-date, a secret that was never read comes first", "GUESS", "no record")
def test_what_was_never_read_comes_first(client, secrets_backend):
    create_all(secrets_backend, "read", "unread")
    client.get_secret_value(SecretId="read")

    assert listed(client, SortBy="last-accessed-date") == ["unread", "read"]


@knows("ListSecretsRequest", "SortBy")
@behaviour(LIST, "another SortBy or SortOrder: ValidationException", "AWS-DOC", MODEL)
@pytest.mark.parametrize("request_members", [{"SortBy": "CreatedDate"}, {"SortOrder": "ascending"}])
def test_an_order_that_there_is_not(client, request_members):
    with pytest.raises(ClientError) as caught:
        client.list_secrets(**request_members)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


# --- Pages ---


@behaviour(LIST, "a page has MaxResults secrets, and a NextToken while there are more", "AWS-DOC", API_REFERENCE)
@pytest.mark.parametrize(
    ("size", "pages"),
    [
        (1, [["e"], ["d"], ["c"], ["b"]]),
        (2, [["e", "d"], ["c", "b"]]),
        (3, [["e", "d", "c"], ["b"]]),
        (4, [["e", "d", "c", "b"]]),
        (100, [["e", "d", "c", "b"]]),
    ],
)
def test_pages(client, secrets_backend, size, pages):
    create_all(secrets_backend, *"edcb")

    assert on_all_pages(client, MaxResults=size) == pages


@behaviour(LIST, "a page has 100 secrets unless MaxResults is given", "GUESS", "the largest MaxResults")
def test_a_page_has_100_secrets(client, secrets_backend):
    create_all(secrets_backend, *[f"{number}" for number in range(101)])

    assert [len(page) for page in on_all_pages(client)] == [100, 1]


@behaviour(LIST, "botocore's paginator goes through all pages", "AWS-DOC", "botocore paginators")
def test_the_paginator(client, secrets_backend):
    create_all(secrets_backend, "a1", "b1", "a2", "b2", "a3", "a4")
    pages = client.get_paginator("list_secrets").paginate(
        Filters=[where("name", "a")], PaginationConfig={"PageSize": 3}
    )

    assert [[entry["Name"] for entry in page["SecretList"]] for page in pages] == [["a1", "a2", "a3"], ["a4"]]


@knows("ListSecretsRequest", "SortBy")
@behaviour(LIST, "in every order the pages together are the whole", "AWS-DOC", API_REFERENCE)
@pytest.mark.parametrize("sort_by", _ORDERS)
@pytest.mark.parametrize("sort_order", ["asc", "desc"])
@AT_NOON
def test_pages_in_every_order(client, secrets_backend, ordered_by_everything, sort_by, sort_order):
    create_all(secrets_backend, "d", "e", "d-2")
    whole = listed(client, SortBy=sort_by, SortOrder=sort_order)

    pages = on_all_pages(client, SortBy=sort_by, SortOrder=sort_order, MaxResults=1)

    assert pages == [[name] for name in whole]


@behaviour(LIST, "MaxResults is from 1 to 100: ValidationException elsewhere", "AWS-DOC", MODEL)
@pytest.mark.parametrize("size", [0, 101])
def test_a_size_that_no_page_has(unchecked, size):
    with pytest.raises(ClientError) as caught:
        unchecked.list_secrets(MaxResults=size)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(LIST, "the size of the pages may change from one to the next", "GUESS", "the token names a place")
def test_a_page_of_another_size(client, secrets_backend):
    create_all(secrets_backend, *"abcd")
    token = client.list_secrets(MaxResults=1)["NextToken"]

    assert listed(client, NextToken=token, MaxResults=2) == ["b", "c"]
    assert listed(client, NextToken=token) == ["b", "c", "d"]


@behaviour(LIST, "what is created between two pages hides and repeats nothing", "GUESS", "no record")
def test_a_secret_is_made_between_pages(client, secrets_backend):
    create_all(secrets_backend, *"bdf")
    token = client.list_secrets(MaxResults=2)["NextToken"]

    create_all(secrets_backend, *"ace")

    assert listed(client, NextToken=token) == ["f", "a", "c", "e"]


@behaviour(LIST, "what is deleted between two pages hides and repeats nothing", "GUESS", "no record")
@pytest.mark.parametrize("gone", ["a", "b", "ab"], ids=["first shown", "last shown", "all shown"])
def test_a_secret_is_removed_between_pages(client, secrets_backend, gone):
    create_all(secrets_backend, *"abcd")
    token = client.list_secrets(MaxResults=2)["NextToken"]

    for name in gone:
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    assert listed(client, NextToken=token) == ["c", "d"]


@behaviour(LIST, "the page after the last secrets were deleted is empty", "GUESS", "no record")
def test_the_rest_is_removed_between_pages(client, secrets_backend):
    create_all(secrets_backend, *"ab")
    token = client.list_secrets(MaxResults=1)["NextToken"]

    client.delete_secret(SecretId="b")

    assert members(client.list_secrets(NextToken=token)) == {"SecretList": []}


@behaviour(LIST, "a NextToken that it did not give out: InvalidNextTokenException", "AWS-DOC", MODEL)
@pytest.mark.parametrize("token", ["x", "garbage!", "AAAAAAAAAAAA", "QUJDREVGR0hJSktM", "db", "ö" * 8])
def test_a_token_that_is_garbage(client, secrets_backend, token):
    create_all(secrets_backend, "a", "b")

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secrets(NextToken=token)


@behaviour(LIST, "the NextToken of another listing: InvalidNextTokenException", "GUESS", "the token is of one request")
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
def test_a_token_of_another_listing(client, secrets_backend, other):
    create_all(secrets_backend, "d1", "d2", "d3")
    token = client.list_secrets(MaxResults=1, Filters=[where("name", "d")])["NextToken"]

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secrets(NextToken=token, **other)


@behaviour(
    LIST, "the NextToken of another operation: InvalidNextTokenException", "GUESS", "the token is of one request"
)
def test_a_token_of_another_operation(client, secrets_backend):
    create_all(secrets_backend, "d1", "d2")
    secrets_backend["d1"].update("two")
    batch = client.batch_get_secret_value(MaxResults=1, Filters=[where("name", "d")])["NextToken"]
    versions = client.list_secret_version_ids(SecretId="d1", MaxResults=1)["NextToken"]

    for token in (batch, versions):
        with pytest.raises(client.exceptions.InvalidNextTokenException):
            client.list_secrets(NextToken=token, Filters=[where("name", "d")])


# --- Filters: what matches ---


def created(backend, secrets):
    """The secrets by their numbers in a table, which begin at 1."""
    for secret in secrets:
        backend.create(**secret)


def matched(client, secrets, *filters):
    """The numbers of those that are found, in the order of the list."""
    names = [secret["name"] for secret in secrets]
    return [names.index(name) + 1 for name in listed(client, Filters=list(filters))]


def described(*descriptions):
    return [{"name": f"{place}-of-{len(descriptions)}", "description": text} for place, text in enumerate(descriptions)]


_NAMED = [
    {"name": name}
    for name in ("testing1/one-qxz", "/testing1/two-qxz", "/testing2/three-qxz", "testing1/four-qxz", "Testing1-qxz")
]


@behaviour(LIST, "name matches the beginning of the whole name, literally", "AWS-VERIFIED", FILTERING)
@behaviour(LIST, "name with ! matches the names that do not begin so", "AWS-VERIFIED", FILTERING)
@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("testing1", [1, 4]),
        ("testing1/one", [1]),
        ("testing1 one", []),
        ("one", []),
        ("/", [2, 3]),
        ("/testing2", [3]),
        ("!/", [1, 4, 5]),
        ("!testing1", [2, 3, 5]),
        ("t.", []),
    ],
)
def test_a_filter_by_name(client, secrets_backend, value, found):
    created(secrets_backend, _NAMED)

    assert matched(client, _NAMED, where("name", value)) == found


@behaviour(LIST, "name is case-sensitive: Data finds DatabaseSecret only", "AWS-DOC", USER_GUIDE)
def test_a_filter_by_name_is_case_sensitive(client, secrets_backend):
    create_all(secrets_backend, "DatabaseSecret", "databaseSecret", "MyData")

    assert listed(client, Filters=[where("name", "Data")]) == ["DatabaseSecret"]


_DESCRIBED = described("a secret", "an secret", "asecret", "thesecret")
_COUNTED = described("one two", "one and two", "one", "two", "unrelated")


@behaviour(
    LIST, "description matches if each word of the value begins some word of it, in any order", "AWS-VERIFIED", WORDS
)
@behaviour(LIST, "description with ! matches the descriptions that do not match", "AWS-VERIFIED", FILTERING)
@pytest.mark.parametrize(
    ("secrets", "value", "found"),
    [
        (_DESCRIBED, "a", [1, 2, 3]),
        (_DESCRIBED, "a secret", [1, 2]),
        (_DESCRIBED, "!a", [4]),
        (_DESCRIBED, "!c", [1, 2, 3, 4]),
        (_COUNTED, "one two", [1, 2]),
        (_COUNTED, "two one", [1, 2]),
        (_COUNTED, "o t", [1, 2]),
        (_COUNTED, "t", [1, 2, 4]),
    ],
)
def test_a_filter_by_description(client, secrets_backend, secrets, value, found):
    created(secrets_backend, secrets)

    assert matched(client, secrets, where("description", value)) == found


@behaviour(
    LIST, "description is not case-sensitive: My Description finds Description of my secret", "AWS-DOC", USER_GUIDE
)
@pytest.mark.parametrize("value", ["My Description", "MY", "description OF", "sec"])
def test_a_filter_by_description_is_not_case_sensitive(client, secrets_backend, value):
    secrets_backend.create("db", "one", description="Description of my secret")

    assert listed(client, Filters=[where("description", value)]) == ["db"]


_TAGGED = [
    {"name": "both", "tags": {"env": "prod", "team": "Core"}},
    {"name": "crossed", "tags": {"env": "Core", "team": "prod"}},
    {"name": "capital", "tags": {"Env": "Prod"}},
    {"name": "inside", "tags": {"my-env": "non-prod"}},
    {"name": "untagged"},
]


@behaviour(LIST, "tag-key and tag-value match the beginning of any tag's, case-sensitively", "AWS-DOC", MODEL)
@behaviour(
    LIST,
    "a tag-key and a tag-value need not be of one tag",
    "REPORTED",
    "GitHub external-secrets/external-secrets#4181 and #4903",
)
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([("tag-key", "env")], [1, 2]),
        ([("tag-key", "e")], [1, 2]),
        ([("tag-key", "E")], [3]),
        ([("tag-key", "prod")], []),
        ([("tag-key", "team")], [1, 2]),
        ([("tag-value", "prod")], [1, 2]),
        ([("tag-value", "P")], [3]),
        ([("tag-value", "env")], []),
        ([("tag-key", "env"), ("tag-value", "prod")], [1, 2]),
        ([("tag-value", "prod"), ("tag-value", "Core")], [1, 2]),
        ([("tag-value", "prod"), ("tag-value", "Prod")], []),
    ],
)
def test_a_filter_by_tag(client, secrets_backend, filters, found):
    created(secrets_backend, _TAGGED)

    assert matched(client, _TAGGED, *(where(*one) for one in filters)) == found


@behaviour(LIST, "primary-region matches the beginning of it, case-sensitively", "AWS-DOC", MODEL)
@behaviour(LIST, "a secret that was never replicated has no primary region to match", "AWS-DOC", MODEL)
@pytest.mark.parametrize(
    ("value", "found"), [("us-east-1", [1]), ("us-", [1]), ("eu", []), ("east", []), ("US", []), ("!us", [2])]
)
def test_a_filter_by_primary_region(client, value, found):
    client.create_secret(Name="replicated", AddReplicaRegions=[{"Region": "eu-west-1"}])
    client.create_secret(Name="single")

    assert matched(client, [{"name": "replicated"}, {"name": "single"}], where("primary-region", value)) == found


@behaviour(LIST, "owning-service matches the beginning of the service", "AWS-DOC", MODEL)
@behaviour(LIST, "owning-service is not case-sensitive", "GUESS", f"{USER_GUIDE}; the API reference says the contrary")
@pytest.mark.parametrize(("value", "found"), [("rds", [1]), ("r", [1]), ("RDS", [1]), ("ds", []), ("!rds", [2])])
def test_a_filter_by_owning_service(client, secrets_backend, value, found):
    create_all(secrets_backend, "rds!db", "single")
    stored(secrets_backend, "rds!db").owning_service = "rds"

    assert matched(client, [{"name": "rds!db"}, {"name": "single"}], where("owning-service", value)) == found


# Each name of a row of the recorded test ends in the same random letters.
_FIELDS = [
    {"name": "SecretOneqxz"},
    {"name": "SecretTwoqxz", "description": "DescTwo"},
    {"name": "Thirdsecretqxz"},
    {"name": "SecretFTagqxz", "tags": {"1": "foo"}},
    {"name": "SecretFValueqxz", "tags": {"foo": "v"}},
    {"name": "noneqxz"},
]
_SEPARATED = [
    *({"name": f"prod{separator}AppBeta{separator}qxz"} for separator in "/_+=.@-"),
    {"name": "uat/COMPANY/qxz"},
    {"name": "uat/COMPANYthings/qxz"},
]
_APP_BETA = [1, 2, 3, 4, 5, 6, 7]


@behaviour(
    LIST,
    "all matches if each word of the value begins a word of one field: name, description, a tag's key, a tag's value",
    "AWS-VERIFIED",
    ALL_FILTER,
)
@behaviour(
    LIST,
    "words begin after a separator, at a capital after a small letter, and with the capital before a small letter",
    "AWS-VERIFIED",
    ALL_FILTER,
)
@pytest.mark.parametrize(
    ("secrets", "values", "found"),
    [
        (_FIELDS, ["SecretOne"], [1]),
        (_FIELDS, ["foo"], [4, 5]),
        (_FIELDS, ["Secret"], [1, 2, 4, 5]),
        (_FIELDS, ["secret"], [1, 2, 4, 5]),
        (_FIELDS, ["sec"], [1, 2, 4, 5]),
        (_FIELDS, ["ret"], []),
        (_FIELDS, ["SomeSecret"], []),
        (_FIELDS, ["d"], [2]),
        (_FIELDS, ["d t"], [2]),
        (_FIELDS, ["t"], [2, 3, 4]),
        (_SEPARATED, ["AppBeta"], _APP_BETA),
        (_SEPARATED, ["Beta"], _APP_BETA),
        (_SEPARATED, ["AppBeta", "prod"], _APP_BETA),
        (_SEPARATED, ["+"], []),
        (_SEPARATED, ["company"], [8]),
        (_SEPARATED, ["things"], []),
        (_SEPARATED, ["Ythings"], [9]),
        (_SEPARATED, ["N"], []),
        (_SEPARATED, ["pany"], []),
        (_SEPARATED, ["qxz"], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_a_filter_by_all(client, secrets_backend, secrets, values, found):
    created(secrets_backend, secrets)

    assert matched(client, secrets, where("all", *values)) == found


@behaviour(LIST, "all: the words of a value must be in one field together", "REPORTED", "AWS blog of 2020 in moto#3173")
def test_all_looks_for_all_words_in_one_field(client, secrets_backend):
    secrets_backend.create("blue/one", "one", description="green", tags={"red": "yellow"})

    assert listed(client, Filters=[where("all", "one blue")]) == ["blue/one"]
    for value in ("blue green", "green red", "red yellow"):
        assert listed(client, Filters=[where("all", value)]) == []


@behaviour(LIST, "all searches the owning service and the primary region too", "AWS-DOC", USER_GUIDE)
@pytest.mark.parametrize("value", ["rds", "RDS", "us-east-1", "east"])
def test_all_searches_service_and_region(client, secrets_backend, value):
    create_all(secrets_backend, "db", "other")
    stored(secrets_backend).owning_service = "rds"
    stored(secrets_backend).primary_region = "us-east-1"

    assert listed(client, Filters=[where("all", value)]) == ["db"]


@behaviour(LIST, "a word ends between letters and digits", "AWS-DOC", USER_GUIDE)
def test_words_end_between_letters_and_digits(client, secrets_backend):
    secrets_backend.create("credsDatabase_892", "one")

    for value in ("892", "creds 8", "CREDS892"):
        assert listed(client, Filters=[where("all", value)]) == ["credsDatabase_892"]
    for value in ("92", "creds92", "base 892"):
        assert listed(client, Filters=[where("all", value)]) == []


@behaviour(LIST, "a secret that lacks what ! speaks of matches", "GUESS", "no record")
@behaviour(LIST, "! on tags, and on all, matches where none matches", "GUESS", "no record")
@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("description", "!one", ["other", "bare"]),
        ("tag-key", "!env", ["other", "bare"]),
        ("tag-value", "!prod", ["other", "bare"]),
        ("all", "!prod", ["other", "bare"]),
    ],
)
def test_a_negation_holds_where_nothing_matches(client, secrets_backend, key, value, found):
    secrets_backend.create("one", description="one two", tags={"env": "prod", "team": "core"})
    secrets_backend.create("other", description="two", tags={"team": "core"})
    secrets_backend.create("bare")

    assert listed(client, Filters=[where(key, value)]) == found


# --- Filters: together ---


@behaviour(LIST, "a secret must match every filter", "AWS-VERIFIED", FILTERING)
@behaviour(LIST, "filters of one key are not one filter: each must match", "AWS-VERIFIED", REPEATED_KEYS)
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([("description", "one"), ("description", "two")], [1, 2]),
        ([("description", "one"), ("description", "!two")], [3]),
        ([("description", "one"), ("name", "0-of")], [1]),
        ([("name", "0-of"), ("name", "1-of")], []),
        ([("description", "one"), ("description", "two"), ("description", "and")], [2]),
    ],
)
def test_every_filter_must_match(client, secrets_backend, filters, found):
    created(secrets_backend, _COUNTED)

    assert matched(client, _COUNTED, *(where(*one) for one in filters)) == found


@behaviour(LIST, "any value of a filter may match", "REPORTED", "moto tests; in accord with the recorded ones of all")
@behaviour(LIST, "a value with ! among others is one more that may match", "GUESS", "no record")
@pytest.mark.parametrize(
    ("key", "values", "found"),
    [
        ("description", ["and", "unrelated"], [2, 5]),
        ("name", ["3-", "0-", "9-"], [1, 4]),
        ("description", ["unrelated", "missing"], [5]),
        ("description", ["one", "!two"], [1, 2, 3, 5]),
    ],
)
def test_any_value_may_match(client, secrets_backend, key, values, found):
    created(secrets_backend, _COUNTED)

    assert matched(client, _COUNTED, where(key, *values)) == found


# --- Filters: what is refused ---


@behaviour(LIST, "as many filters, values and characters as the model allows are accepted", "AWS-DOC", MODEL)
@pytest.mark.parametrize(
    "filters",
    [
        [],
        [where("name", "d")] * 10,
        [where("name", *("d" * 10))],
        [where("name", "d", "x" * 512)],
        [where("name", "d", "!azAZ09 :_@/+=.-!")],
    ],
    ids=["none", "10 filters", "10 values", "512 characters", "every character"],
)
def test_filters_at_their_limits(client, secrets_backend, filters):
    create_all(secrets_backend, "db")

    assert listed(client, Filters=filters) == ["db"]


@behaviour(LIST, "a filter that the model does not allow: ValidationException", "AWS-DOC", MODEL)
@pytest.mark.parametrize(
    "filters",
    [
        [where("name", "d")] * 11,
        [where("name", *("d" * 11))],
        [where("name")],
        [where("name", "x" * 513)],
        [where("name", "d", "x*")],
        [where("name", "d?")],
        [where("description", "one,two")],
        [where("name", "d\n")],
        [where("name", "ö")],
        [where("invalid", "d")],
        [where("Name", "d")],
    ],
    ids=[
        "11 filters",
        "11 values",
        "no value",
        "513 characters",
        "star among good ones",
        "question mark",
        "comma",
        "line end",
        "other letters",
        "unknown key",
        "key with a capital",
    ],
)
def test_a_filter_that_the_model_does_not_allow(unchecked, filters):
    with pytest.raises(ClientError) as caught:
        unchecked.list_secrets(Filters=filters)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(LIST, "a filter without Key or without Values: InvalidParameterException", "GUESS", "moto, not verified")
@pytest.mark.parametrize("filters", [[{"Values": ["d"]}], [{"Key": "description"}], [{}], [where("name", "d"), {}]])
def test_a_filter_that_lacks_a_half(client, secrets_backend, filters):
    create_all(secrets_backend, "db")

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.list_secrets(Filters=filters)
