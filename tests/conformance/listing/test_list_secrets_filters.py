"""ListSecrets: what each filter matches, filters together, and what is refused."""

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.listing.secrets import create_all, described, listed, where
from conformance.raw import stored
from tables import rows

LIST = "ListSecrets"

MODEL = "botocore service model"
USER_GUIDE = 'AWS User Guide, "Find secrets in AWS Secrets Manager"'
FILTERING = "LocalStack AWS-validated test test_list_secrets_filtering"
ALL_FILTER = "moto tests verified against AWS test_with_all_filter and test_with_all_filter_special_characters"
WORDS = "moto test verified against AWS test_with_filter_with_multiple_words"
REPEATED_KEYS = "moto test verified against AWS test_with_duplicate_filter_keys"


# --- Filters: what matches ---


def created(backend, secrets):
    """The secrets by their numbers in a table, which begin at 1."""
    for secret in secrets:
        backend.create(**secret)


def matched(client, secrets, *filters):
    """The numbers of those that are found, in the order of the list."""
    names = [secret["name"] for secret in secrets]
    return [names.index(name) + 1 for name in listed(client, Filters=list(filters))]


_NAMED = [
    {"name": name}
    for name in ("testing1/one-qxz", "/testing1/two-qxz", "/testing2/three-qxz", "testing1/four-qxz", "Testing1-qxz")
]


@behaviour(LIST, "name matches the beginning of the whole name, literally", "AWS-VERIFIED", FILTERING)
@behaviour(LIST, "name with ! matches the names that don't begin with the value", "AWS-VERIFIED", FILTERING)
@rows(
    "value, found",
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
def test_a_name_filter_matches_the_beginning_of_the_name(client, secrets_backend, value, found):
    created(secrets_backend, _NAMED)

    assert matched(client, _NAMED, where("name", value)) == found


@behaviour(LIST, "name is case-sensitive: Data finds DatabaseSecret only", "AWS-DOC", USER_GUIDE)
def test_a_filter_by_name_is_case_sensitive(client, secrets_backend):
    create_all(secrets_backend, "DatabaseSecret", "databaseSecret", "MyData")

    assert listed(client, Filters=[where("name", "Data")]) == ["DatabaseSecret"]


_DESCRIBED = described("a secret", "an secret", "asecret", "thesecret")
_COUNTED = described("one two", "one and two", "one", "two", "unrelated")


@behaviour(
    LIST,
    "description matches if each word of the value is the beginning of one of its words, in any order",
    "AWS-VERIFIED",
    WORDS,
)
@behaviour(LIST, "description with ! matches the descriptions that don't match the value", "AWS-VERIFIED", FILTERING)
@rows(
    "secrets, value, found",
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
def test_a_description_filter_matches_the_beginnings_of_words(client, secrets_backend, secrets, value, found):
    created(secrets_backend, secrets)

    assert matched(client, secrets, where("description", value)) == found


@behaviour(
    LIST, "description is not case-sensitive: My Description finds Description of my secret", "AWS-DOC", USER_GUIDE
)
@rows("value", ["My Description", "MY", "description OF", "sec"])
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


@behaviour(
    LIST, "tag-key and tag-value match the beginning of any tag's key or value, case-sensitively", "AWS-DOC", MODEL
)
@behaviour(
    LIST,
    "tag-key and tag-value need not match the same tag",
    "REPORTED",
    "GitHub external-secrets/external-secrets#4181 and #4903",
)
@rows(
    "filters, found",
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
def test_a_tag_filter_matches_the_beginning_of_any_key_or_value(client, secrets_backend, filters, found):
    created(secrets_backend, _TAGGED)

    assert matched(client, _TAGGED, *(where(*one) for one in filters)) == found


@behaviour(LIST, "primary-region matches the beginning of the Region, case-sensitively", "AWS-DOC", MODEL)
@behaviour(LIST, "a secret that was never replicated has no primary Region to match", "AWS-DOC", MODEL)
@rows("value, found", [("us-east-1", [1]), ("us-", [1]), ("eu", []), ("east", []), ("US", []), ("!us", [2])])
def test_a_primary_region_filter_matches_the_beginning_of_the_region(client, value, found):
    client.create_secret(Name="replicated", AddReplicaRegions=[{"Region": "eu-west-1"}])
    client.create_secret(Name="single")

    assert matched(client, [{"name": "replicated"}, {"name": "single"}], where("primary-region", value)) == found


@behaviour(LIST, "owning-service matches the beginning of the service's name", "AWS-DOC", MODEL)
@behaviour(
    LIST,
    "owning-service is not case-sensitive",
    "GUESS",
    "AWS User Guide, finding secrets; the API reference says that it is case-sensitive",
    decided_by="a managed secret",
)
@rows("value, found", [("rds", [1]), ("r", [1]), ("RDS", [1]), ("ds", []), ("!rds", [2])])
def test_an_owning_service_filter_matches_the_beginning_of_the_service(client, secrets_backend, value, found):
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
    "all matches if each word of the value is the beginning of a word in one field: name, "
    "description, a tag's key or value",
    "AWS-VERIFIED",
    ALL_FILTER,
)
@behaviour(
    LIST,
    "a word begins after a separator, at a capital after a small letter, and at the capital before a small letter",
    "AWS-VERIFIED",
    ALL_FILTER,
)
@rows(
    "secrets, values, found",
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
def test_an_all_filter_matches_the_beginnings_of_words_in_one_field(client, secrets_backend, secrets, values, found):
    created(secrets_backend, secrets)

    assert matched(client, secrets, where("all", *values)) == found


@behaviour(LIST, "all: the words of a value must match in the same field", "REPORTED", "AWS blog of 2020 in moto#3173")
def test_an_all_filter_looks_for_all_words_in_one_field(client, secrets_backend):
    secrets_backend.create("blue/one", "one", description="green", tags={"red": "yellow"})

    assert listed(client, Filters=[where("all", "one blue")]) == ["blue/one"]
    for value in ("blue green", "green red", "red yellow"):
        assert listed(client, Filters=[where("all", value)]) == []


@behaviour(LIST, "all searches the owning service and the primary Region too", "AWS-DOC", USER_GUIDE)
@rows("value", ["rds", "RDS", "us-east-1", "east"])
def test_an_all_filter_searches_service_and_region(client, secrets_backend, value):
    create_all(secrets_backend, "db", "other")
    stored(secrets_backend).owning_service = "rds"
    stored(secrets_backend).primary_region = "us-east-1"

    assert listed(client, Filters=[where("all", value)]) == ["db"]


@behaviour(LIST, "a word ends between a letter and a digit", "AWS-DOC", USER_GUIDE)
def test_words_are_split_between_letters_and_digits(client, secrets_backend):
    secrets_backend.create("credsDatabase_892", "one")

    for value in ("892", "creds 8", "CREDS892"):
        assert listed(client, Filters=[where("all", value)]) == ["credsDatabase_892"]
    for value in ("92", "creds92", "base 892"):
        assert listed(client, Filters=[where("all", value)]) == []


@behaviour(
    LIST, "a negated filter matches a secret that lacks the attribute", "GUESS", "no source", decided_by="plain calls"
)
@behaviour(
    LIST,
    "a negated filter by tag, or by all, matches a secret if no tag or attribute matches",
    "GUESS",
    "no source",
    decided_by="plain calls",
)
@rows(
    "key, value, found",
    [
        ("description", "!one", ["other", "bare"]),
        ("tag-key", "!env", ["other", "bare"]),
        ("tag-value", "!prod", ["other", "bare"]),
        ("all", "!prod", ["other", "bare"]),
    ],
)
def test_a_negated_filter_matches_secrets_without_a_match(client, secrets_backend, key, value, found):
    secrets_backend.create("one", description="one two", tags={"env": "prod", "team": "core"})
    secrets_backend.create("other", description="two", tags={"team": "core"})
    secrets_backend.create("bare")

    assert listed(client, Filters=[where(key, value)]) == found


# --- Filters: together ---


@behaviour(LIST, "a secret must match every filter", "AWS-VERIFIED", FILTERING)
@behaviour(LIST, "filters with the same key are separate: each must match", "AWS-VERIFIED", REPEATED_KEYS)
@rows(
    "filters, found",
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
@behaviour(
    LIST,
    "a negated value among others is one more value that may match",
    "GUESS",
    "no source",
    decided_by="plain calls",
)
@rows(
    "key, values, found",
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


@behaviour(LIST, "the model's maximum numbers of filters, values and characters are accepted", "AWS-DOC", MODEL)
@rows(
    "filters",
    [
        [],
        [where("name", "d")] * 10,
        [where("name", *("d" * 10))],
        [where("name", "d", "x" * 512)],
        [where("name", "d", "!azAZ09 :_@/+=.-!")],
    ],
)
def test_filters_at_their_limits_are_accepted(client, secrets_backend, filters):
    create_all(secrets_backend, "db")

    assert listed(client, Filters=filters) == ["db"]


@behaviour(LIST, "a filter outside the model's constraints: ValidationException", "AWS-DOC", MODEL)
@rows(
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
)
def test_a_filter_that_the_model_does_not_allow(unchecked, filters):
    with pytest.raises(ClientError) as caught:
        unchecked.list_secrets(Filters=filters)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(
    LIST,
    "a filter without Key or without Values: InvalidParameterException",
    "GUESS",
    "moto, not verified",
    decided_by="plain calls",
)
@rows("filters", [[{"Values": ["d"]}], [{"Key": "description"}], [{}], [where("name", "d"), {}]])
def test_a_filter_without_a_key_or_without_values_is_refused(client, secrets_backend, filters):
    create_all(secrets_backend, "db")

    with pytest.raises(client.exceptions.InvalidParameterException):
        client.list_secrets(Filters=filters)
