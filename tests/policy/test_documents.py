"""Policy documents by themselves: reading, printing, and judging whom they let in or lock out."""

import json

import pytest
from policy.statements import allow, deny, read
from tables import rows

from mock_secrets.kernel.errors import InvalidServicePrincipal, PolicySyntax, UnsupportedPrincipal
from mock_secrets.policy.breadth import grants_broad_access, locks_out
from mock_secrets.policy.document import read_policy
from mock_secrets.policy.principals import Principal

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/app"
ADMIN = f"arn:aws:iam::{ACCOUNT}:user/administrator"
ORGANISATION = "o-a1b2c3d4e5"
GET = "secretsmanager:GetSecretValue"
PUT_POLICY, DELETE_POLICY = "secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-AbCdEf"
OTHER_SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:other-AbCdEf"


def when(operator, key, *values):
    return allow(condition={operator: {key: values[0] if len(values) == 1 else list(values)}})


def unless(operator, key, *values):
    return deny({operator: {key: values[0] if len(values) == 1 else list(values)}})


# --- Who is let in ---

_BROAD = {
    "everybody": [allow("*")],
    "every AWS principal": [allow({"AWS": "*"})],
    "everybody in a list": [allow({"AWS": ["*"]})],
    "everybody beside an account": [allow({"AWS": [ACCOUNT, "*"]})],
    "everybody beside a service": [allow({"Service": "lambda.amazonaws.com", "AWS": "*"})],
    "everybody but an account": [allow(None, NotPrincipal={"AWS": ROOT})],
    "everybody, one read": [allow(action=[GET])],
    "everybody, nearly every action": [allow(action=None, NotAction="secretsmanager:DeleteSecret")],
    "any organisation": [when("StringLike", "aws:PrincipalOrgID", "*")],
    "any organisation by its first letter": [when("StringLike", "aws:PrincipalOrgID", "o-*")],
    "an organisation or any": [when("StringLike", "aws:PrincipalOrgID", ORGANISATION, "*")],
    "an organisation if there is one": [when("StringEqualsIfExists", "aws:PrincipalOrgID", ORGANISATION)],
    "all of no organisations": [when("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", f"{ORGANISATION}/*")],
    "any path of any organisation": [when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/r-ab12/*")],
    "not one organisation": [when("StringNotEquals", "aws:PrincipalOrgID", ORGANISATION)],
    "not one account": [when("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:*")],
    "an organisation of whatever id": [when("Null", "aws:PrincipalOrgID", "false")],
    "a role of any account": [when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/app")],
    "a role of any account, as text": [when("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/app")],
    "any ARN": [when("ArnLike", "aws:PrincipalArn", "*")],
    "any ARN, as text": [when("StringLike", "aws:PrincipalArn", "arn:*")],
    "accounts that begin alike": [when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::1234*:root")],
    "accounts that begin alike, as text": [when("StringLike", "aws:PrincipalAccount", "12345*")],
    "one's own account, whatever it is": [when("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}")],
    "the internet": [when("IpAddress", "aws:SourceIp", "0.0.0.0/0")],
    "the internet of IPv6": [when("IpAddress", "aws:SourceIp", "::/0")],
    "the internet in halves": [when("IpAddress", "aws:SourceIp", "0.0.0.0/1", "128.0.0.0/1")],
    "a network or the internet": [when("IpAddress", "aws:SourceIp", "203.0.113.0/24", "0.0.0.0/0")],
    "not from a network": [when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")],
    "a network if there is one": [when("IpAddressIfExists", "aws:SourceIp", "203.0.113.0/24")],
    "any endpoint": [when("StringLike", "aws:SourceVpce", "*")],
    "any endpoint by its first letters": [when("StringLike", "aws:SourceVpce", "vpce-*")],
    "any source account": [when("StringLike", "aws:SourceAccount", "*")],
    "a source of any account": [when("ArnLike", "aws:SourceArn", "arn:aws:lambda:us-east-1:*:function:f")],
    "a user name, which any account can have": [when("StringEquals", "aws:username", "bob")],
    "a tag, which any account can have": [when("StringEquals", "aws:PrincipalTag/team", "payments")],
    "a region": [when("StringEquals", "aws:RequestedRegion", "us-east-1")],
    "a label": [when("StringEquals", "secretsmanager:VersionStage", "AWSCURRENT")],
    "a secure transport": [when("Bool", "aws:SecureTransport", "true")],
    "a second factor": [when("Bool", "aws:MultiFactorAuthPresent", "true")],
    "until a date": [when("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z")],
    "no condition": [allow(condition={})],
    "everybody of a provider": [allow({"Federated": "*"})],
    "an account, then everybody": [allow({"AWS": ROOT}), allow("*")],
    "everybody narrowed, then everybody": [when("StringEquals", "aws:PrincipalOrgID", ORGANISATION), allow("*")],
    "denied without a secure transport": [allow(), unless("Bool", "aws:SecureTransport", "false")],
    "denied inside the organisation": [allow(), unless("StringEquals", "aws:PrincipalOrgID", ORGANISATION)],
    "denied outside any organisation": [allow(), unless("StringNotLike", "aws:PrincipalOrgID", "*")],
    "denied outside the internet": [allow(), unless("NotIpAddress", "aws:SourceIp", "0.0.0.0/0")],
    "denied outside any account": [allow(), unless("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/app")],
    "denied by a key that says nothing": [allow(), unless("StringNotEquals", "aws:RequestedRegion", "us-east-1")],
    "denied if one of the values differs": [
        allow(),
        unless("ForAnyValue:StringNotEquals", "aws:PrincipalOrgID", ORGANISATION),
    ],
    "denied outside the organisation and a network": [
        allow(),
        deny(
            {
                "StringNotEquals": {"aws:PrincipalOrgID": ORGANISATION},
                "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
            }
        ),
    ],
    "denied for another action": [allow(), deny(action="secretsmanager:DeleteSecret")],
    "denied for fewer actions": [allow(action="secretsmanager:*"), deny(action=GET)],
    "denied for shorter actions": [allow(action="secretsmanager:Get*"), deny(action="secretsmanager:Get?")],
    "denied for all but the action": [allow(), deny(action=None, NotAction=GET)],
    "denied for another secret": [allow(), deny(Resource=OTHER_SECRET)],
    "denied to an account": [allow(), deny(principal={"AWS": ROOT})],
    "denied to a service": [allow(), deny(principal={"Service": "lambda.amazonaws.com"})],
    "one of two denied": [allow(), allow(action="secretsmanager:DescribeSecret"), deny(action=GET)],
}

_NOT_BROAD = {
    "an account": [allow({"AWS": ACCOUNT})],
    "a root": [allow({"AWS": ROOT})],
    "a role": [allow({"AWS": ROLE})],
    "roles": [allow({"AWS": [ROLE, ADMIN]})],
    "a service": [allow({"Service": "lambda.amazonaws.com"})],
    "a service and an account": [allow({"Service": "lambda.amazonaws.com", "AWS": ROOT})],
    "nobody": [deny()],
    "nobody but an account": [deny(principal=None, NotPrincipal={"AWS": ROOT})],
    "an organisation": [when("StringEquals", "aws:PrincipalOrgID", ORGANISATION)],
    "an organisation, the key in another case": [when("StringEquals", "AWS:principalorgid", ORGANISATION)],
    "two organisations": [when("StringEquals", "aws:PrincipalOrgID", ORGANISATION, "o-f6g7h8i9j0")],
    "an organisation by a pattern without wildcards": [when("StringLike", "aws:PrincipalOrgID", ORGANISATION)],
    "a part of an organisation": [when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORGANISATION}/r-ab12/*")],
    "roles of an account": [when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*")],
    "a role by its ARN": [when("ArnEquals", "aws:PrincipalArn", ROLE)],
    "a role by its ARN as text": [when("StringEquals", "aws:PrincipalArn", ROLE)],
    "an account by its id": [when("StringEquals", "aws:PrincipalAccount", ACCOUNT)],
    "a network": [when("IpAddress", "aws:SourceIp", "203.0.113.0/24")],
    "an address": [when("IpAddress", "aws:SourceIp", "203.0.113.7")],
    "networks": [when("IpAddress", "aws:SourceIp", "203.0.113.0/24", "2001:db8::/48")],
    "an endpoint": [when("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d")],
    "endpoints": [when("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d", "vpce-5e6f7a8b")],
    "a network of AWS": [when("StringEquals", "aws:SourceVpc", "vpc-1a2b3c4d")],
    "a source account": [when("StringEquals", "aws:SourceAccount", ACCOUNT)],
    "a source": [when("ArnLike", "aws:SourceArn", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:*")],
    "a source organisation": [when("StringEquals", "aws:SourceOrgID", ORGANISATION)],
    "an organisation and a label": [
        allow(
            condition={
                "StringEquals": {"aws:PrincipalOrgID": ORGANISATION},
                "ForAllValues:StringLike": {"secretsmanager:VersionStage": "*"},
            }
        )
    ],
    "an organisation and any endpoint": [
        allow(
            condition={
                "StringLike": {"aws:SourceVpce": "*"},
                "StringEquals": {"aws:PrincipalOrgID": ORGANISATION},
            }
        )
    ],
    "all but an account, of an organisation": [
        allow(
            None,
            {"StringEquals": {"aws:PrincipalOrgID": ORGANISATION}},
            NotPrincipal={"AWS": ROOT},
        )
    ],
    "two narrow ones": [
        when("StringEquals", "aws:PrincipalOrgID", ORGANISATION),
        when("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ],
    "denied outside the organisation": [allow(), unless("StringNotEquals", "aws:PrincipalOrgID", ORGANISATION)],
    "denied outside two organisations": [
        allow(),
        unless("StringNotEquals", "aws:PrincipalOrgID", ORGANISATION, "o-f6g7h8i9j0"),
    ],
    "denied outside the organisation, if any": [
        allow(),
        unless("StringNotEqualsIfExists", "aws:PrincipalOrgID", ORGANISATION),
    ],
    "denied outside a network": [allow(), unless("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")],
    "denied outside an account": [allow(), unless("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:*")],
    "denied to every AWS principal": [allow(), deny(principal={"AWS": "*"}, action="*")],
    "denied to all but an account": [allow(), deny(principal=None, NotPrincipal={"AWS": ROOT})],
    "denied first": [unless("StringNotEquals", "aws:PrincipalOrgID", ORGANISATION), allow()],
    "two denied": [allow(), allow(action="secretsmanager:DescribeSecret"), deny()],
}


@rows("statements", _BROAD)
def test_a_policy_that_allows_everyone_is_broad(statements):
    assert grants_broad_access(read(*statements))


@rows("statements", _NOT_BROAD)
def test_a_policy_that_allows_only_some_principals_is_not_broad(statements):
    assert not grants_broad_access(read(*statements))


# --- Who is locked out ---

_LOCKING = {
    "everybody": [deny()],
    "everybody, every action": [deny(action="*")],
    "the account": [deny(principal={"AWS": ACCOUNT})],
    "the account's root": [deny(principal={"AWS": ROOT})],
    "the caller": [deny(principal={"AWS": ADMIN})],
    "the caller among others": [deny(principal={"AWS": [ROLE, ADMIN]})],
    "both ways of changing": [deny(action=[PUT_POLICY, DELETE_POLICY])],
    "both ways by a pattern": [deny(action="secretsmanager:*ResourcePolicy")],
    "both ways in two statements": [deny(action=PUT_POLICY), deny(action=DELETE_POLICY)],
    "all but reading": [deny(action=None, NotAction=GET)],
    "in whatever case": [deny(action="SecretsManager:*resourcepolicy")],
    "although allowed": [allow({"AWS": ADMIN}, action="secretsmanager:*"), deny()],
    "everybody but a role": [deny(principal=None, NotPrincipal={"AWS": ROLE})],
    "everybody but the caller, whose account isn't named": [deny(principal=None, NotPrincipal={"AWS": ADMIN})],
    "everybody but the account, of which the caller isn't named": [deny(principal=None, NotPrincipal={"AWS": ROOT})],
    "of the secret": [deny(Resource=SECRET)],
    "of secrets by a pattern": [deny(Resource=f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:db-??????")],
    "of all but another secret": [deny(Resource=None, NotResource=OTHER_SECRET)],
}

_NOT_LOCKING = {
    "nothing denied": [allow({"AWS": ROOT})],
    "everything allowed": [allow({"AWS": ROOT}, action="secretsmanager:*")],
    "another account": [deny(principal={"AWS": "111122223333"})],
    "another principal": [deny(principal={"AWS": ROLE})],
    "a service": [deny(principal={"Service": "lambda.amazonaws.com"})],
    "reading": [deny(action=GET)],
    "one way of changing": [deny(action=PUT_POLICY)],
    "the other way of changing": [deny(action=DELETE_POLICY)],
    "all but changing": [deny(action=None, NotAction=[PUT_POLICY, DELETE_POLICY])],
    "of another secret": [deny(Resource=OTHER_SECRET)],
    "of all but the secret": [deny(Resource=None, NotResource=SECRET)],
    "under a condition": [deny({"Bool": {"aws:SecureTransport": "false"}})],
    "under a condition that holds of most calls": [deny({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}})],
    "one way under a condition": [
        deny(action=PUT_POLICY),
        deny({"Bool": {"aws:SecureTransport": "false"}}, action=DELETE_POLICY),
    ],
    "everybody but the caller": [deny(principal=None, NotPrincipal={"AWS": [ADMIN, ROOT]})],
}
_CALLER = Principal(arn=ADMIN, account_id=ACCOUNT)
_SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/run"
_SESSION = Principal(
    arn=_SESSION_ARN,
    account_id=ACCOUNT,
    kind="AssumedRole",
    user_id="AROAEXAMPLEEXAMPLE12:run",
    name="app",
    issuer_arn=ROLE,
)


@rows("statements", _LOCKING)
def test_denying_every_policy_change_locks_the_caller_out(statements):
    assert locks_out(read(*statements), _CALLER, SECRET)


@rows("statements", _NOT_LOCKING)
def test_leaving_a_way_to_change_the_policy_does_not_lock_the_caller_out(statements):
    assert not locks_out(read(*statements), _CALLER, SECRET)


@rows("name", [_SESSION_ARN, ROLE, "AROAEXAMPLEEXAMPLE12", ROOT])
def test_locking_out_a_role_locks_out_its_sessions(name):
    assert locks_out(read(deny(principal={"AWS": name})), _SESSION, SECRET)


def test_not_principal_exempts_a_session_only_with_its_role_and_account():
    """Source: "AWS JSON policy elements: NotPrincipal" in the IAM User Guide."""
    names = [_SESSION_ARN, ROLE, ROOT]

    assert not locks_out(read(deny(principal=None, NotPrincipal={"AWS": names})), _SESSION, SECRET)
    for name in names:
        others = [one for one in names if one != name]
        assert locks_out(read(deny(principal=None, NotPrincipal={"AWS": others})), _SESSION, SECRET)


# --- Principals ---


@rows(
    "name",
    [
        ACCOUNT,
        ROOT,
        ADMIN,
        ROLE,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session@example.com",
        f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
        f"arn:aws-cn:iam::{ACCOUNT}:root",
        "AROAEXAMPLEEXAMPLE12",
        "AIDAEXAMPLEEXAMPLE12",
    ],
)
def test_an_iam_principal_is_supported(name):
    assert read(allow({"AWS": name})).statements[0].principals == {"AWS": [name]}


@rows(
    "name",
    [
        "",
        "bob",
        "12345",
        "1234567890123",
        "arn:aws:iam::*:root",
        f"arn:aws:iam::{ACCOUNT}:role/",
        f"arn:aws:iam::{ACCOUNT}:role/*",
        f"arn:aws:iam::{ACCOUNT}:group/staff",
        "arn:aws:s3:::bucket",
        f"{ROOT}\n",
    ],
)
@rows("beside", [[], [ROOT]])
def test_any_other_principal_is_not_supported(name, beside):
    with pytest.raises(UnsupportedPrincipal):
        read(allow({"AWS": [*beside, name]}))


def test_an_unknown_principal_type_is_not_supported():
    with pytest.raises(UnsupportedPrincipal):
        read(allow({"Robot": ACCOUNT}))


@rows("name", ["lambda.amazonaws.com", "logs.us-east-1.amazonaws.com", "ec2.amazonaws.com.cn"])
def test_a_service_principal_ends_with_amazonaws_com(name):
    assert read(allow({"Service": name})).statements[0].principals == {"Service": [name]}


@rows("name", ["*", "lambda", "lambda.example.com", "lambda.amazonaws.com.example.com", ".amazonaws.com"])
def test_any_other_service_principal_is_invalid(name):
    with pytest.raises(InvalidServicePrincipal):
        read(allow({"Service": name}))


def test_not_principal_is_checked_like_principal():
    with pytest.raises(UnsupportedPrincipal):
        read(allow(None, NotPrincipal={"AWS": "bob"}))


# --- Syntax ---


@rows("version", ["2012-10-17", "2008-10-17"])
def test_both_policy_language_versions_are_accepted(version):
    assert read_policy(json.dumps({"Version": version, "Statement": [allow()]})).statements[0].effect == "Allow"


def test_a_single_statement_needs_no_list():
    assert len(read_policy(json.dumps({"Version": "2012-10-17", "Statement": allow()})).statements) == 1


@rows("operator", ["StringLike", "ForAnyValue:StringLike", "ForAllValues:StringLikeIfExists", "Null"])
def test_a_known_condition_operator_is_accepted(operator):
    assert list(read(when(operator, "aws:PrincipalOrgID", "true")).statements[0].condition) == [operator]


@rows(
    "operator",
    ["", "IfExists", "StringMatches", "ForSomeValues:StringEquals", "ForAnyValue:", "NullIfExists", "BoolNotEquals"],
)
def test_an_unknown_condition_operator_is_a_syntax_error(operator):
    with pytest.raises(PolicySyntax):
        read(when(operator, "aws:PrincipalOrgID", "true"))


@rows("value", ["text", 1, 1.5, True, ["text", 1]])
def test_a_condition_accepts_scalars(value):
    assert read(allow(condition={"StringEquals": {"aws:username": value}})).statements


@rows("value", [None, {}, [], [None], [["text"]], float("nan")])
def test_a_condition_accepts_only_scalars(value):
    with pytest.raises(PolicySyntax):
        read(allow(condition={"StringEquals": {"aws:username": value}}))


@rows("member", ["Id", "Sid"])
@rows("value", [5, [], {}, None])
def test_a_policy_id_must_be_text(member, value):
    document = {"Version": "2012-10-17", "Statement": [allow()]}
    (document if member == "Id" else document["Statement"][0])[member] = value

    with pytest.raises(PolicySyntax):
        read_policy(json.dumps(document))


@rows("text", ["[" * 20_000, '{"Id":' * 3_000])
def test_an_extremely_deep_document_is_a_syntax_error(text):
    with pytest.raises(PolicySyntax):
        read_policy(text)


# --- Principals that are deleted ---

_GONE = "AROAEXAMPLEEXAMPLE12"


def test_a_principal_is_renamed_wherever_it_occurs():
    policy = read(allow({"AWS": [ADMIN, ROLE]}), deny(principal=None, NotPrincipal={"AWS": ROLE}))

    renamed = policy.renamed(ROLE, _GONE)

    assert renamed.statements[0].principals == {"AWS": [ADMIN, _GONE]}
    assert renamed.statements[1].not_principals == {"AWS": [_GONE]}
    assert json.loads(str(renamed)) == json.loads(str(policy).replace(ROLE, _GONE))


def test_renaming_a_principal_does_not_modify_the_original_policy():
    policy = read(allow({"AWS": ROLE}))
    before = str(policy)

    policy.renamed(ROLE, _GONE)

    assert str(policy) == before


@rows("principal", [ADMIN, ROLE[:-1], f"{ROLE}2", ROLE.upper()])
def test_a_policy_that_does_not_name_the_principal_is_unchanged(principal):
    policy = read(allow({"AWS": [ROLE, ROOT]}))

    assert policy.renamed(principal, _GONE) is policy


# --- Printing ---


@rows(
    "condition, printed",
    [
        ({}, "{ }"),
        ({"Bool": {"a:b": True}}, '{\n      "Bool" : {\n        "a:b" : true\n      }\n    }'),
        ({"Bool": {"a:b": ["x", "y"]}}, '{\n      "Bool" : {\n        "a:b" : [ "x", "y" ]\n      }\n    }'),
        (
            {"NumericEquals": {"a:b": [1, 2.5]}},
            '{\n      "NumericEquals" : {\n        "a:b" : [ 1, 2.5 ]\n      }\n    }',
        ),
        ({"Bool": {"a:ö": "ö"}}, '{\n      "Bool" : {\n        "a:ö" : "ö"\n      }\n    }'),
        ({"Bool": {'a:"': "\\\n"}}, '{\n      "Bool" : {\n        "a:\\"" : "\\\\\\n"\n      }\n    }'),
    ],
)
def test_a_document_is_printed_the_way_jackson_prints_it(condition, printed):
    document = {"Statement": [{"Condition": condition, **allow({"AWS": ROOT})}]}

    assert str(read_policy(json.dumps(document))) == (
        '{\n  "Statement" : [ {\n'
        f'    "Condition" : {printed},\n'
        '    "Effect" : "Allow",\n'
        f'    "Principal" : {{\n      "AWS" : "{ROOT}"\n    }},\n'
        f'    "Action" : "{GET}",\n'
        '    "Resource" : "*"\n'
        "  } ]\n}"
    )


@rows("statements", [*_BROAD.values(), *_NOT_BROAD.values()])
def test_a_printed_document_equals_the_one_that_was_read(statements):
    policy = read(*statements)

    assert json.loads(str(policy)) == {"Version": "2012-10-17", "Statement": statements}
    assert str(read_policy(str(policy))) == str(policy)
