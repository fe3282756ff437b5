"""GetRandomPassword: which characters, how many, and when there is none."""

import string

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.raw import members
from tables import rows

from mock_secrets import mock_secrets

PASSWORD = "GetRandomPassword"
UPPER, LOWER, NUMBERS = set(string.ascii_uppercase), set(string.ascii_lowercase), set(string.digits)
PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
TYPES = [UPPER, LOWER, NUMBERS, PUNCTUATION]
ALL = UPPER | LOWER | NUMBERS | PUNCTUATION
ALL_OFF = {
    "ExcludeUppercase": True,
    "ExcludeLowercase": True,
    "ExcludeNumbers": True,
    "ExcludePunctuation": True,
}

TYPE_EXCLUDED = "All characters of the desired type have been excluded."
ALL_EXCLUDED = "All characters have been excluded from selection."
TOO_SHORT = "Password length is too short based on the required types."

MODEL = "botocore service model"
RANDOM_PASSWORD = "LocalStack AWS-validated test test_get_random_exclude_characters_and_symbols"
MEASURED = "measured in GitHub go-to-k/cdkd"
DEPLOYED = "deployed in GitHub badmintoncryer/cdk-preflight"


def password(client, **request):
    return client.get_random_password(**request)["RandomPassword"]


def message(error):
    return error.value.response["Error"]["Message"]


# --- Passwords ---


@behaviour(PASSWORD, "answers RandomPassword only", "AWS-DOC", MODEL)
@behaviour(PASSWORD, "a password has 32 characters by default", "AWS-DOC", MODEL)
def test_a_random_password_has_32_characters_by_default(client):
    answer = client.get_random_password()

    assert members(answer).keys() == {"RandomPassword"}
    assert len(answer["RandomPassword"]) == 32


_LEFT = {
    "by default": ({}, ALL),
    "without upper case": ({"ExcludeUppercase": True}, ALL - UPPER),
    "without lower case": ({"ExcludeLowercase": True}, ALL - LOWER),
    "without digits": ({"ExcludeNumbers": True}, ALL - NUMBERS),
    "without punctuation": ({"ExcludePunctuation": True}, ALL - PUNCTUATION),
    "digits alone": ({**ALL_OFF, "ExcludeNumbers": False}, NUMBERS),
    "nothing excluded": ({**dict.fromkeys(ALL_OFF, False), "IncludeSpace": False}, ALL),
    "without some characters": ({"ExcludeCharacters": "abcXYZ019/@\"\\' "}, ALL - set("abcXYZ019/@\"\\' ")),
    "without one character, 4096 times": ({"ExcludeCharacters": "a" * 4096}, ALL - {"a"}),
    "with the space": ({"IncludeSpace": True}, ALL | {" "}),
    "with the space, which is excluded again": ({"IncludeSpace": True, "ExcludeCharacters": " "}, ALL),
    "without the digits of no required type": (
        {"ExcludeCharacters": string.digits, "RequireEachIncludedType": False},
        ALL - NUMBERS,
    ),
    "without the digits of an excluded type": (
        {"ExcludeCharacters": string.digits, "ExcludeNumbers": True},
        ALL - NUMBERS,
    ),
}


@behaviour(
    PASSWORD,
    "PasswordLength and the length of ExcludeCharacters go up to 4096",
    "AWS-DOC",
    MODEL,
    shown_by=("without one character, 4096 times",),
)
@behaviour(
    PASSWORD,
    "a password has upper and lower case letters, digits and 32 punctuation characters",
    "AWS-DOC",
    MODEL,
    shown_by=("by default",),
)
@behaviour(PASSWORD, "a password has no space by default", "AWS-DOC", MODEL, shown_by=("by default",))
@behaviour(
    PASSWORD,
    "each Exclude option excludes its type",
    "AWS-DOC",
    MODEL,
    shown_by=("without upper case", "without lower case", "without digits", "without punctuation", "digits alone"),
)
@behaviour(
    PASSWORD, "an Exclude option that is false excludes nothing", "AWS-DOC", MODEL, shown_by=("nothing excluded",)
)
@behaviour(
    PASSWORD,
    "PasswordLength and ExcludeCharacters are respected",
    "AWS-VERIFIED",
    RANDOM_PASSWORD,
    shown_by=("without some characters",),
)
@behaviour(PASSWORD, "IncludeSpace adds the space", "AWS-DOC", MODEL, shown_by=("with the space",))
@behaviour(
    PASSWORD,
    "ExcludeCharacters can exclude the space again",
    "REPORTED",
    MEASURED,
    shown_by=("with the space, which is excluded again",),
)
@behaviour(
    PASSWORD,
    "a type that is not required, or excluded, may be left empty",
    "REPORTED",
    MEASURED,
    shown_by=("without the digits of no required type", "without the digits of an excluded type"),
)
@rows("request_members, left", _LEFT)
def test_a_random_password_has_exactly_the_characters_that_are_left(client, request_members, left):
    made = password(client, PasswordLength=4096, **request_members)

    # So many have each of the few that there are with certainty.
    assert (len(made), set(made)) == (4096, left)


@behaviour(PASSWORD, "a password has each type, unless RequireEachIncludedType is false", "AWS-DOC", MODEL)
@rows("length", [4, 5, 32])
@rows("required", [{}, {"RequireEachIncludedType": True}])
def test_a_password_contains_each_character_type(client, length, required):
    for _ in range(30):
        made = password(client, PasswordLength=length, **required)

        assert len(made) == length
        assert all(kind & set(made) for kind in TYPES)


@behaviour(PASSWORD, "with RequireEachIncludedType false a type may be missing", "AWS-DOC", MODEL)
def test_a_character_type_may_be_missing(client):
    made = [password(client, PasswordLength=4, RequireEachIncludedType=False) for _ in range(50)]

    assert not all(kind & set(one) for one in made for kind in TYPES)
    assert {len(one) for one in made} == {4}


@behaviour(
    PASSWORD,
    "the required types have no fixed positions",
    "AWS-DOC",
    "AWS API reference, GetRandomPassword: 'Generates a random password'",
)
def test_character_types_appear_in_any_position(client):
    made = [password(client, PasswordLength=4) for _ in range(100)]

    for kind in TYPES:
        assert {next(place for place, one in enumerate(text) if one in kind) for text in made} == {0, 1, 2, 3}


@behaviour(PASSWORD, "the space is not a required type", "REPORTED", MEASURED)
def test_a_random_password_never_requires_a_space(client):
    made = [password(client, PasswordLength=4, IncludeSpace=True) for _ in range(30)]

    assert not any(" " in one for one in made)


@behaviour(PASSWORD, "with all types excluded and IncludeSpace, a password consists of spaces", "REPORTED", MEASURED)
def test_a_random_password_consists_of_spaces_if_all_else_is_excluded(client):
    assert password(client, PasswordLength=5, IncludeSpace=True, **ALL_OFF) == " " * 5


@behaviour(PASSWORD, "an excluded type is not required", "AWS-DOC", MODEL)
def test_a_random_password_does_not_require_an_excluded_type(client):
    made = password(client, PasswordLength=3, ExcludePunctuation=True)

    assert all(kind & set(made) for kind in (UPPER, LOWER, NUMBERS))


# --- Errors ---


@behaviour(PASSWORD, "fewer characters than required types: InvalidParameterException", "REPORTED", DEPLOYED)
@rows(
    "request_members",
    [
        {"PasswordLength": 1},
        {"PasswordLength": 3},
        {"PasswordLength": 3, "IncludeSpace": True},
        {"PasswordLength": 2, "ExcludePunctuation": True},
        {"PasswordLength": 1, "ExcludePunctuation": True, "ExcludeNumbers": True},
    ],
)
def test_a_password_shorter_than_its_required_types_is_refused(client, request_members):
    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.get_random_password(**request_members)

    assert message(caught) == TOO_SHORT


@behaviour(PASSWORD, "with RequireEachIncludedType false one character is enough", "AWS-DOC", MODEL)
def test_a_password_can_have_one_character_if_types_are_not_required(client):
    assert len(password(client, PasswordLength=1, RequireEachIncludedType=False)) == 1


@behaviour(PASSWORD, "ExcludeCharacters leaves a required type empty: the sentence", "REPORTED", MEASURED)
@behaviour(
    PASSWORD,
    "ExcludeCharacters leaves a required type empty: the code is InvalidParameterException",
    "GUESS",
    "the sentence is reported, not the code",
    decided_by="plain calls",
)
@behaviour(PASSWORD, "no character is left: the sentence", "REPORTED", MEASURED)
@behaviour(
    PASSWORD,
    "no character is left: the code is InvalidParameterException",
    "GUESS",
    "the sentence is reported, not the code",
    decided_by="plain calls",
)
@behaviour(PASSWORD, "the order of refusals: empty required type, no character, too short", "REPORTED", MEASURED)
@rows(
    "request_members, sentence",
    [
        *(({"ExcludeCharacters": "".join(sorted(kind))}, TYPE_EXCLUDED) for kind in (*TYPES, ALL)),
        ({"ExcludeCharacters": string.digits, "PasswordLength": 1}, TYPE_EXCLUDED),
        (ALL_OFF, ALL_EXCLUDED),
        ({**ALL_OFF, "PasswordLength": 1}, ALL_EXCLUDED),
        ({**ALL_OFF, "RequireEachIncludedType": False}, ALL_EXCLUDED),
        ({**ALL_OFF, "IncludeSpace": True, "ExcludeCharacters": " "}, ALL_EXCLUDED),
        ({"RequireEachIncludedType": False, "ExcludeCharacters": "".join(sorted(ALL))}, ALL_EXCLUDED),
    ],
)
def test_a_password_without_characters_is_refused(client, request_members, sentence):
    with pytest.raises(client.exceptions.InvalidParameterException) as caught:
        client.get_random_password(**request_members)

    assert message(caught) == sentence


@behaviour(PASSWORD, "PasswordLength outside 1 to 4096: ValidationException", "GUESS", MODEL, decided_by="plain calls")
@behaviour(PASSWORD, "more than 4096 ExcludeCharacters: ValidationException", "GUESS", MODEL, decided_by="plain calls")
@rows(
    "request_members",
    [{"PasswordLength": 0}, {"PasswordLength": -1}, {"PasswordLength": 4097}, {"ExcludeCharacters": "a" * 4097}],
)
def test_password_lengths_outside_the_limits_are_a_validation_error(unchecked, request_members):
    with pytest.raises(ClientError) as caught:
        unchecked.get_random_password(**{"RequireEachIncludedType": False, **request_members})

    assert caught.value.response["Error"]["Code"] == "ValidationException"


# --- Randomness, of the mock only ---


def passwords_of(seed):
    with mock_secrets(seed=seed) as backend:
        return [password(backend.client()) for _ in range(3)]


def test_a_seed_determines_passwords_that_differ():
    sevens = passwords_of(7)

    assert passwords_of(7) == sevens
    assert len({*sevens, *passwords_of(8)}) == 6


def test_a_marker_sets_the_seed(project):
    result = project.run(
        """
        made = []

        @pytest.mark.parametrize(
            "seed", [pytest.param(seed, marks=pytest.mark.mock_secrets(seed=seed)) for seed in (7, 7, 8)]
        )
        def test_one(secrets_client, seed):
            made.append(secrets_client.get_random_password()["RandomPassword"])

        def test_all():
            assert made[0] == made[1] != made[2]
        """
    )

    result.assert_outcomes(passed=4)


def test_no_password_appears_in_the_recorded_calls(client, secrets_backend):
    made = password(client, ExcludeCharacters="abc")

    assert made not in repr(secrets_backend.calls)
