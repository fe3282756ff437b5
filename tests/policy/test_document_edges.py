"""Policy documents at the edges: what is JSON and no policy, mappings of every kind, and principals that are renamed."""

import json
from collections import UserDict
from types import MappingProxyType

import pytest
from tables import rows

from mock_secrets.kernel.errors import PolicySyntax
from mock_secrets.policy.document import MalformedPolicy, read_identity_policy, read_key_policy, read_policy

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/app"
ADMIN = f"arn:aws:iam::{ACCOUNT}:user/administrator"


def one_statement(**members):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", **members}]}


@rows("condition", [{"ArnEquals": {"aws:PrincipalArn": ROLE}}, {"ArnEquals": {"aws:PrincipalArn": [ROLE, ADMIN]}}])
def test_only_principal_names_are_renamed(condition):
    policy = read_policy(json.dumps(one_statement(Principal={"AWS": ROLE}, Condition=condition)))

    renamed = policy.renamed(ROLE, "AROAEXAMPLEEXAMPLE12")

    assert renamed.document == one_statement(Principal={"AWS": "AROAEXAMPLEEXAMPLE12"}, Condition=condition)


@rows(
    "read_one, members, error",
    {
        "a principal of a secret's policy": (read_policy, {"Principal": None}, PolicySyntax),
        "an action in a secret's policy": (read_policy, {"Principal": "*", "Action": None}, PolicySyntax),
        "a principal of a key policy": (read_key_policy, {"Principal": None}, MalformedPolicy),
        "an action in an identity policy": (read_identity_policy, {"Action": None}, MalformedPolicy),
    },
)
def test_null_is_neither_a_principal_nor_an_action(read_one, members, error):
    with pytest.raises(error):
        read_one(json.dumps(one_statement(**members)))


@rows("kind", [UserDict, MappingProxyType])
def test_a_policy_can_be_any_mapping(kind):
    inner = kind({"aws:username": "ann"})
    given = kind(one_statement(Condition={"StringEquals": inner}))

    assert read_identity_policy(given).document == one_statement(Condition={"StringEquals": {"aws:username": "ann"}})


def test_a_number_not_valid_in_json_is_refused_in_mappings_and_in_text():
    with pytest.raises(MalformedPolicy):
        read_identity_policy(one_statement(Condition={"NumericEquals": {"a:b": float("nan")}}))


def test_an_extremely_deep_mapping_is_malformed():
    given = {}
    for _ in range(20_000):
        given = {"Statement": given}

    with pytest.raises(MalformedPolicy):
        read_identity_policy(given)


@rows("name", ["two words", "Größe", "a-b"])
def test_the_sid_in_an_identity_policy_is_alphanumeric(name):
    with pytest.raises(MalformedPolicy, match="Sid takes ASCII letters and digits"):
        read_identity_policy(one_statement(Sid=name))


def test_the_sids_in_an_identity_policy_must_be_unique():
    statement = {"Sid": "Read", "Effect": "Allow", "Action": "*", "Resource": "*"}

    with pytest.raises(MalformedPolicy, match="several statements have 'Read'"):
        read_identity_policy({"Version": "2012-10-17", "Statement": [statement, statement]})


def test_a_document_must_have_a_statement():
    with pytest.raises(MalformedPolicy, match="Statement takes at least one statement"):
        read_identity_policy({})


@rows("resource", ["db", "", "?", ["*", "db"]])
def test_a_resource_must_be_an_arn_or_a_star(resource):
    with pytest.raises(MalformedPolicy, match="ARNs or"):
        read_identity_policy(one_statement(Resource=resource))


def test_a_file_may_start_with_a_byte_order_mark(tmp_path):
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(one_statement()), encoding="utf-8-sig")

    assert read_identity_policy(file).document == one_statement()


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe"], ids=["no JSON", "no UTF-8"])
def test_an_unreadable_file_is_named_in_the_error(tmp_path, content):
    file = tmp_path / "policy.json"
    file.write_bytes(content)

    with pytest.raises(MalformedPolicy, match=r"policy\.json: "):
        read_identity_policy(file)
