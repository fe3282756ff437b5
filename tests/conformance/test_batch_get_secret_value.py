"""BatchGetSecretValue: the values of many secrets, and why some can't be had."""

from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import let_in
from conformance.raw import members, stored
from tables import rows

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
BATCH = "BatchGetSecretValue"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
NOT_FOUND = "Secrets Manager can't find the specified secret."

MODEL = "botocore service model"
PARTIAL = "GitHub getmoto/moto#7592"
GET = "as GetSecretValue"


def names(answer):
    return [value["Name"] for value in answer["SecretValues"]]


def errors(answer):
    return [(error["SecretId"], error["ErrorCode"]) for error in answer["Errors"]]


def where(key, *values):
    return {"Key": key, "Values": list(values)}


def on_all_pages(client, **request):
    """The names on each page of secrets whose name begins with app."""
    filters = [where("name", "app")]
    answer = client.batch_get_secret_value(Filters=filters, **request)
    pages = [names(answer)]
    while token := answer.get("NextToken"):
        answer = client.batch_get_secret_value(Filters=filters, **{**request, "NextToken": token})
        assert answer.get("NextToken") != token
        pages.append(names(answer))
    return pages


@pytest.fixture
def fifty(secrets_backend):
    """Secrets of which the first was created first."""
    created = [f"app-{number:02}" for number in range(50)]
    for name in created:
        secrets_backend.create(name, f"value of {name}")
    return created


@pytest.fixture
def theirs(stranger, secrets_backend):
    """Makes a secret of another account, which lets this one in. It is answered by its ARN."""

    def create(name, **given):
        arn = secrets_backend.create(name, "theirs", account_id="111122223333", **given).arn
        let_in(stranger, "123456789012", name)
        return arn

    return create


# --- By ids ---


@behaviour(BATCH, "a value has ARN, Name, VersionId, the value, VersionStages and CreatedDate", "AWS-DOC", MODEL)
@behaviour(BATCH, "SecretValues and Errors are both present, even if empty", "REPORTED", PARTIAL)
@pytest.mark.mock_secrets(at=NOON)
def test_batch_get_returns_the_values_of_the_given_ids(client, secrets_backend):
    text = secrets_backend.create("text", "one", token=V1)
    blob = secrets_backend.create("blob", b"\x00\xff", token=V2)

    answer = client.batch_get_secret_value(SecretIdList=["blob", "text"])

    shown = {"VersionStages": ["AWSCURRENT"], "CreatedDate": NOON}
    assert members(answer) == {
        "SecretValues": [
            {"ARN": blob.arn, "Name": "blob", "VersionId": V2, "SecretBinary": b"\x00\xff", **shown},
            {"ARN": text.arn, "Name": "text", "VersionId": V1, "SecretString": "one", **shown},
        ],
        "Errors": [],
    }


@behaviour(BATCH, "an id can be a name, an ARN or a partial ARN", "AWS-DOC", "AWS API reference, SecretIdList")
def test_batch_get_accepts_names_arns_and_partial_arns(client, secrets_backend):
    by_arn, by_partial_arn = secrets_backend.create("b", "two").arn, secrets_backend.create("c", "three").arn[:-7]
    secrets_backend.create("a", "one")

    answer = client.batch_get_secret_value(SecretIdList=["a", by_arn, by_partial_arn])

    assert [value["SecretString"] for value in answer["SecretValues"]] == ["one", "two", "three"]
    assert answer["Errors"] == []


@behaviour(BATCH, "the value is that of AWSCURRENT, whatever other versions exist", "AWS-DOC", MODEL)
def test_batch_get_returns_only_the_current_values(client, secrets_backend):
    secret = secrets_backend.create("db", "old")
    secret.update("current", token=V2)
    secret.put("pending", stages=["AWSPENDING"])

    (value,) = client.batch_get_secret_value(SecretIdList=["db"])["SecretValues"]

    assert (value["SecretString"], value["VersionId"], value["VersionStages"]) == ("current", V2, ["AWSCURRENT"])


@behaviour(BATCH, "up to 20 ids are accepted", "AWS-DOC", MODEL)
def test_batch_get_accepts_twenty_ids(client, fifty):
    answer = client.batch_get_secret_value(SecretIdList=fifty[:20])

    assert names(answer) == fifty[:20]
    assert "NextToken" not in answer


# --- Errors of single secrets ---


@behaviour(BATCH, "a missing secret is listed in Errors, under the id as it was sent", "REPORTED", PARTIAL)
@behaviour(BATCH, "secrets that can't be read don't fail those that can", "AWS-DOC", MODEL)
def test_batch_get_reports_missing_secrets_among_the_errors(client, secrets_backend):
    secrets_backend.create("first", "one")
    secrets_backend.create("last", "two")
    missing = secrets_backend["first"].arn[:-6] + "abcdef"

    answer = client.batch_get_secret_value(SecretIdList=["first", "missing", missing, "last"])

    assert names(answer) == ["first", "last"]
    assert answer["Errors"] == [
        {"SecretId": "missing", "ErrorCode": "ResourceNotFoundException", "Message": NOT_FOUND},
        {"SecretId": missing, "ErrorCode": "ResourceNotFoundException", "Message": NOT_FOUND},
    ]


@behaviour(BATCH, "if all secrets are missing, the call succeeds with an empty SecretValues", "REPORTED", PARTIAL)
@behaviour(
    BATCH,
    "a secret scheduled for deletion: InvalidRequestException among Errors",
    "AWS-DOC",
    "AWS API reference, DeleteSecret: 'you cannot retrieve the secret value'; APIErrorType$ErrorCode",
)
@rows("secret_id, code", [("missing", "ResourceNotFoundException"), ("db", "InvalidRequestException")])
def test_a_batch_of_one_missing_or_deleted_secret(client, secrets_backend, secret_id, code):
    secrets_backend.create("db", "one")
    client.delete_secret(SecretId="db")

    answer = client.batch_get_secret_value(SecretIdList=[secret_id])

    assert answer["SecretValues"] == []
    assert errors(answer) == [(secret_id, code)]


@behaviour(
    BATCH, "a secret without a value: ResourceNotFoundException among Errors", "GUESS", GET, decided_by="plain calls"
)
def test_a_secret_without_a_value_is_listed_among_the_errors(client, secrets_backend):
    secrets_backend.create("db")

    answer = client.batch_get_secret_value(SecretIdList=["db"])

    assert answer["SecretValues"] == []
    assert errors(answer) == [("db", "ResourceNotFoundException")]


@behaviour(
    BATCH,
    "another account's secret under the default key: InvalidRequestException among Errors",
    "GUESS",
    GET,
    decided_by="a second account",
)
@behaviour(
    BATCH,
    "another account's secret under a customer managed key can be read by its ARN",
    "GUESS",
    GET,
    decided_by="a second account",
)
def test_batch_get_reads_another_accounts_secret_only_under_a_customer_key(client, theirs):
    default, customer = theirs("default"), theirs("customer", kms_key_id=KEY)

    answer = client.batch_get_secret_value(SecretIdList=[default, customer, "customer"])

    assert [value["ARN"] for value in answer["SecretValues"]] == [customer]
    assert errors(answer) == [
        (default, "InvalidRequestException"),
        ("customer", "ResourceNotFoundException"),
    ]


@behaviour(
    BATCH, "an ARN of another Region is not found", "GUESS", "reported for GetSecretValue", decided_by="plain calls"
)
def test_batch_get_does_not_find_an_arn_of_another_region(client, secrets_backend):
    arn = secrets_backend.create("db", "one", region="eu-west-1").arn

    answer = client.batch_get_secret_value(SecretIdList=[arn])

    assert errors(answer) == [(arn, "ResourceNotFoundException")]


@behaviour(
    BATCH,
    "an id with a forbidden character fails the whole call: ValidationException",
    "GUESS",
    "constraints of the model",
    decided_by="plain calls",
)
@rows("secret_id", ["a name", "db*", "arn:aws:secretsmanager:us-east-1:123456789012:secret:d?"])
def test_a_forbidden_character_in_one_id_fails_the_whole_batch(client, secrets_backend, secret_id):
    secrets_backend.create("db", "one")

    with pytest.raises(ClientError) as caught:
        client.batch_get_secret_value(SecretIdList=["db", secret_id])

    assert caught.value.response["Error"]["Code"] == "ValidationException"


# --- By filters ---


@behaviour(BATCH, "the filters are those of ListSecrets", "AWS-DOC", "AWS API reference, Filters")
@rows(
    "filters, found",
    [
        ([where("name", "app")], ["app/db", "app/api"]),
        ([where("name", "!app")], ["web/db"]),
        ([where("name", "app"), where("all", "db")], ["app/db"]),
        ([where("tag-value", "core", "web")], ["app/db", "web/db"]),
        ([where("description", "word pass")], ["app/api"]),
        ([where("name", "missing")], []),
    ],
)
def test_batch_get_returns_the_values_that_match_the_filters(client, secrets_backend, filters, found):
    secrets_backend.create("app/db", "one", tags={"team": "core"})
    secrets_backend.create("web/db", "two", tags={"team": "web"})
    secrets_backend.create("app/api", "three", description="password of many words")

    answer = client.batch_get_secret_value(Filters=filters)

    assert names(answer) == found
    assert members(answer).keys() == {"SecretValues", "Errors"}


@behaviour(
    BATCH,
    "filters find secrets of the caller's account and Region that are not scheduled for deletion",
    "AWS-DOC",
    MODEL,
)
def test_filters_find_the_listed_secrets(client, secrets_backend, theirs):
    theirs("db-theirs", kms_key_id=KEY)
    secrets_backend.create("db-elsewhere", "one", region="eu-west-1")
    secrets_backend.create("db-deleted", "one")
    secrets_backend.create("db", "one")
    client.delete_secret(SecretId="db-deleted")

    answer = client.batch_get_secret_value(Filters=[where("name", "db")])

    assert names(answer) == ["db"]
    assert answer["Errors"] == []


@behaviour(
    BATCH, "a secret without a value that a filter finds is listed in Errors", "GUESS", GET, decided_by="plain calls"
)
def test_a_filtered_secret_without_a_value_is_listed_among_the_errors(client, secrets_backend):
    empty = secrets_backend.create("db-empty")
    secrets_backend.create("db-full", "one")

    answer = client.batch_get_secret_value(Filters=[where("name", "db")])

    assert names(answer) == ["db-full"]
    assert errors(answer) == [(empty.arn, "ResourceNotFoundException")]


@behaviour(
    BATCH, "a page of filtered secrets has MaxResults secrets, and a NextToken if there are more", "AWS-DOC", MODEL
)
@behaviour(
    BATCH,
    "a page has up to 20 secrets if MaxResults is not given",
    "GUESS",
    "as many as ids are taken",
    decided_by="plain calls",
)
@rows("size, sizes", [({}, [20, 20, 10]), ({"MaxResults": 7}, [7] * 7 + [1]), ({"MaxResults": 10}, [10] * 5)])
def test_batch_get_returns_filtered_values_in_pages(client, fifty, size, sizes):
    pages = on_all_pages(client, **size)

    assert [len(page) for page in pages] == sizes
    assert [name for page in pages for name in page] == fifty


@behaviour(
    BATCH,
    "a secret created or deleted between two pages neither hides nor repeats another",
    "GUESS",
    "no source",
    decided_by="plain calls",
)
def test_secrets_change_between_pages(client, secrets_backend, fifty):
    token = client.batch_get_secret_value(Filters=[where("name", "app")], MaxResults=2)["NextToken"]
    client.delete_secret(SecretId=fifty[1])
    secrets_backend.create("app-0", "new")

    pages = on_all_pages(client, NextToken=token)

    assert [name for page in pages for name in page] == [*fifty[2:], "app-0"]


@behaviour(BATCH, "a NextToken that the operation didn't return: InvalidNextTokenException", "AWS-DOC", MODEL)
@behaviour(
    BATCH,
    "the NextToken of other filters: InvalidNextTokenException",
    "GUESS",
    "a token belongs to one request",
    decided_by="plain calls",
)
def test_a_foreign_token_is_refused(client, fifty):
    of_others = client.batch_get_secret_value(Filters=[where("name", "app-")])["NextToken"]
    of_list = client.list_secrets(Filters=[where("name", "app")], MaxResults=1)["NextToken"]

    for token in ("garbage", of_others, of_list):
        with pytest.raises(client.exceptions.InvalidNextTokenException):
            client.batch_get_secret_value(Filters=[where("name", "app")], NextToken=token)


@behaviour(BATCH, "no id, or more than 20: ValidationException", "AWS-DOC", MODEL)
@behaviour(BATCH, "MaxResults outside 1 to 20: ValidationException", "AWS-DOC", MODEL)
@behaviour(BATCH, "a filter outside the model's constraints: ValidationException", "AWS-DOC", MODEL)
@rows(
    "request_members",
    {
        "no id": {"SecretIdList": []},
        "too many ids": {"SecretIdList": [f"app-{number}" for number in range(21)]},
        "no secret on a page": {"Filters": [where("name", "app")], "MaxResults": 0},
        "too many secrets on a page": {"Filters": [where("name", "app")], "MaxResults": 21},
        "too many filters": {"Filters": [where("name", "d")] * 11},
        "too many values": {"Filters": [where("name", *("d" * 11))]},
        "a forbidden character": {"Filters": [where("name", "d*")]},
        "a value that is too long": {"Filters": [where("name", "x" * 513)]},
        "an unknown key": {"Filters": [where("id", "d")]},
    },
)
def test_a_batch_that_the_model_does_not_allow(unchecked, request_members):
    with pytest.raises(ClientError) as caught:
        unchecked.batch_get_secret_value(**request_members)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


# --- Errors of the call ---


@behaviour(
    BATCH,
    "SecretIdList or Filters has to be given, but not both",
    "AWS-DOC",
    "botocore service model, BatchGetSecretValue$SecretIdList",
)
@behaviour(
    BATCH,
    "neither SecretIdList nor Filters, or both: the code is InvalidParameterException",
    "GUESS",
    "no source names the error",
    decided_by="plain calls",
)
@behaviour(BATCH, "MaxResults needs Filters", "AWS-DOC", "botocore service model, BatchGetSecretValue$MaxResults")
@behaviour(
    BATCH,
    "MaxResults or NextToken with SecretIdList: the code is InvalidParameterException",
    "GUESS",
    "no source names the error",
    decided_by="plain calls",
)
@rows(
    "request_members",
    [
        {},
        {"MaxResults": 5},
        {"SecretIdList": ["db"], "Filters": [where("name", "db")]},
        {"SecretIdList": ["db"], "MaxResults": 5},
        {"SecretIdList": ["db"], "NextToken": "x"},
    ],
)
def test_batch_takes_either_ids_or_filters_but_not_both(client, secrets_backend, request_members):
    secrets_backend.create("db", "one")

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.batch_get_secret_value(**request_members)

    assert stored(secrets_backend).accessed_on is None


# --- What a batch leaves behind ---


@behaviour(BATCH, "each value that is read sets its LastAccessedDate, and no other", "AWS-DOC", "AWS API reference")
@rows("request_members", [{"SecretIdList": ["db", "missing"]}, {"Filters": [where("name", "db")], "MaxResults": 1}])
@pytest.mark.mock_secrets(at=NOON)
def test_a_batch_counts_as_an_access(client, secrets_backend, request_members):
    secrets_backend.create("db", "one")
    secrets_backend.create("db-2", "one")

    client.batch_get_secret_value(**request_members)

    described = client.describe_secret(SecretId="db")
    assert described["LastAccessedDate"] == datetime(2026, 3, 1, tzinfo=timezone.utc)
    assert described["LastChangedDate"] == NOON
    assert "LastAccessedDate" not in client.describe_secret(SecretId="db-2")


@behaviour(
    BATCH, "counts as one request, however many secrets it reads", "AWS-DOC", "AWS API reference, BatchGetSecretValue"
)
def test_a_batch_counts_as_one_call(client, secrets_backend, fifty):
    client.batch_get_secret_value(SecretIdList=[*fifty[:3], "missing"])

    (call,) = secrets_backend.calls
    assert (call.operation, call.params) == (BATCH, {"SecretIdList": [*fifty[:3], "missing"]})
    assert call.error is None


@behaviour(BATCH, "the record of calls shows no value that was read", "AWS-DOC", "botocore service model, sensitive")
def test_recorded_batch_get_calls_show_no_secret_value(client, secrets_backend):
    secrets_backend.create("db", "hunter2")

    answer = client.batch_get_secret_value(SecretIdList=["db", "missing"])

    assert answer["SecretValues"][0]["SecretString"] == "hunter2"
    assert "hunter2" not in f"{secrets_backend.calls!r} {secrets_backend!r} {answer['Errors']!r}"
