"""``backend.iam``: users, roles, their sessions and clients, and what is said of bad input."""

import json
from functools import partial

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conformance.callers import ACCOUNT, DENIED, OTHER_ACCOUNT, allowing, code_of, document
from tables import rows

ALL = document(allowing("*"))
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/administrator"
FROM_HERE = {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "192.0.2.0/24"]}}


@pytest.fixture
def iam(secrets_backend):
    return secrets_backend.iam


@pytest.fixture(params=["create_user", "create_role"])
def create(request, iam):
    """What makes a user or a role."""
    return getattr(iam, request.param)


# --- Users and roles ---


def test_a_created_user_has_its_arn_id_and_policies(iam):
    user = iam.create_user("ann", ALL)

    assert (user.name, user.account_id) == ("ann", ACCOUNT)
    assert user.arn == f"arn:aws:iam::{ACCOUNT}:user/ann"
    assert user.unique_id.startswith("AIDA")
    assert user.policies == [ALL]


def test_a_created_role_has_its_arn_id_and_policies(iam):
    role = iam.create_role("app", ALL, account_id=OTHER_ACCOUNT)

    assert (role.name, role.account_id) == ("app", OTHER_ACCOUNT)
    assert role.arn == f"arn:aws:iam::{OTHER_ACCOUNT}:role/app"
    assert role.unique_id.startswith("AROA")
    assert role.policies == [ALL]


def test_a_user_and_a_role_may_share_a_name(iam):
    assert iam.create_user("app").arn != iam.create_role("app").arn
    assert iam.create_user("app", account_id=OTHER_ACCOUNT).account_id == OTHER_ACCOUNT


@pytest.mark.mock_secrets(region="cn-north-1")
def test_the_partition_matches_the_region(iam):
    assert iam.create_user("ann").arn == f"arn:aws-cn:iam::{ACCOUNT}:user/ann"


@rows("name", ["a", "x" * 64, "a+b=c,d.e@f-g_h", "0"])
def test_a_valid_name_is_accepted(create, name):
    assert create(name).name == name


@rows("name", ["", "x" * 65, "a b", "a/b", "ä", "a\n", "*", None, 5, b"ann"])
def test_an_invalid_name_is_refused(create, name):
    with pytest.raises(ValueError, match="the name of a user or a role has 1 to 64 letters, digits") as caught:
        create(name)

    assert repr(name) in str(caught.value)


def test_a_name_already_in_use_is_refused(iam):
    iam.create_user("ann")
    iam.create_role("app")

    with pytest.raises(ValueError, match=f"there is already a user 'ann' in account {ACCOUNT}"):
        iam.create_user("ann")
    with pytest.raises(ValueError, match=f"there is already a role 'app' in account {ACCOUNT}"):
        iam.create_role("app", ALL)
    with pytest.raises(ValueError, match=f"there is already a user 'administrator' in account {ACCOUNT}"):
        iam.create_user("administrator")


@rows("account_id", ["1", "12345678901a", "", 5])
def test_an_invalid_account_is_refused(create, account_id):
    with pytest.raises((TypeError, ValueError), match="12 digits"):
        create("ann", account_id=account_id)


# --- Policies ---


@pytest.mark.parametrize("form", ["mapping", "json", "path", "list", "tuple"])
def test_a_policy_can_be_given_in_several_forms(create, tmp_path, form):
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(ALL), encoding="utf-8")
    forms = {"mapping": ALL, "json": json.dumps(ALL), "path": file, "list": [ALL], "tuple": (json.dumps(ALL),)}

    caller = create("ann", forms[form])

    assert caller.policies == [ALL]
    assert code_of(caller.client(), "ListSecrets") is None


@rows("policies", [None, [], ()])
def test_without_a_policy_nothing_is_allowed(create, policies):
    caller = create("ann", policies)

    assert caller.policies == []
    assert code_of(caller.client(), "ListSecrets") == DENIED


def test_the_returned_policies_are_copies(create):
    given = json.loads(json.dumps(ALL))
    caller = create("ann", given)

    given["Statement"][0]["Effect"] = "Deny"
    caller.policies[0]["Statement"].clear()
    caller.policies.clear()

    assert caller.policies == [ALL]
    assert code_of(caller.client(), "ListSecrets") is None


@rows(
    "policy, error, says",
    [
        (5, TypeError, "not int"),
        ([5], TypeError, "not int"),
        (b"{}", TypeError, "not bytes"),
        ({}, ValueError, "Statement"),
        ("policy.json", ValueError, "pathlib.Path"),
        ("[]", ValueError, "a JSON object"),
        ([ALL, document({"Effect": "Permit", "Action": "*", "Resource": "*"})], ValueError, r"Statement\[0\].Effect"),
        (document({**allowing("*"), "Principal": "*"}), ValueError, "not 'Principal'"),
    ],
)
def test_an_invalid_policy_is_refused_and_changes_nothing(create, iam, policy, error, says):
    caller = create("ann", ALL)

    for door in (partial(create, "bob"), caller.set_policy, iam.assert_sufficient, iam.unused):
        with pytest.raises(error, match=says):
            door(policy)

    assert caller.policies == [ALL]
    assert create("bob").policies == []


# --- Sessions and clients ---


def test_clients_are_for_the_backends_region_unless_one_is_given(create):
    caller = create("ann", ALL)

    assert caller.client().meta.region_name == "us-east-1"
    assert caller.client(region="eu-west-1").meta.region_name == "eu-west-1"
    assert caller.client(region_name="eu-west-2").meta.region_name == "eu-west-2"
    assert caller.session(region="eu-west-1").region_name == "eu-west-1"
    assert caller.session().client("secretsmanager").meta.region_name == "us-east-1"


def test_a_principals_client_accepts_the_same_options_as_boto3(create):
    client = create("ann", ALL).client(config=Config(user_agent_extra="ours"), endpoint_url="https://example.test")

    assert client.meta.config.user_agent_extra == "ours"
    assert client.meta.endpoint_url == "https://example.test"
    assert code_of(client, "ListSecrets") is None


@rows("region", ["Narnia", "", 5])
def test_an_invalid_region_is_refused(create, region):
    with pytest.raises((TypeError, ValueError), match="region"):
        create("ann").client(region=region)


@rows("name", ["x", "", "x" * 65, "a b", "a/b", 5])
def test_an_invalid_session_name_is_refused(iam, name):
    role = iam.create_role("app")

    with pytest.raises(ValueError, match="the name of a role session has 2 to 64 letters"):
        role.client(name)
    with pytest.raises(ValueError, match="the name of a role session has 2 to 64 letters"):
        role.session(name)


@rows(
    "context, says",
    [
        (5, "a mapping of condition keys to values, not int"),
        ("aws:SourceIp", "a mapping of condition keys to values, not str"),
        ([("aws:SourceIp", "192.0.2.1")], "a mapping of condition keys to values, not list"),
        ({5: "x"}, "condition keys such as 'aws:SourceIp', all of them strings"),
    ],
)
def test_an_invalid_context_is_refused(create, context, says):
    with pytest.raises(TypeError, match=f"context takes {says}"):
        create("ann").client(context=context)


@rows(
    "given, compared",
    [("a", ["a"]), (True, ["true"]), (False, ["false"]), (7, ["7"]), (["a", "b"], ["a", "b"]), (("a",), ["a"])],
)
def test_context_values_are_compared_as_text(create, given, compared):
    all_of = {"ForAllValues:StringEquals": {"my:key": compared}, "Null": {"my:key": "false"}}
    caller = create("ann", document(allowing("ListSecrets", when=all_of)))

    assert code_of(caller.client(context={"My:Key": given}), "ListSecrets") is None
    assert code_of(caller.client(context={"My:Key": "other"}), "ListSecrets") == DENIED


def test_two_sessions_of_one_user_have_separate_contexts(iam):
    user = iam.create_user("ann", document(allowing("ListSecrets", when={"StringEquals": {"my:key": "1"}})))
    one, other = user.client(context={"my:key": "1"}), user.client(context={"my:key": "2"})

    assert (code_of(one, "ListSecrets"), code_of(other, "ListSecrets")) == (None, DENIED)


# --- Whose the calls of an application are ---


def caller_of(client, secrets_backend):
    """The principal of a call that an application makes, which knows of no role."""
    code_of(client, "ListSecrets")
    return secrets_backend.calls[-1].principal


def test_calls_in_a_block_are_made_by_its_caller(client, secrets_backend, create):
    caller = create("app", ALL)

    with caller.as_default():
        inside = caller_of(client, secrets_backend)
        listed = code_of(client, "ListSecrets")

    assert inside.split(":")[5].startswith(("user/app", "assumed-role/app/"))
    assert listed is None
    assert caller_of(client, secrets_backend) == ADMINISTRATOR


def test_a_block_that_raises_restores_the_previous_caller(client, secrets_backend, create):
    with pytest.raises(KeyError), create("app", ALL).as_default():
        raise KeyError

    assert caller_of(client, secrets_backend) == ADMINISTRATOR


def test_blocks_of_the_same_caller_can_be_nested(client, secrets_backend, iam):
    ann = iam.create_user("ann", ALL)

    with ann.as_default():
        with ann.as_default():
            pass
        assert caller_of(client, secrets_backend) == ann.arn

    assert caller_of(client, secrets_backend) == ADMINISTRATOR


def test_overlapping_blocks_leave_no_caller_behind(client, secrets_backend, iam):
    """As those of two threads do, or of two fixtures that are torn down in the order in which they were set up."""
    first, second = iam.create_user("first", ALL), iam.create_user("second", ALL)
    one, other = first.as_default(), second.as_default()
    one.__enter__()
    other.__enter__()

    both = caller_of(client, secrets_backend)
    one.__exit__(None, None, None)
    left = caller_of(client, secrets_backend)
    other.__exit__(None, None, None)

    assert (both, left) == (second.arn, second.arn)
    assert caller_of(client, secrets_backend) == ADMINISTRATOR


def test_an_iam_client_keeps_its_own_caller_inside_a_default_caller_block(secrets_backend, iam):
    outer, ann = iam.create_user("outer", ALL), iam.create_user("ann", ALL)

    with outer.as_default():
        assert caller_of(ann.client(), secrets_backend) == ann.arn


# --- Where a call comes from ---


@rows("principal", [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:user/ann"])
@rows("context", {"the default address": {}, "the session's own": {"aws:SourceIp": "192.0.2.1"}})
def test_key_use_does_not_have_the_callers_address(secrets_backend, iam, principal, context):
    """Secrets Manager uses it, from an address of AWS: "Using the IP address condition in policies with AWS KMS
    permissions" in the KMS Developer Guide.
    """
    ann = iam.create_user("ann", document(allowing("GetSecretValue", when=FROM_HERE), allowing("kms:*")))
    client = ann.client(context=context)
    secrets_backend.create("plain", "one")
    of_administrator = {**allowing("kms:*"), "Principal": {"AWS": ADMINISTRATOR}}
    of_address = {**allowing("kms:*", when=FROM_HERE), "Principal": {"AWS": principal}}
    key = secrets_backend.kms.create_key(policy=document(of_administrator, of_address))
    secrets_backend.create("db", "one", kms_key_id=key.arn)

    assert code_of(client, "GetSecretValue", SecretId="plain") is None
    assert code_of(client, "GetSecretValue", SecretId="db") == DENIED


def test_a_source_ip_condition_in_a_callers_policy_does_not_allow_key_use(secrets_backend, iam):
    ann = iam.create_user("ann", document(allowing("GetSecretValue", "kms:*", when=FROM_HERE)))
    secrets_backend.create("plain", "one")
    key = secrets_backend.kms.create_key()
    secrets_backend.create("db", "one", kms_key_id=key.arn)

    assert code_of(ann.client(), "GetSecretValue", SecretId="plain") is None
    assert code_of(ann.client(), "GetSecretValue", SecretId="db") == DENIED

    ann.set_policy(document(allowing("GetSecretValue", when=FROM_HERE), allowing("kms:*")))

    assert code_of(ann.client(), "GetSecretValue", SecretId="db") is None


# --- What a call records ---


def test_a_call_records_its_principal(secrets_backend, iam):
    user = iam.create_user("ann", ALL)
    role = iam.create_role("app", account_id=OTHER_ACCOUNT)

    code_of(user.client(), "ListSecrets")
    code_of(role.client("build-7"), "ListSecrets")
    code_of(secrets_backend.client(), "ListSecrets")

    assert [(call.principal, call.account_id, call.error) for call in secrets_backend.calls] == [
        (user.arn, ACCOUNT, None),
        (f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/app/build-7", OTHER_ACCOUNT, DENIED),
        (ADMINISTRATOR, ACCOUNT, None),
    ]


def test_a_deleted_users_call_still_records_it(secrets_backend, iam):
    user = iam.create_user("ann", ALL)
    client = user.client()
    user.delete()

    code_of(client, "ListSecrets")

    assert secrets_backend.calls[-1].principal == user.arn


# --- What is shown ---


def test_reprs_show_the_arn_and_whether_it_is_deleted(create, iam):
    caller = create("ann", ALL)
    shown = repr(caller)
    caller.delete()

    assert shown == f"<{type(caller).__name__} {caller.arn}>"
    assert repr(caller) == f"<{type(caller).__name__} {caller.arn} (deleted)>"
    assert repr(iam) == "<IAM: 0 permission checks>"


def test_two_backends_with_the_same_seed_generate_the_same_ids(iam):
    from mock_secrets import SecretsBackend

    ours, theirs = iam.create_user("ann"), SecretsBackend().iam.create_user("ann")

    assert ours.unique_id == theirs.unique_id


def test_a_deleted_principal_cannot_get_a_new_policy(create):
    caller = create("ann")
    caller.delete()

    with pytest.raises(ValueError, match=f"{caller.arn} was deleted"):
        caller.set_policy(ALL)


@rows("tags", [[{"Key": "team", "Value": "core"}], {"team": 5}, {5: "core"}, "ab", {"team": None}])
def test_invalid_tags_are_refused(create, tags):
    with pytest.raises((TypeError, ValueError), match="tags"):
        create("ann", tags=tags)


def test_a_user_given_as_the_role_rotates_nothing(secrets_backend, iam):
    """``role=`` takes any object with ``held``: a user would call as a user, which no function does."""
    with pytest.raises(TypeError, match="role"):
        secrets_backend.register_rotation_lambda("rotator", lambda event, context: None, role=iam.create_user("ann"))


def test_a_session_without_its_own_account_belongs_to_the_default_caller(secrets_backend):
    secrets_backend.create("db", "one")

    with secrets_backend.iam.create_role("app").as_default():
        default = secrets_backend.session().client("secretsmanager")
        own = secrets_backend.session(account_id=secrets_backend.account_id).client("secretsmanager")
        with pytest.raises(ClientError, match="assumed-role/app/session is not authorized"):
            default.get_secret_value(SecretId="db")
        assert own.get_secret_value(SecretId="db")["SecretString"] == "one"
