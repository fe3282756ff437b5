"""Deciding requests, by "Policy evaluation logic" in the IAM User Guide and "Key policies" in the one of KMS."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from policy.deciding import (
    ACCOUNT,
    ADMINISTRATOR,
    ALLOWED,
    ANN,
    BOB,
    DENIED_BY_IDENTITY,
    DENIED_BY_RESOURCE,
    GET,
    NOT_BY_IDENTITY,
    NOT_BY_RESOURCE,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    SECRET,
    SESSION,
    VERSION,
    allow,
    decided,
    deny,
    document,
    identity_policies,
    statement,
)
from tables import rows

from mock_secrets.policy.document import read_identity_policy, read_key_policy, read_policy
from mock_secrets.policy.evaluation import NO_RESOURCE, Decision, Query, decide, decide_for_key

LIST = "secretsmanager:ListSecrets"
DECRYPT = "kms:Decrypt"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
REFUSED = [decision for decision in Decision if decision is not ALLOWED]

each = settings(deadline=None, derandomize=True)


def decided_for_key(own, theirs, *, principal=ANN, owner=ACCOUNT):
    """The same for the decryption under a key, which always has a policy."""
    policy = read_key_policy(document(list(theirs)))
    return decide_for_key(Query(DECRYPT, KEY, {}), principal, identity_policies(own), policy, owner)


# --- Within one account ---

# The statements of the caller, those of the secret, and what is decided.
_WITHIN_AN_ACCOUNT = {
    "nothing is said: an implicit deny": ([], [], NOT_BY_IDENTITY),
    "the caller's policy allows": ([allow()], [], ALLOWED),
    "one of the caller's statements allows": ([allow(Action=LIST), allow(Action=GET)], [], ALLOWED),
    "the caller's policy allows something else": ([allow(Action=LIST)], [], NOT_BY_IDENTITY),
    "the secret's policy allows the caller by name": ([], [allow(ANN.arn)], ALLOWED),
    "the secret's policy allows the caller among others": ([], [allow([BOB, ANN.arn])], ALLOWED),
    "the secret's policy allows everybody": ([], [allow("*")], ALLOWED),
    "the secret's policy allows every AWS principal": ([], [allow(["*"])], ALLOWED),
    "the secret's policy allows something else": ([], [allow(ANN.arn, Action=LIST)], NOT_BY_IDENTITY),
    "the secret's policy allows somebody else": ([], [allow(BOB)], NOT_BY_IDENTITY),
    "the secret's policy allows the account's root": ([], [allow(ROOT)], NOT_BY_IDENTITY),
    "the secret's policy allows the account": ([], [allow(ACCOUNT)], NOT_BY_IDENTITY),
    "the secret's policy allows another account": ([], [allow(OTHER_ACCOUNT)], NOT_BY_IDENTITY),
    "the account first, then by name": ([], [allow(ROOT), allow(ANN.arn)], ALLOWED),
    "by name first, then the account": ([], [allow(ANN.arn), allow(ROOT)], ALLOWED),
    "by name something else, and the account this": ([], [allow(ANN.arn, Action=LIST), allow(ROOT)], NOT_BY_IDENTITY),
    "the account is allowed, and so is the caller": ([allow()], [allow(ROOT)], ALLOWED),
    "a secret's policy about others takes nothing away": ([allow()], [allow(BOB)], ALLOWED),
    "the caller's policy denies": ([deny()], [], DENIED_BY_IDENTITY),
    "the caller's policy denies what it allows": ([allow(), deny()], [], DENIED_BY_IDENTITY),
    "the caller's policy denies first": ([deny(), allow()], [], DENIED_BY_IDENTITY),
    "the caller's policy denies what the secret's allows": ([deny()], [allow(ANN.arn)], DENIED_BY_IDENTITY),
    "the secret's policy denies": ([], [deny(ANN.arn)], DENIED_BY_RESOURCE),
    "the secret's policy denies what it allows": ([], [deny("*"), allow(ANN.arn)], DENIED_BY_RESOURCE),
    "the secret's policy denies what the caller's allows": ([allow()], [deny(ANN.arn)], DENIED_BY_RESOURCE),
    "the secret's policy denies the account": ([allow()], [allow(ANN.arn), deny(ROOT)], DENIED_BY_RESOURCE),
    "the secret's policy denies somebody else": ([allow()], [deny(BOB)], ALLOWED),
    "the secret's policy denies another account": ([allow()], [deny(OTHER_ACCOUNT)], ALLOWED),
    "denied something else": ([allow(), deny(Action=LIST)], [deny("*", Action=LIST)], ALLOWED),
    "an administrator": (ADMINISTRATOR, [], ALLOWED),
    "an administrator of whom nothing is said": (ADMINISTRATOR, [allow(BOB)], ALLOWED),
    "an administrator is denied by the secret's policy": (ADMINISTRATOR, [deny("*")], DENIED_BY_RESOURCE),
}


@rows("own, theirs, decision", _WITHIN_AN_ACCOUNT)
def test_access_within_an_account_needs_only_one_side_to_allow(own, theirs, decision):
    assert decided(own, theirs) is decision


# --- Between two accounts ---

_BETWEEN_ACCOUNTS = {
    "nothing is said": ([], [], NOT_BY_RESOURCE),
    "only the caller's policy allows": ([allow()], [], NOT_BY_RESOURCE),
    "only the secret's policy allows, by name": ([], [allow(ANN.arn)], NOT_BY_IDENTITY),
    "only the secret's policy allows, the account": ([], [allow(ROOT)], NOT_BY_IDENTITY),
    "only the secret's policy allows, everybody": ([], [allow("*")], NOT_BY_IDENTITY),
    "both allow, by name": ([allow()], [allow(ANN.arn)], ALLOWED),
    "both allow, the account's root": ([allow()], [allow(ROOT)], ALLOWED),
    "both allow, the account": ([allow()], [allow(ACCOUNT)], ALLOWED),
    "both allow, everybody": ([allow()], [allow("*")], ALLOWED),
    "the secret's policy allows somebody else": ([allow()], [allow(BOB)], NOT_BY_RESOURCE),
    "the secret's policy allows its own account": ([allow()], [allow(OTHER_ACCOUNT)], NOT_BY_RESOURCE),
    "the secret's policy allows something else": ([allow()], [allow(ROOT, Action=LIST)], NOT_BY_RESOURCE),
    "the caller's policy allows something else": ([allow(Action=LIST)], [allow(ROOT)], NOT_BY_IDENTITY),
    "the caller's policy denies": ([allow(), deny()], [allow(ANN.arn)], DENIED_BY_IDENTITY),
    "the caller's policy denies, and the secret's says nothing": ([deny()], [], DENIED_BY_IDENTITY),
    "the secret's policy denies": ([allow()], [allow(ANN.arn), deny(ROOT)], DENIED_BY_RESOURCE),
    "the secret's policy denies, and the caller's says nothing": ([], [deny("*")], DENIED_BY_RESOURCE),
    "an administrator alone": (ADMINISTRATOR, [], NOT_BY_RESOURCE),
    "an administrator of an account that is let in": (ADMINISTRATOR, [allow(ROOT)], ALLOWED),
    "an administrator who is let in": (ADMINISTRATOR, [allow(ANN.arn)], ALLOWED),
    "an administrator of another account than is let in": (ADMINISTRATOR, [allow(OTHER_ACCOUNT)], NOT_BY_RESOURCE),
    "an administrator is denied": (ADMINISTRATOR, [allow(ROOT), deny(ANN.arn)], DENIED_BY_RESOURCE),
}


@rows("own, theirs, decision", _BETWEEN_ACCOUNTS)
def test_cross_account_access_must_be_allowed_by_both_sides(own, theirs, decision):
    assert decided(own, theirs, owner=OTHER_ACCOUNT) is decision


@rows("owner", [ACCOUNT, OTHER_ACCOUNT])
def test_only_one_of_two_explicit_denials_is_reported(owner):
    """The IAM User Guide doesn't say which, where policies of several kinds deny."""
    assert decided([deny()], [deny("*")], owner=owner) in (DENIED_BY_IDENTITY, DENIED_BY_RESOURCE)


def test_one_of_many_policies_is_enough_to_allow():
    policies = [read_identity_policy(document([allow(Action=action)])) for action in (LIST, GET)]

    assert decide(Query(GET, SECRET, {}), ANN, policies, None, ACCOUNT) is ALLOWED


def test_one_of_many_policies_is_enough_to_deny():
    policies = [read_identity_policy(document([one])) for one in (allow(), deny(), allow())]

    assert decide(Query(GET, SECRET, {}), ANN, policies, None, ACCOUNT) is DENIED_BY_IDENTITY


# --- What is meant ---

# The members of a statement, and whether it is about GetSecretValue of the secret.
_ABOUT = {
    "the action": ({"Action": GET}, True),
    "the action in another case": ({"Action": "SecretsManager:getsecretvalue"}, True),
    "one of several actions": ({"Action": [LIST, GET]}, True),
    "a pattern of actions": ({"Action": "secretsmanager:Get*"}, True),
    "another action": ({"Action": LIST}, False),
    "actions of another service": ({"Action": "kms:*"}, False),
    "all but another action": ({"Action": None, "NotAction": LIST}, True),
    "all but the action": ({"Action": None, "NotAction": GET}, False),
    "all but the action and another": ({"Action": None, "NotAction": [LIST, GET]}, False),
    "all but a pattern": ({"Action": None, "NotAction": "secretsmanager:Get*"}, False),
    "the secret": ({"Resource": SECRET}, True),
    "one of several resources": ({"Resource": [KEY, SECRET]}, True),
    "the secret whatever its suffix": ({"Resource": f"{SECRET[:-6]}??????"}, True),
    "the secret without its suffix": ({"Resource": SECRET[:-7]}, False),
    "secrets of a path": ({"Resource": f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:team/*"}, True),
    "another secret": ({"Resource": SECRET.replace("db", "api")}, False),
    "all but another secret": ({"Resource": None, "NotResource": SECRET.replace("db", "api")}, True),
    "all but the secret": ({"Resource": None, "NotResource": SECRET}, False),
    "all but the secret and another": ({"Resource": None, "NotResource": [KEY, SECRET]}, False),
    "all but secrets of a path": ({"Resource": None, "NotResource": "arn:aws:secretsmanager:*:*:secret:team/*"}, False),
    "all but another action, of the secret": ({"Action": None, "NotAction": LIST, "Resource": SECRET}, True),
    "all but another action, of another secret": ({"Action": None, "NotAction": LIST, "Resource": KEY}, False),
    "the action, of another secret": ({"Action": GET, "Resource": KEY}, False),
    "the secret, another action": ({"Action": LIST, "Resource": SECRET}, False),
    "a condition that holds": ({"Condition": {"StringEquals": {"aws:ResourceTag/env": "test"}}}, True),
    "a condition that doesn't": ({"Condition": {"StringEquals": {"aws:ResourceTag/env": "prod"}}}, False),
    "a condition on a key that isn't there": ({"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}, False),
    "one condition of two": (
        {"Condition": {"StringEquals": {"aws:ResourceTag/env": "test", "aws:ResourceTag/team": "core"}}},
        False,
    ),
    "a condition that holds, of another secret": (
        {"Condition": {"StringEquals": {"aws:ResourceTag/env": "test"}}, "Resource": KEY},
        False,
    ),
}
_TAGS = {"aws:resourcetag/env": ["test"], "aws:resourcetag/team": ["web"]}


@rows("members, is_about", _ABOUT)
def test_an_allow_statement_allows_matching_requests(members, is_about):
    expected = ALLOWED if is_about else NOT_BY_IDENTITY

    assert decided([allow(**members)], context=_TAGS) is expected
    assert decided([], [allow(ANN.arn, **members)], context=_TAGS) is expected


@rows("members, is_about", _ABOUT)
def test_a_deny_statement_denies_matching_requests(members, is_about):
    own = decided([allow(), deny(**members)], context=_TAGS)
    theirs = decided([allow()], [deny("*", **members)], context=_TAGS)

    assert (own, theirs) == ((DENIED_BY_IDENTITY, DENIED_BY_RESOURCE) if is_about else (ALLOWED, ALLOWED))


@rows(
    "members, decision",
    [
        ({"Resource": "*"}, ALLOWED),
        ({"Resource": [SECRET, "*"]}, ALLOWED),
        ({"Resource": SECRET}, NOT_BY_IDENTITY),
        ({"Resource": "arn:aws:secretsmanager:*:*:secret:*"}, NOT_BY_IDENTITY),
        ({"Resource": "arn:aws:*"}, NOT_BY_IDENTITY),
        ({"Resource": None, "NotResource": "*"}, NOT_BY_IDENTITY),
        ({"Resource": None, "NotResource": SECRET}, ALLOWED),
    ],
)
def test_an_action_without_a_resource_applies_to_all_resources(members, decision):
    """The Service Authorization Reference: "specify all resources (*)" in the policy."""
    assert decided([allow(**members)], action=LIST, resource=NO_RESOURCE) is decision


# --- Variables ---

_WITH_VARIABLES = {
    "a user's name in a resource": {"Resource": "arn:aws:secretsmanager:*:*:secret:${aws:username}/*"},
    "a tag in a resource": {"Resource": "arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/team}/*"},
    "a user's name in a condition": {"Condition": {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}}},
}
_KEYS = {
    "aws:username": ["team"],
    "aws:principaltag/team": ["team"],
    "aws:resourcetag/owner": ["team"],
}
_OTHER_KEYS = {**_KEYS, "aws:username": ["api"], "aws:principaltag/team": ["api"]}
_FEWER_KEYS = {"aws:resourcetag/owner": ["team"]}


@rows("members", _WITH_VARIABLES)
def test_a_variable_is_replaced_by_the_value_in_the_request(members):
    assert decided([allow(**members)], context=_KEYS) is ALLOWED
    assert decided([], [allow(ANN.arn, **members)], context=_KEYS) is ALLOWED


@rows("members", _WITH_VARIABLES)
@rows("keys", [_FEWER_KEYS, _OTHER_KEYS])
def test_a_variable_with_no_value_or_a_different_value_does_not_match(members, keys):
    assert decided([allow(**members)], context=keys) is NOT_BY_IDENTITY


def test_a_variable_is_also_replaced_in_not_resource():
    others = allow(Resource=None, NotResource="arn:aws:secretsmanager:*:*:secret:${aws:username}/*")

    assert decided([others], context=_KEYS) is NOT_BY_IDENTITY
    assert decided([others], context=_OTHER_KEYS) is ALLOWED


def test_a_value_that_looks_like_a_pattern_is_matched_literally():
    everything = allow(Resource="arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/team}")

    assert decided([everything], context={"aws:principaltag/team": ["*"]}) is NOT_BY_IDENTITY


@rows("version", ["2008-10-17", None])
@rows("members", _WITH_VARIABLES)
def test_only_the_newer_language_version_has_variables(version, members):
    own = document([allow(**members)], version)
    theirs = document([allow(ANN.arn, **members)], version)
    query = Query(GET, SECRET, _KEYS)

    assert decide(query, ANN, [read_identity_policy(own)], None, ACCOUNT) is NOT_BY_IDENTITY
    assert decide(query, ANN, [], read_policy(json.dumps(theirs)), ACCOUNT) is NOT_BY_IDENTITY


def test_each_policy_has_its_own_language_version():
    older, newer = (
        read_identity_policy(document([allow(**_WITH_VARIABLES["a tag in a resource"])], version))
        for version in ("2008-10-17", VERSION)
    )

    assert decide(Query(GET, SECRET, _KEYS), ANN, [older, newer], None, ACCOUNT) is ALLOWED
    assert decide(Query(GET, SECRET, _KEYS), ANN, [older], None, ACCOUNT) is NOT_BY_IDENTITY


def test_a_variable_is_plain_text_in_the_older_language_version():
    older = read_identity_policy(document([allow(Resource="arn:aws:s3:::${aws:username}")], "2008-10-17"))

    assert decide(Query(GET, "arn:aws:s3:::${aws:username}", _KEYS), ANN, [older], None, ACCOUNT) is ALLOWED


# --- Keys ---

_FOR_A_KEY_WITHIN_AN_ACCOUNT = {
    "the key's policy leaves it to the account, which allows": ([allow()], [allow(ROOT)], ALLOWED),
    "the key's policy leaves it to the account, which doesn't": ([], [allow(ROOT)], NOT_BY_IDENTITY),
    "the key's policy leaves it to an administrator": (ADMINISTRATOR, [allow(ROOT)], ALLOWED),
    "the key's policy allows by name": ([], [allow(ANN.arn)], ALLOWED),
    "the key's policy allows everybody": ([], [allow("*")], ALLOWED),
    "the key's policy allows somebody else": ([allow()], [allow(BOB)], NOT_BY_RESOURCE),
    "the key's policy allows a service": (
        [allow()],
        [{**allow(), "Principal": {"Service": "lambda.amazonaws.com"}}],
        NOT_BY_RESOURCE,
    ),
    "the key's policy allows something else": ([allow()], [allow(ROOT, Action="kms:Encrypt")], NOT_BY_RESOURCE),
    "an administrator whom the key's policy leaves out": (ADMINISTRATOR, [allow(BOB)], NOT_BY_RESOURCE),
    "an administrator, another account": (ADMINISTRATOR, [allow(OTHER_ACCOUNT)], NOT_BY_RESOURCE),
    "an administrator is denied by the key's policy": (ADMINISTRATOR, [allow(ROOT), deny("*")], DENIED_BY_RESOURCE),
    "the key's policy denies what it allows": ([allow()], [allow(ANN.arn), deny(ROOT)], DENIED_BY_RESOURCE),
    "the caller's policy denies": ([allow(), deny()], [allow(ANN.arn)], DENIED_BY_IDENTITY),
}
_FOR_A_KEY_BETWEEN_ACCOUNTS = {
    "both allow, by name": ([allow()], [allow(ANN.arn)], ALLOWED),
    "both allow, the account": ([allow()], [allow(ROOT)], ALLOWED),
    "only the key's policy allows, by name": ([], [allow(ANN.arn)], NOT_BY_IDENTITY),
    "only the key's policy allows, the account": ([], [allow(ROOT)], NOT_BY_IDENTITY),
    "only the caller's policy allows": ([allow()], [allow(OTHER_ACCOUNT)], NOT_BY_RESOURCE),
    "an administrator of an account that is let in": (ADMINISTRATOR, [allow(ROOT)], ALLOWED),
    "an administrator of an account that is not": (ADMINISTRATOR, [allow(OTHER_ACCOUNT)], NOT_BY_RESOURCE),
    "the key's policy denies": ([allow()], [allow(ANN.arn), deny("*")], DENIED_BY_RESOURCE),
    "the caller's policy denies": ([deny()], [allow(ANN.arn)], DENIED_BY_IDENTITY),
}


@rows("own, theirs, decision", _FOR_A_KEY_WITHIN_AN_ACCOUNT)
def test_no_one_can_use_a_key_against_its_policy(own, theirs, decision):
    assert decided_for_key(own, theirs) is decision


@rows("own, theirs, decision", _FOR_A_KEY_BETWEEN_ACCOUNTS)
def test_cross_account_key_use_must_be_allowed_by_both_sides(own, theirs, decision):
    assert decided_for_key(own, theirs, owner=OTHER_ACCOUNT) is decision


# --- Whatever the policies are ---

_members = st.fixed_dictionaries(
    {
        "Action": st.sampled_from([GET, LIST, "secretsmanager:*", "*"]),
        "Resource": st.sampled_from([SECRET, KEY, "*"]),
    },
    optional={"Condition": st.sampled_from([{"Bool": {"aws:SecureTransport": truth}} for truth in ("true", "false")])},
)
_effects = st.sampled_from(["Allow", "Deny"])
_principals = st.sampled_from(["*", ANN.arn, BOB, ROOT, ROLE, SESSION.arn, OTHER_ACCOUNT])


@st.composite
def _own_statements(draw, effects=_effects):
    return statement(draw(effects), **draw(_members))


@st.composite
def _their_statements(draw, effects=_effects):
    return statement(draw(effects), draw(_principals), **draw(_members))


_owns = st.lists(_own_statements(), max_size=4)
_theirs = st.lists(_their_statements(), min_size=1, max_size=4)
_situations = st.fixed_dictionaries(
    {
        "principal": st.sampled_from([ANN, SESSION, replace(ANN, account_id=OTHER_ACCOUNT)]),
        "owner": st.sampled_from([ACCOUNT, OTHER_ACCOUNT]),
    }
)
_SECURE = {"aws:securetransport": ["true"]}
_allow_only, _deny_only = st.just("Allow"), st.just("Deny")


@each
@given(_owns, _theirs, _situations, _own_statements(_deny_only), _their_statements(_deny_only))
def test_an_additional_deny_never_allows_anything(own, theirs, situation, own_denial, their_denial):
    if decided(own, theirs, context=_SECURE, **situation) is ALLOWED:
        return

    assert decided([*own, own_denial], theirs, context=_SECURE, **situation) in REFUSED
    assert decided(own, [*theirs, their_denial], context=_SECURE, **situation) in REFUSED


@each
@given(_owns, _theirs, _situations, _own_statements(_allow_only), _their_statements(_allow_only))
def test_an_additional_allow_never_denies_anything(own, theirs, situation, own_allowance, their_allowance):
    if decided(own, theirs, context=_SECURE, **situation) is not ALLOWED:
        return

    assert decided([*own, own_allowance], theirs, context=_SECURE, **situation) is ALLOWED
    assert decided(own, [*theirs, their_allowance], context=_SECURE, **situation) is ALLOWED


@each
@given(_owns, _theirs, _situations, st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(own, theirs, situation, random):
    shuffled = [random.sample(statements, len(statements)) for statements in (own, theirs)]

    before = decided(own, theirs, context=_SECURE, **situation)

    assert decided(*shuffled, context=_SECURE, **situation) is before


@each
@given(_owns, _theirs, st.sampled_from([ANN, SESSION]))
def test_access_allowed_across_accounts_is_also_allowed_within_one(own, theirs, principal):
    if decided(own, theirs, principal=principal, owner=OTHER_ACCOUNT) is ALLOWED:
        assert decided(own, theirs, principal=principal) is ALLOWED


@each
@given(_owns, _theirs, _situations)
def test_key_use_is_never_allowed_where_the_same_policy_on_a_secret_would_deny(own, theirs, situation):
    policy = read_key_policy(document(theirs))
    query = Query(GET, SECRET, _SECURE)
    asked = (query, situation["principal"], identity_policies(own), policy, situation["owner"])

    if decide_for_key(*asked) is ALLOWED:
        assert decide(*asked) is ALLOWED
