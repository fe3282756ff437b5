"""Policy documents of users, roles and keys by themselves: what IAM and KMS accept."""

import json
from pathlib import PurePosixPath

import pytest
from policy.statements import allow
from tables import rows

from mock_secrets.policy.document import MalformedPolicy, read_identity_policy, read_key_policy

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
GET = "secretsmanager:GetSecretValue"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-AbCdEf"


IDENTITY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": GET, "Resource": "*"}]}
KEY_POLICY = {"Version": "2012-10-17", "Statement": [allow({"AWS": ROOT}, action="kms:*")]}

of_both = rows("read_one, document", [(read_identity_policy, IDENTITY), (read_key_policy, KEY_POLICY)])


def changed(document, **members):
    """A document with these members in its only statement; without one that is None."""
    (given,) = document["Statement"]
    return {**document, "Statement": {name: one for name, one in {**given, **members}.items() if one is not None}}


@of_both
def test_a_policy_can_be_a_mapping(read_one, document):
    assert read_one(document).document == document


@of_both
@rows("indent", [None, 2])
def test_a_policy_can_be_json(read_one, document, indent):
    assert read_one(json.dumps(document, indent=indent)).document == document


@of_both
def test_a_policy_can_be_a_file_path(read_one, document, tmp_path):
    file = tmp_path / "policy.json"
    condition = {"StringEquals": {"aws:PrincipalTag/team": "Größe"}}
    file.write_text(json.dumps(changed(document, Condition=condition), ensure_ascii=False), encoding="utf-8")

    assert read_one(file).document["Statement"]["Condition"] == condition


@of_both
def test_a_missing_policy_file_raises_os_error(read_one, document, tmp_path):
    with pytest.raises(FileNotFoundError):
        read_one(tmp_path / "policy.json")


@of_both
@rows("given", [None, 5, True, b"{}", [], ({},), PurePosixPath("policy.json")])
def test_a_policy_of_any_other_type_raises_type_error(read_one, document, given):
    with pytest.raises(TypeError, match=rf"mapping, JSON text, or the pathlib.Path .*, not {type(given).__name__}$"):
        read_one(given)


@of_both
def test_changing_the_original_mapping_does_not_change_the_policy(read_one, document):
    given = json.loads(json.dumps(document))
    policy = read_one(given)

    given["Statement"][0]["Effect"] = "Deny"
    given["Statement"][0]["Resource"] = SECRET

    assert policy.document == document
    assert (policy.statements[0].effect, policy.statements[0].resources[0].text) == ("Allow", "*")


@of_both
def test_a_mapping_may_only_contain_json_values(read_one, document):
    with pytest.raises(MalformedPolicy, match=r"is not JSON: a set$"):
        read_one(changed(document, Action={GET}))


@of_both
@rows("text", ["", "policy.json", "{", "[" * 20_000, "NaN", "1e999"])
def test_text_that_is_not_json_may_be_a_file_name(read_one, document, text):
    with pytest.raises(MalformedPolicy) as caught:
        read_one(text)

    assert str(caught.value) == "the policy is not JSON. To name a file, pass a pathlib.Path"


def test_a_malformed_policy_raises_value_error():
    assert issubclass(MalformedPolicy, ValueError)


# The members of the only statement, and the error.
_MALFORMED = {
    "no effect": ({"Effect": None}, "Statement[0].Effect takes Allow or Deny"),
    "an effect in another case": ({"Effect": "allow"}, "Statement[0].Effect takes Allow or Deny"),
    "an effect of another type": ({"Effect": ["Allow"]}, "Statement[0].Effect takes Allow or Deny"),
    "a Sid of another type": ({"Sid": 1}, "Statement[0].Sid takes a string"),
    "no action": ({"Action": None}, "Statement[0] takes either Action or NotAction"),
    "both of actions": ({"NotAction": GET}, "Statement[0] takes either Action or NotAction"),
    "no actions": ({"Action": []}, "Statement[0].Action takes a string, or a list of them"),
    "an action of another type": ({"Action": [5]}, "Statement[0].Action takes a string, or a list of them"),
    "an action of no service": (
        {"Action": [GET, "GetSecretValue"]},
        "Statement[0].Action takes actions such as secretsmanager:GetSecretValue, not 'GetSecretValue'",
    ),
    "an action of no service left out": (
        {"Action": None, "NotAction": "GetSecretValue"},
        "Statement[0].NotAction takes actions such as secretsmanager:GetSecretValue, not 'GetSecretValue'",
    ),
    "no resource": ({"Resource": None}, "Statement[0] takes either Resource or NotResource"),
    "both of resources": ({"NotResource": SECRET}, "Statement[0] takes either Resource or NotResource"),
    "a resource of another type": ({"Resource": {}}, "Statement[0].Resource takes a string, or a list of them"),
    "a resource left out of another type": (
        {"Resource": None, "NotResource": [None]},
        "Statement[0].NotResource takes a string, or a list of them",
    ),
    "a condition of another type": ({"Condition": "Bool"}, "Statement[0].Condition takes a JSON object"),
    "an operator that isn't": (
        {"Condition": {"StringEqual": {"aws:username": "ann"}}},
        "Statement[0].Condition takes operators such as StringEquals, not 'StringEqual'",
    ),
    "an operator without keys": (
        {"Condition": {"StringEquals": {}}},
        "Statement[0].Condition.StringEquals takes condition keys with their values",
    ),
    "a condition key without values": (
        {"Condition": {"StringEquals": {"aws:username": []}}},
        "Statement[0].Condition.StringEquals.aws:username takes a value, or a list",
    ),
}


@of_both
@rows("members, message", _MALFORMED)
def test_an_error_in_a_policy_is_reported_with_its_position(read_one, document, members, message):
    with pytest.raises(MalformedPolicy) as caught:
        read_one(changed(document, **members))

    assert str(caught.value) == message


@of_both
def test_the_reported_position_is_that_of_the_statement(read_one, document):
    (good,) = document["Statement"]

    with pytest.raises(MalformedPolicy, match=r"^Statement\[2\]\.Effect takes"):
        read_one({**document, "Statement": [good, good, {**good, "Effect": "Permit"}, {}]})


@of_both
@rows(
    "members, message",
    [
        ({"Version": "2012-10-18"}, "Version takes 2012-10-17 or 2008-10-17"),
        ({"Id": 5}, "Id takes a string"),
        ({"Statement": []}, "Statement takes at least one statement"),
        ({"Statement": "Allow"}, "Statement[0] takes a JSON object"),
        ({"Name": "app"}, "the policy takes Id, Statement, Version, not 'Name'"),
    ],
)
def test_an_error_in_the_document_is_reported(read_one, document, members, message):
    with pytest.raises(MalformedPolicy) as caught:
        read_one({**document, **members})

    assert str(caught.value) == message


@of_both
@rows("text", ["[]", "null", '"Allow"', "5"])
def test_a_policy_must_be_an_object(read_one, document, text):
    with pytest.raises(MalformedPolicy, match=r"^the policy takes a JSON object$"):
        read_one(text)


@rows("member", ["Principal", "NotPrincipal"])
def test_an_identity_policy_must_not_name_a_principal(member):
    with pytest.raises(MalformedPolicy) as caught:
        read_identity_policy(changed(IDENTITY, **{member: {"AWS": ROOT}}))

    assert str(caught.value) == (
        f"Statement[0] takes Action, Condition, Effect, NotAction, NotResource, Resource, Sid, not {member!r}"
    )


@rows(
    "members, message",
    [
        ({"Principal": None}, "Statement[0] takes either Principal or NotPrincipal"),
        ({"NotPrincipal": {"AWS": ROOT}}, "Statement[0] takes either Principal or NotPrincipal"),
        ({"Principal": {}}, 'Statement[0].Principal takes "*" or an object such as {"AWS": ...}'),
        ({"Principal": ROOT}, 'Statement[0].Principal takes "*" or an object such as {"AWS": ...}'),
        ({"Principal": {"AWS": []}}, "Statement[0].Principal.AWS takes a string, or a list of them"),
        (
            {"Principal": None, "NotPrincipal": {"AWS": 5}},
            "Statement[0].NotPrincipal.AWS takes a string, or a list of them",
        ),
    ],
)
def test_a_key_policy_must_name_principals(members, message):
    with pytest.raises(MalformedPolicy) as caught:
        read_key_policy(changed(KEY_POLICY, **members))

    assert str(caught.value) == message


@rows("sid", ["Read", None, ""])
def test_a_statement_is_named_by_its_sid_or_its_position(sid):
    policy = read_identity_policy(changed(IDENTITY, Sid=sid))

    assert policy.statements[0].name == (sid or "Statement[0]")
