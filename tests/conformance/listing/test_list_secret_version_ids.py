"""ListSecretVersionIds: which versions are listed, what of each, and the pages between."""

import base64
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import let_in
from conformance.raw import all_versions, begin_rotation, members, snapshot

from mock_secrets import Limits

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
MODEL = "botocore service model"
PAGES = "the token of a page is opaque; what follows from that is ours"


def labelled(client, *versions):
    """Versions beside the one that is there, each under a label of its own."""
    for version in versions:
        client.put_secret_value(
            SecretId="db", SecretString=version, ClientRequestToken=version, VersionStages=[f"label-{version}"]
        )


def ids(versions):
    return [entry["VersionId"] for entry in versions]


@pytest.fixture
def db(client):
    """A secret "db" whose version V1 is AWSCURRENT."""
    return client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)["ARN"]


@pytest.fixture
def five_versions(client, db):
    """V1 AWSCURRENT, and V2 to V5 under a label each, made in another order than that of their ids."""
    labelled(client, V4, V2, V5, V3)
    return db


@pytest.fixture
def deprecated(client, db):
    """V1 and V2 are deprecated, V3 AWSPREVIOUS, V4 AWSCURRENT."""
    for version in (V2, V3, V4):
        client.update_secret(SecretId="db", SecretString=version, ClientRequestToken=version)
    return db


# --- What is listed ---


@behaviour(LIST, "answers ARN, Name and Versions, and no NextToken when all are shown", "AWS-VERIFIED", SNAPSHOTS)
@behaviour(LIST, "an entry has VersionId, VersionStages, CreatedDate and KmsKeyIds", "AWS-VERIFIED", SNAPSHOTS)
@pytest.mark.mock_secrets(at=NEW_YEAR)
def test_the_answer(client, db):
    answer = client.list_secret_version_ids(SecretId="db")

    entry = {"VersionId": V1, "VersionStages": ["AWSCURRENT"], "CreatedDate": NEW_YEAR, "KmsKeyIds": DEFAULT}
    assert members(answer) == {"ARN": db, "Name": "db", "Versions": [entry]}


@behaviour(LIST, "the secret is named by name, ARN or partial ARN", "AWS-VERIFIED", SNAPSHOTS)
def test_the_secret_is_named_by_its_arn(client, deprecated):
    answers = [members(client.list_secret_version_ids(SecretId=name)) for name in ("db", deprecated, deprecated[:-7])]

    assert answers[0] == answers[1] == answers[2]


@behaviour(LIST, "only versions with a label are listed", "AWS-VERIFIED", DEPRECATED)
@pytest.mark.parametrize("given", [{}, {"IncludeDeprecated": False}], ids=["by default", "by wish"])
def test_only_labelled_versions_are_listed(client, deprecated, given):
    answer = client.list_secret_version_ids(SecretId="db", **given)

    assert [(entry["VersionId"], entry["VersionStages"]) for entry in answer["Versions"]] == [
        (V3, ["AWSPREVIOUS"]),
        (V4, ["AWSCURRENT"]),
    ]


@behaviour(
    LIST,
    "with IncludeDeprecated those without a label too, all of them, and without the key VersionStages",
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


@behaviour(LIST, "versions stand in the order of their ids", "REPORTED", "public outputs of ListSecretVersionIds")
def test_versions_stand_in_the_order_of_their_ids(client, five_versions):
    assert ids(client.list_secret_version_ids(SecretId="db")["Versions"]) == [V1, V2, V3, V4, V5]


@behaviour(LIST, "deprecated versions stand among the others in that order", "REPORTED", "public outputs")
def test_deprecated_versions_stand_among_the_others(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V3)
    for version in (V1, V4, V2):
        client.update_secret(SecretId="db", SecretString=version, ClientRequestToken=version)

    assert ids(client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)["Versions"]) == [V1, V2, V3, V4]


@behaviour(LIST, "CreatedDate is the version's own", "AWS-VERIFIED", SNAPSHOTS)
@pytest.mark.mock_secrets(at=NEW_YEAR)
def test_the_date_is_the_versions(client, secrets_backend, db):
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
)
@pytest.mark.parametrize("include", [False, True])
def test_a_secret_without_a_value(client, include):
    arn = client.create_secret(Name="db")["ARN"]

    answer = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=include)

    assert members(answer) == {"ARN": arn, "Name": "db", "Versions": []}


@behaviour(
    LIST,
    "the placeholder of a rotation that has begun is not listed before it has a value",
    "GUESS",
    "moto test marked as verified: test_rotate_secret_using_lambda, compatible and not conclusive",
)
@pytest.mark.parametrize("include", [False, True])
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
def test_another_accounts_secret(client, secrets_backend, deprecated):
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
@pytest.mark.parametrize(
    "key", [{}, {"KmsKeyId": ""}, {"KmsKeyId": "alias/aws/secretsmanager"}], ids=["none", "empty", "by its alias"]
)
def test_the_default_key(client, key):
    client.create_secret(Name="db", SecretString="one", **key)

    assert client.list_secret_version_ids(SecretId="db")["Versions"][0]["KmsKeyIds"] == DEFAULT


@behaviour(
    LIST,
    "KmsKeyIds is the customer key",
    "AWS-VERIFIED",
    "recorded responses in GitHub cloud-custodian/cloud-custodian, version_age",
)
def test_a_customer_key(client):
    client.create_secret(Name="db", SecretString="one", KmsKeyId=KEY)

    assert client.list_secret_version_ids(SecretId="db")["Versions"][0]["KmsKeyIds"] == [KEY]


@behaviour(LIST, "a deprecated version has KmsKeyIds too", "AWS-VERIFIED", DEPRECATED)
def test_the_key_of_a_deprecated_version(client, deprecated):
    entries = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True)["Versions"]

    assert [entry["KmsKeyIds"] for entry in entries] == [DEFAULT] * 4


@behaviour(
    LIST,
    "after a change of the key the versions AWSCURRENT, AWSPENDING and AWSPREVIOUS have both, others their own",
    "AWS-DOC",
    "AWS API reference, UpdateSecret, KmsKeyId; AWS User Guide, encryption",
)
def test_keys_after_a_change(client, deprecated):
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
    "a version made with or after the change has the new key only",
    "AWS-DOC",
    "AWS API reference, UpdateSecret, KmsKeyId",
)
def test_keys_of_versions_after_a_change(client, db):
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2, KmsKeyId=KEY)
    client.put_secret_value(SecretId="db", SecretString="three", ClientRequestToken=V3)

    keys = {entry["VersionId"]: entry["KmsKeyIds"] for entry in all_versions(client, IncludeDeprecated=True)}

    assert keys == {V1: [*DEFAULT, KEY], V2: [KEY], V3: [KEY]}


@behaviour(
    LIST,
    "each change of the key adds one to the list, and a key that is in it already does not",
    "AWS-DOC",
    "AWS API reference, ListSecretVersionIds: the IDs of the keys that were used to encrypt it",
)
def test_keys_after_several_changes(client, db):
    for key in (KEY, OTHER_KEY, "", KEY):
        client.update_secret(SecretId="db", KmsKeyId=key)

    keys = client.list_secret_version_ids(SecretId="db")["Versions"][0]["KmsKeyIds"]

    assert sorted(keys) == sorted([*DEFAULT, KEY, OTHER_KEY])


# --- LastAccessedDate ---


@behaviour(LIST, "LastAccessedDate is there only for a version that GetSecretValue has read", "AWS-VERIFIED", CYCLE)
@behaviour(
    LIST, "LastAccessedDate is the day of the read, at midnight UTC", "REPORTED", "public outputs; AWS's own samples"
)
@pytest.mark.mock_secrets(at=NEW_YEAR + timedelta(hours=13))
def test_the_date_of_access_is_each_versions_own(client, secrets_backend, deprecated):
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


# --- Pages ---


@behaviour(LIST, "MaxResults bounds a page, and NextToken leads to the next", "AWS-DOC", MODEL)
def test_a_page(client, five_versions):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=2)
    second = client.list_secret_version_ids(SecretId="db", MaxResults=2, NextToken=first["NextToken"])
    third = client.list_secret_version_ids(SecretId="db", MaxResults=2, NextToken=second["NextToken"])

    assert [ids(page["Versions"]) for page in (first, second, third)] == [[V1, V2], [V3, V4], [V5]]
    assert [page["Name"] for page in (first, second, third)] == ["db"] * 3
    assert "NextToken" not in third


@behaviour(LIST, "all pages together are the whole list, whatever their size", "AWS-DOC", MODEL)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 100])
@pytest.mark.parametrize("include", [False, True])
def test_all_pages_are_the_whole_list(client, secrets_backend, five_versions, size, include):
    client.update_secret_version_stage(SecretId="db", VersionStage=f"label-{V3}", RemoveFromVersionId=V3)
    whole = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=include)["Versions"]
    secrets_backend.calls.clear()

    paged = all_versions(client, IncludeDeprecated=include, MaxResults=size)

    assert paged == whole
    assert len(whole) == 4 + include
    assert len(secrets_backend.calls) == -(-len(whole) // size)


@behaviour(LIST, "pages may differ in their size", "AWS-DOC", MODEL)
def test_pages_of_different_sizes(client, five_versions):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=1)

    rest = client.list_secret_version_ids(SecretId="db", MaxResults=3, NextToken=first["NextToken"])
    again = client.list_secret_version_ids(SecretId="db", NextToken=first["NextToken"])

    assert ids(rest["Versions"]) == [V2, V3, V4]
    assert ids(again["Versions"]) == [V2, V3, V4, V5]


@behaviour(LIST, "a page has up to 100 versions when MaxResults is not given", "GUESS", "the largest that can be asked")
@pytest.mark.parametrize(("count", "pages"), [(100, [100]), (101, [100, 1])])
def test_the_size_of_a_page_by_default(client, secrets_backend, db, count, pages):
    for number in range(count - 1):
        secrets_backend["db"].update(str(number))

    sizes, token = [], {}
    while len(sizes) < len(pages):
        answer = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=True, **token)
        sizes.append(len(answer["Versions"]))
        token = {"NextToken": answer["NextToken"]} if "NextToken" in answer else {}

    assert sizes == pages
    assert token == {}


@behaviour(LIST, "MaxResults of 1 to 100 are accepted", "AWS-DOC", MODEL)
@pytest.mark.parametrize("size", [1, 100])
def test_the_bounds_of_a_page(client, db, size):
    assert ids(client.list_secret_version_ids(SecretId="db", MaxResults=size)["Versions"]) == [V1]


@behaviour(LIST, "MaxResults below 1 or above 100: ValidationException", "GUESS", "form of AWS's JSON services")
@pytest.mark.parametrize("size", [-1, 0, 101, 1000])
def test_outside_the_bounds_of_a_page(unchecked, secrets_backend, size):
    secrets_backend.create("db", "one")

    with pytest.raises(ClientError) as caught:
        unchecked.list_secret_version_ids(SecretId="db", MaxResults=size)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(LIST, "botocore sends MaxResults=101, and it is refused: ValidationException", "GUESS", "botocore; as above")
def test_botocore_sends_too_many(client, secrets_backend, db):
    with pytest.raises(ClientError) as caught:
        client.list_secret_version_ids(SecretId="db", MaxResults=101)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert secrets_backend.calls[-1].params["MaxResults"] == 101


@behaviour(LIST, "boto3 has no paginator for it", "AWS-DOC", "botocore's paginators")
def test_no_paginator(client):
    assert not client.can_paginate("list_secret_version_ids")


@behaviour(LIST, "a version that comes between two pages hides and repeats no other", "GUESS", PAGES)
@pytest.mark.parametrize(
    ("new", "rest"), [(V1, [V4, V5]), (V3, [V3, V4, V5])], ids=["before the token", "after the token"]
)
def test_a_version_that_comes_between_pages(client, new, rest):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V2)
    labelled(client, V4, V5)
    first = client.list_secret_version_ids(SecretId="db", MaxResults=1)

    labelled(client, new)

    assert ids(first["Versions"]) == [V2]
    assert ids(client.list_secret_version_ids(SecretId="db", NextToken=first["NextToken"])["Versions"]) == rest


@behaviour(LIST, "a version that goes between two pages hides and repeats no other", "GUESS", PAGES)
@pytest.mark.parametrize(
    ("gone", "rest"),
    [(V2, [V4, V5]), (V3, [V4, V5]), (V4, [V5]), (V5, [V4])],
    ids=["before the token", "at the token", "just after the token", "after the token"],
)
def test_a_version_that_goes_between_pages(client, five_versions, gone, rest):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=3)

    client.update_secret_version_stage(SecretId="db", VersionStage=f"label-{gone}", RemoveFromVersionId=gone)

    assert ids(first["Versions"]) == [V1, V2, V3]
    assert ids(client.list_secret_version_ids(SecretId="db", NextToken=first["NextToken"])["Versions"]) == rest


@behaviour(LIST, "so it is with versions that time removes", "GUESS", PAGES)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(retained_versions=3))
def test_versions_that_time_removes_between_pages(client, secrets_backend, deprecated):
    client.update_secret(SecretId="db", SecretString="five", ClientRequestToken=V5)
    first = client.list_secret_version_ids(SecretId="db", MaxResults=1, IncludeDeprecated=True)
    secrets_backend.clock.advance(days=1)

    rest = all_versions(client, NextToken=first["NextToken"], IncludeDeprecated=True, MaxResults=1)

    assert ids(first["Versions"]) == [V1]
    assert ids(rest) == [V3, V4, V5]


@behaviour(LIST, "the rest of a list that is gone between two pages is empty, without NextToken", "AWS-DOC", MODEL)
def test_the_rest_of_a_list_that_is_gone(client, db):
    labelled(client, V2)
    first = client.list_secret_version_ids(SecretId="db", MaxResults=1)
    client.update_secret_version_stage(SecretId="db", VersionStage=f"label-{V2}", RemoveFromVersionId=V2)

    rest = client.list_secret_version_ids(SecretId="db", NextToken=first["NextToken"])

    assert members(rest) == {"ARN": db, "Name": "db", "Versions": []}


@behaviour(LIST, "a token can be used again", "GUESS", PAGES)
def test_a_token_can_be_used_again(client, five_versions):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=2)

    answers = [
        members(client.list_secret_version_ids(SecretId="db", MaxResults=2, NextToken=first["NextToken"]))
        for _ in range(2)
    ]

    assert answers[0] == answers[1]


@behaviour(LIST, "a token of one name of the secret serves for another", "GUESS", PAGES)
def test_a_token_serves_for_every_name_of_the_secret(client, five_versions):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=4)

    rest = client.list_secret_version_ids(SecretId=five_versions, NextToken=first["NextToken"])

    assert ids(rest["Versions"]) == [V5]


@behaviour(LIST, "a token has no more than 4096 characters, however long the name", "AWS-DOC", MODEL)
def test_the_longest_token(client):
    client.create_secret(Name="n" * 512, SecretString="one", ClientRequestToken="v" * 64)
    client.update_secret(SecretId="n" * 512, SecretString="two", ClientRequestToken="w" * 64)

    token = client.list_secret_version_ids(SecretId="n" * 512, MaxResults=1)["NextToken"]

    assert len(token) <= 4096
    assert ids(all_versions(client, SecretId="n" * 512, NextToken=token)) == ["w" * 64]


@behaviour(LIST, "a token that the operation did not give out: InvalidNextTokenException", "AWS-DOC", MODEL)
@pytest.mark.parametrize(
    "token",
    [
        "garbage",
        "x",
        "x" * 4096,
        "é",
        "====",
        V1,
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b"garbage").decode(),
        base64.b64encode(V1.encode()).decode(),
        base64.b64encode(b"\0" + V1.encode()).decode(),
    ],
    ids=["word", "letter", "long", "no ASCII", "padding", "version", "no text", "text", "coded version", "no scope"],
)
def test_a_token_that_is_none(client, five_versions, token):
    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secret_version_ids(SecretId="db", NextToken=token)


@behaviour(LIST, "a token that was cut: InvalidNextTokenException", "AWS-DOC", MODEL)
def test_a_token_that_was_cut(client, five_versions):
    token = client.list_secret_version_ids(SecretId="db", MaxResults=1)["NextToken"]

    for cut in (token[:20], token[1:], token[4:]):
        with pytest.raises(client.exceptions.InvalidNextTokenException):
            client.list_secret_version_ids(SecretId="db", NextToken=cut)


@behaviour(LIST, "a token of another secret: InvalidNextTokenException", "GUESS", PAGES)
def test_a_token_of_another_secret(client, five_versions):
    client.create_secret(Name="other", SecretString="one", ClientRequestToken=V2)
    token = client.list_secret_version_ids(SecretId="db", MaxResults=1)["NextToken"]

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secret_version_ids(SecretId="other", NextToken=token)


@behaviour(LIST, "a token of an earlier secret of the same name: InvalidNextTokenException", "GUESS", PAGES)
def test_a_token_of_an_earlier_secret(client, five_versions):
    token = client.list_secret_version_ids(SecretId="db", MaxResults=1)["NextToken"]
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V2)

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secret_version_ids(SecretId="db", NextToken=token)


@behaviour(LIST, "a token of the list with another IncludeDeprecated: InvalidNextTokenException", "GUESS", PAGES)
@pytest.mark.parametrize("include", [False, True])
def test_a_token_of_the_other_list(client, five_versions, include):
    token = client.list_secret_version_ids(SecretId="db", MaxResults=1, IncludeDeprecated=include)["NextToken"]

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secret_version_ids(SecretId="db", NextToken=token, IncludeDeprecated=not include)


@behaviour(LIST, "a token of the list without IncludeDeprecated serves for one with False", "GUESS", PAGES)
def test_a_token_of_the_same_list(client, five_versions):
    token = client.list_secret_version_ids(SecretId="db", MaxResults=4)["NextToken"]

    rest = client.list_secret_version_ids(SecretId="db", NextToken=token, IncludeDeprecated=False)

    assert ids(rest["Versions"]) == [V5]


@behaviour(LIST, "a token outside the model's length: ValidationException", "GUESS", "form of AWS's JSON services")
@pytest.mark.parametrize("token", ["", "x" * 4097], ids=["empty", "long"])
def test_a_token_outside_the_model(unchecked, secrets_backend, token):
    secrets_backend.create("db", "one")

    with pytest.raises(ClientError) as caught:
        unchecked.list_secret_version_ids(SecretId="db", NextToken=token)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(LIST, "an invalid token changes nothing", "AWS-DOC", MODEL)
def test_an_invalid_token_changes_nothing(client, secrets_backend, five_versions):
    before = snapshot(secrets_backend)

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secret_version_ids(SecretId="db", NextToken="garbage")

    assert snapshot(secrets_backend) == before


# --- The secret ---


@behaviour(
    LIST,
    "a secret that is not there: ResourceNotFoundException",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_secret_not_found",
)
@pytest.mark.parametrize("request_members", [{}, {"NextToken": "garbage"}], ids=["alone", "before the token"])
def test_listing_what_is_not_there(client, request_members):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.list_secret_version_ids(SecretId="missing", **request_members)

    assert caught.value.response["Error"]["Message"] == "Secrets Manager can't find the specified secret."


@behaviour(
    LIST,
    "a secret's name with a forbidden character: ValidationException",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_invalid_secret_name",
)
@pytest.mark.parametrize("secret_id", ["a name", "db*", "db?", "db]"])
def test_a_forbidden_character(client, secret_id):
    with pytest.raises(ClientError) as caught:
        client.list_secret_version_ids(SecretId=secret_id)

    assert caught.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following:"
        " -/_+=.@!",
    }
