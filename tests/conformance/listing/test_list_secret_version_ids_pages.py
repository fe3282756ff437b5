"""ListSecretVersionIds: the pages, and the tokens between them."""

import base64
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.listing.versions import ids, labelled
from conformance.raw import all_versions, members, snapshot
from tables import rows

from mock_secrets import Limits

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
V4 = "44444444-4444-4444-8444-444444444444"
V5 = "55555555-5555-4555-8555-555555555555"
LIST = "ListSecretVersionIds"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
MODEL = "botocore service model"
PAGES = "the model says only that a token is where the list continues"


@behaviour(LIST, "MaxResults limits a page, and NextToken leads to the next one", "AWS-DOC", MODEL)
def test_max_results_limits_a_page_of_versions(client, five_versions):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=2)
    second = client.list_secret_version_ids(SecretId="db", MaxResults=2, NextToken=first["NextToken"])
    third = client.list_secret_version_ids(SecretId="db", MaxResults=2, NextToken=second["NextToken"])

    assert [ids(page["Versions"]) for page in (first, second, third)] == [[V1, V2], [V3, V4], [V5]]
    assert [page["Name"] for page in (first, second, third)] == ["db"] * 3
    assert "NextToken" not in third


@behaviour(LIST, "all pages together are the whole list, whatever their size", "AWS-DOC", MODEL)
@rows("size", [1, 2, 3, 4, 5, 6, 100])
@rows("include", [False, True])
def test_all_pages_together_make_the_whole_list(client, secrets_backend, five_versions, size, include):
    client.update_secret_version_stage(SecretId="db", VersionStage=f"label-{V3}", RemoveFromVersionId=V3)
    whole = client.list_secret_version_ids(SecretId="db", IncludeDeprecated=include)["Versions"]
    secrets_backend.calls.clear()

    paged = all_versions(client, IncludeDeprecated=include, MaxResults=size)

    assert paged == whole
    assert len(whole) == 4 + include
    assert len(secrets_backend.calls) == -(-len(whole) // size)


@behaviour(LIST, "pages may have different sizes", "AWS-DOC", MODEL)
def test_pages_of_versions_may_have_different_sizes(client, five_versions):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=1)

    rest = client.list_secret_version_ids(SecretId="db", MaxResults=3, NextToken=first["NextToken"])
    again = client.list_secret_version_ids(SecretId="db", NextToken=first["NextToken"])

    assert ids(rest["Versions"]) == [V2, V3, V4]
    assert ids(again["Versions"]) == [V2, V3, V4, V5]


@behaviour(
    LIST,
    "a page has up to 100 versions if MaxResults is not given",
    "GUESS",
    "the largest that can be asked",
    decided_by="many calls",
)
@rows("count, pages", [(100, [100]), (101, [100, 1])])
def test_a_page_has_up_to_100_versions_by_default(client, secrets_backend, db, count, pages):
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
@rows("size", [1, 100])
def test_a_page_of_1_to_100_versions_is_accepted(client, db, size):
    assert ids(client.list_secret_version_ids(SecretId="db", MaxResults=size)["Versions"]) == [V1]


@behaviour(
    LIST,
    "MaxResults below 1 or above 100: ValidationException",
    "GUESS",
    "form of AWS's JSON services",
    decided_by="plain calls",
)
@rows("size", [-1, 0, 101, 1000])
def test_a_page_size_outside_the_bounds_is_refused(unchecked, secrets_backend, size):
    secrets_backend.create("db", "one")

    with pytest.raises(ClientError) as caught:
        unchecked.list_secret_version_ids(SecretId="db", MaxResults=size)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(
    LIST,
    "botocore sends MaxResults=101, and it is refused: ValidationException",
    "GUESS",
    "botocore checks the minimum only; the service's model allows 1 to 100",
    decided_by="plain calls",
)
def test_botocore_sends_an_excessive_page_size(client, secrets_backend, db):
    with pytest.raises(ClientError) as caught:
        client.list_secret_version_ids(SecretId="db", MaxResults=101)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert secrets_backend.calls[-1].params["MaxResults"] == 101


@behaviour(LIST, "boto3 has no paginator for it", "AWS-DOC", "botocore's paginators")
def test_boto3_has_no_paginator_for_versions(client):
    assert not client.can_paginate("list_secret_version_ids")


@behaviour(
    LIST,
    "a version created between two pages neither hides nor repeats another",
    "GUESS",
    PAGES,
    decided_by="plain calls",
)
@rows("new, rest", [(V1, [V4, V5]), (V3, [V3, V4, V5])])
def test_a_version_created_between_pages_hides_and_repeats_no_other(client, new, rest):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V2)
    labelled(client, V4, V5)
    first = client.list_secret_version_ids(SecretId="db", MaxResults=1)

    labelled(client, new)

    assert ids(first["Versions"]) == [V2]
    assert ids(client.list_secret_version_ids(SecretId="db", NextToken=first["NextToken"])["Versions"]) == rest


@behaviour(
    LIST,
    "a version removed between two pages neither hides nor repeats another",
    "GUESS",
    PAGES,
    decided_by="plain calls",
)
@rows("gone, rest", [(V2, [V4, V5]), (V3, [V4, V5]), (V4, [V5]), (V5, [V4])])
def test_a_version_removed_between_pages_hides_and_repeats_no_other(client, five_versions, gone, rest):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=3)

    client.update_secret_version_stage(SecretId="db", VersionStage=f"label-{gone}", RemoveFromVersionId=gone)

    assert ids(first["Versions"]) == [V1, V2, V3]
    assert ids(client.list_secret_version_ids(SecretId="db", NextToken=first["NextToken"])["Versions"]) == rest


@behaviour(
    LIST,
    "versions removed by time between two pages neither hide nor repeat others",
    "GUESS",
    PAGES,
    decided_by="days of waiting",
)
@pytest.mark.mock_secrets(at=NEW_YEAR, limits=Limits(retained_versions=3))
def test_versions_that_expire_between_pages_hide_and_repeat_no_others(client, secrets_backend, deprecated):
    client.update_secret(SecretId="db", SecretString="five", ClientRequestToken=V5)
    first = client.list_secret_version_ids(SecretId="db", MaxResults=1, IncludeDeprecated=True)
    secrets_backend.clock.advance(days=1)

    rest = all_versions(client, NextToken=first["NextToken"], IncludeDeprecated=True, MaxResults=1)

    assert ids(first["Versions"]) == [V1]
    assert ids(rest) == [V3, V4, V5]


@behaviour(
    LIST,
    "if the rest of the list is removed between two pages, the next page is empty and has no NextToken",
    "AWS-DOC",
    MODEL,
)
def test_the_remaining_versions_are_removed_between_pages(client, db):
    labelled(client, V2)
    first = client.list_secret_version_ids(SecretId="db", MaxResults=1)
    client.update_secret_version_stage(SecretId="db", VersionStage=f"label-{V2}", RemoveFromVersionId=V2)

    rest = client.list_secret_version_ids(SecretId="db", NextToken=first["NextToken"])

    assert members(rest) == {"ARN": db, "Name": "db", "Versions": []}


@behaviour(LIST, "a token can be used again", "GUESS", PAGES, decided_by="plain calls")
def test_a_token_can_be_used_again(client, five_versions):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=2)

    answers = [
        members(client.list_secret_version_ids(SecretId="db", MaxResults=2, NextToken=first["NextToken"]))
        for _ in range(2)
    ]

    assert answers[0] == answers[1]


@behaviour(LIST, "a token works however the secret is named", "GUESS", PAGES, decided_by="plain calls")
def test_a_page_token_works_with_every_name_of_the_secret(client, five_versions):
    first = client.list_secret_version_ids(SecretId="db", MaxResults=4)

    rest = client.list_secret_version_ids(SecretId=five_versions, NextToken=first["NextToken"])

    assert ids(rest["Versions"]) == [V5]


@behaviour(LIST, "a token has at most 4096 characters, however long the name", "AWS-DOC", MODEL)
def test_a_page_token_has_at_most_4096_characters(client):
    client.create_secret(Name="n" * 512, SecretString="one", ClientRequestToken="v" * 64)
    client.update_secret(SecretId="n" * 512, SecretString="two", ClientRequestToken="w" * 64)

    token = client.list_secret_version_ids(SecretId="n" * 512, MaxResults=1)["NextToken"]

    assert len(token) <= 4096
    assert ids(all_versions(client, SecretId="n" * 512, NextToken=token)) == ["w" * 64]


@behaviour(LIST, "a token that the operation didn't return: InvalidNextTokenException", "AWS-DOC", MODEL)
@rows(
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
)
def test_an_invalid_page_token_is_refused(client, five_versions, token):
    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secret_version_ids(SecretId="db", NextToken=token)


@behaviour(LIST, "a truncated token: InvalidNextTokenException", "AWS-DOC", MODEL)
def test_a_truncated_page_token_is_refused(client, five_versions):
    token = client.list_secret_version_ids(SecretId="db", MaxResults=1)["NextToken"]

    for cut in (token[:20], token[1:], token[4:]):
        with pytest.raises(client.exceptions.InvalidNextTokenException):
            client.list_secret_version_ids(SecretId="db", NextToken=cut)


@behaviour(LIST, "the token of another secret: InvalidNextTokenException", "GUESS", PAGES, decided_by="plain calls")
def test_the_page_token_of_another_secret_is_refused(client, five_versions):
    client.create_secret(Name="other", SecretString="one", ClientRequestToken=V2)
    token = client.list_secret_version_ids(SecretId="db", MaxResults=1)["NextToken"]

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secret_version_ids(SecretId="other", NextToken=token)


@behaviour(
    LIST,
    "the token of a deleted secret of the same name: InvalidNextTokenException",
    "GUESS",
    PAGES,
    decided_by="plain calls",
)
def test_a_page_token_of_a_deleted_secret_of_the_same_name_is_refused(client, five_versions):
    token = client.list_secret_version_ids(SecretId="db", MaxResults=1)["NextToken"]
    client.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V2)

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secret_version_ids(SecretId="db", NextToken=token)


@behaviour(
    LIST,
    "the token of a list with another IncludeDeprecated: InvalidNextTokenException",
    "GUESS",
    PAGES,
    decided_by="plain calls",
)
@rows("include", [False, True])
def test_a_page_token_with_another_include_deprecated_is_refused(client, five_versions, include):
    token = client.list_secret_version_ids(SecretId="db", MaxResults=1, IncludeDeprecated=include)["NextToken"]

    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secret_version_ids(SecretId="db", NextToken=token, IncludeDeprecated=not include)


@behaviour(
    LIST,
    "a token of a list without IncludeDeprecated works for one with IncludeDeprecated=False",
    "GUESS",
    PAGES,
    decided_by="plain calls",
)
def test_a_page_token_works_whether_include_deprecated_is_false_or_omitted(client, five_versions):
    token = client.list_secret_version_ids(SecretId="db", MaxResults=4)["NextToken"]

    rest = client.list_secret_version_ids(SecretId="db", NextToken=token, IncludeDeprecated=False)

    assert ids(rest["Versions"]) == [V5]


@behaviour(
    LIST,
    "a token outside the model's length: ValidationException",
    "GUESS",
    "form of AWS's JSON services",
    decided_by="plain calls",
)
@rows("token", ["", "x" * 4097])
def test_a_page_token_outside_the_model_is_refused(unchecked, secrets_backend, token):
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
