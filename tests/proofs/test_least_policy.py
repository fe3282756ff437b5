"""``backend.iam.used_permissions``: the least policy that calls needed, and that it is sufficient and least."""

import json

import boto3
import pytest
from conformance.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    allowing,
    call,
    code_of,
    document,
    granted,
    named,
)
from conformance.policies import policy, put
from conformance.rotation_functions import NAME, Template
from tables import rows

ALL = document(allowing("*"))
SECRET = "s3cr3t-value"
VIA = {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}
ANY_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*"


# --- What calls needed ---


def test_actions_on_one_resource_are_one_statement(client, iam):
    client.create_secret(Name="db", SecretString=SECRET)
    client.get_secret_value(SecretId="db")
    client.get_secret_value(SecretId=client.describe_secret(SecretId="db")["ARN"])

    assert iam.used_permissions() == document(
        granted(["CreateSecret", "DescribeSecret", "GetSecretValue"], named("db"))
    )


def test_resources_with_the_same_actions_are_one_statement(client, iam):
    client.create_secret(Name="b", SecretString=SECRET)
    client.create_secret(Name="a", SecretString=SECRET)
    client.create_secret(Name="c", SecretString=SECRET)
    client.describe_secret(SecretId="c")

    assert iam.used_permissions() == document(
        granted(["CreateSecret"], named("a"), named("b")), granted(["CreateSecret", "DescribeSecret"], named("c"))
    )


def test_used_permissions_cover_exactly_the_calls_of_a_flow(client, secrets_backend, iam):
    secrets_backend.kms.create_key(alias="alias/app")
    plain = secrets_backend.kms.create_key()
    client.create_secret(Name="app/db", SecretString=SECRET, KmsKeyId="alias/app")
    client.create_secret(Name="app/api", SecretString=SECRET)
    client.get_secret_value(SecretId="app/db")
    client.get_secret_value(SecretId="app/api")
    client.update_secret(SecretId="app/db", SecretString="two", KmsKeyId=plain.arn)
    client.list_secrets()

    assert iam.used_permissions() == document(
        granted(["ListSecrets"], "*"),
        granted(
            ["kms:Decrypt", "kms:GenerateDataKey"],
            ANY_KEY,
            **{"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}, "StringEquals": VIA},
        ),
        granted(["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], plain.arn, StringEquals=VIA),
        granted(["CreateSecret", "GetSecretValue"], named("app/api")),
        granted(["CreateSecret", "GetSecretValue", "UpdateSecret"], named("app/db")),
    )


def test_the_order_of_the_calls_does_not_matter(secrets_backend, iam):
    secrets_backend.create("a", SECRET)
    secrets_backend.create("b", SECRET)
    one, other = iam.create_user("one", ALL), iam.create_user("other", ALL)
    calls = [("DescribeSecret", "a"), ("GetSecretValue", "b"), ("GetSecretValue", "a"), ("DescribeSecret", "b")]

    for operation, name in calls:
        call(one.client(), operation, SecretId=name)
    for operation, name in reversed(calls):
        call(other.client(), operation, SecretId=name)

    assert json.dumps(iam.used_permissions(one)) == json.dumps(iam.used_permissions(other))


def test_dependent_actions_and_actions_of_other_services_are_included(client, secrets_backend, iam):
    function = secrets_backend.register_rotation_lambda(NAME, lambda event, context: None)
    client.create_secret(Name="db", SecretString=SECRET, Tags=[{"Key": "a", "Value": "b"}])
    client.batch_get_secret_value(SecretIdList=["db"])
    client.rotate_secret(SecretId="db", RotationLambdaARN=function)

    assert iam.used_permissions() == document(
        granted(["BatchGetSecretValue"], "*"),
        granted(["lambda:InvokeFunction"], function),
        granted(["CreateSecret", "GetSecretValue", "RotateSecret", "TagResource"], named("db")),
    )


@rows("name", ["missing", "my-secret"])
def test_a_missing_secret_appears_under_its_requested_name(client, iam, name):
    """Also if the last six characters look like a suffix: they are a word of "my-secret"."""
    code_of(client, "GetSecretValue", SecretId=name)

    assert iam.used_permissions() == document(granted(["GetSecretValue"], named(name).removesuffix("-??????")))


def test_other_regions_and_accounts_are_in_the_resource(secrets_backend, iam):
    secrets_backend.client(region_name="eu-west-1").create_secret(Name="db", SecretString=SECRET)
    secrets_backend.session(account_id=OTHER_ACCOUNT).client("secretsmanager").create_secret(Name="db")

    assert iam.used_permissions() == document(
        granted(["CreateSecret"], named("db", region="eu-west-1"), named("db", account_id=OTHER_ACCOUNT))
    )


def test_direct_access_needs_no_permissions(secrets_backend, iam):
    secrets_backend.create("db", SECRET).update("two")

    assert iam.used_permissions()["Statement"] == []


def test_a_request_that_is_refused_before_permissions_needs_nothing(client, iam):
    code_of(client, "GetSecretValue", SecretId="not a name")

    assert iam.used_permissions()["Statement"] == []


def test_permissions_granted_by_the_secret_policy_are_not_needed(client, iam):
    client.create_secret(Name="db", SecretString=SECRET)
    ann = iam.create_user("ann", document(allowing("DescribeSecret")))
    put(client, policy(Principal={"AWS": ann.arn}))

    ann.client().get_secret_value(SecretId="db")
    ann.client().describe_secret(SecretId="db")

    assert iam.used_permissions(ann) == document(granted(["DescribeSecret"], named("db")))


def test_permissions_granted_to_the_account_by_the_secret_policy_are_needed(client, iam):
    client.create_secret(Name="db", SecretString=SECRET)
    ann = iam.create_user("ann", ALL)
    put(client, policy(Principal={"AWS": ACCOUNT}))

    ann.client().get_secret_value(SecretId="db")

    assert iam.used_permissions(ann) == document(granted(["GetSecretValue"], named("db")))


def test_cross_account_grants_of_the_secret_policy_are_also_needed(client, secrets_backend, iam):
    key = secrets_backend.kms.create_key(policy=document({**allowing("kms:*"), "Principal": "*"}))
    arn = client.create_secret(Name="db", SecretString=SECRET, KmsKeyId=key.arn)["ARN"]
    ann = iam.create_user("ann", ALL, account_id=OTHER_ACCOUNT)
    put(client, policy(Principal={"AWS": ann.arn}))

    ann.client().get_secret_value(SecretId=arn)

    assert iam.used_permissions(ann) == document(
        granted(["kms:Decrypt"], key.arn, StringEquals=VIA), granted(["GetSecretValue"], named("db"))
    )


# --- Whose calls ---


def test_used_permissions_can_be_limited_to_one_principal(client, secrets_backend, iam):
    secrets_backend.create("db", SECRET)
    ann, role = iam.create_user("ann", ALL), iam.create_role("app", ALL)
    ann.client().describe_secret(SecretId="db")
    role.client("one").get_secret_value(SecretId="db")
    role.client("two").list_secrets()
    client.list_secret_version_ids(SecretId="db")

    of_ann = document(granted(["DescribeSecret"], named("db")))
    of_one = document(granted(["GetSecretValue"], named("db")))
    of_role = document(granted(["ListSecrets"], "*"), granted(["GetSecretValue"], named("db")))
    assert iam.used_permissions(ann) == iam.used_permissions(ann.arn) == of_ann
    assert iam.used_permissions(role) == iam.used_permissions(role.arn) == of_role
    assert iam.used_permissions(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one") == of_one
    assert iam.used_permissions(f"arn:aws:iam::{ACCOUNT}:user/administrator") == document(
        granted(["ListSecretVersionIds"], named("db"))
    )


@rows("with_role", [True, False])
def test_used_permissions_include_those_of_a_rotation_function(client, secrets_backend, iam, with_role):
    role = iam.create_role("rotator-role", ALL) if with_role else None
    function = secrets_backend.register_rotation_lambda(NAME, Template(client), role=role)
    secrets_backend.create("db", SECRET)
    client.rotate_secret(SecretId="db", RotationLambdaARN=function)
    secrets_backend["db"].finish_rotation()

    used = iam.used_permissions(role or f"arn:aws:iam::{ACCOUNT}:role/{NAME}")

    assert used == document(
        granted(["GetRandomPassword"], "*"),
        granted(["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"], named("db")),
    )


def test_the_result_for_one_principal_excludes_others(client, secrets_backend, iam):
    secrets_backend.create("db", SECRET)
    ann = iam.create_user("ann", ALL)
    ann.client().describe_secret(SecretId="db")
    client.list_secrets()
    own = document(allowing("DescribeSecret", on=named("db")))

    iam.assert_sufficient(own, ann)
    iam.assert_sufficient(own, ann.arn)

    with pytest.raises(AssertionError):
        iam.assert_sufficient(own)
    assert iam.unused(own, ann) == []
    assert len(iam.unused(document(allowing("ListSecrets")), ann)) == 1


def test_denied_calls_count_unless_excluded(secrets_backend, iam):
    secrets_backend.create("db", SECRET)
    own = document(allowing("DescribeSecret", on=named("db")))
    ann = iam.create_user("ann", own)
    ann.client().describe_secret(SecretId="db")
    code_of(ann.client(), "GetSecretValue", SecretId="db")

    assert iam.used_permissions() == document(granted(["DescribeSecret", "GetSecretValue"], named("db")))
    assert iam.used_permissions(with_denied=False) == document(granted(["DescribeSecret"], named("db")))
    iam.assert_sufficient(own, with_denied=False)
    with pytest.raises(AssertionError):
        iam.assert_sufficient(own)
    assert iam.unused(document(allowing("GetSecretValue", on=named("db")))) == []
    assert len(iam.unused(document(allowing("GetSecretValue", on=named("db"))), with_denied=False)) == 1


# --- Flows whose least policy is sufficient, and least ---


def several_secrets(client, backend):
    for name in ("a", "b", "c"):
        client.create_secret(Name=name, SecretString=SECRET)
    client.update_secret(SecretId="a", Description="d")
    client.put_secret_value(SecretId="b", SecretString="two")
    client.delete_secret(SecretId="c")


def keys(client, backend):
    backend.kms.create_key(alias="alias/app")
    plain = backend.kms.create_key()
    client.create_secret(Name="by-alias", SecretString=SECRET, KmsKeyId="alias/app")
    client.create_secret(Name="by-arn", SecretString=SECRET, KmsKeyId=plain.arn)
    client.create_secret(Name="implied", SecretString=SECRET, KmsKeyId="alias/implied")
    client.update_secret(SecretId="by-alias", KmsKeyId=plain.id)
    client.get_secret_value(SecretId="by-arn")


def without_resources(client, backend):
    client.create_secret(Name="db", SecretString=SECRET)
    client.list_secrets()
    client.get_random_password()
    client.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["db"]}])


def rotation(client, backend):
    function = backend.register_rotation_lambda(NAME, Template(client))
    client.create_secret(Name="db", SecretString=SECRET)
    client.rotate_secret(SecretId="db", RotationLambdaARN=function)
    backend["db"].finish_rotation()


def replicas(client, backend):
    key = backend.kms.create_key(region="eu-west-1", alias="alias/app")
    wish = {"Region": "eu-west-1", "KmsKeyId": key.arn}
    client.create_secret(Name="db", SecretString=SECRET, AddReplicaRegions=[wish])
    backend.clock.advance(hours=1)
    backend.client(region_name="eu-west-1").get_secret_value(SecretId="db")


def missing_secrets(client, backend):
    code_of(client, "GetSecretValue", SecretId="missing")
    code_of(client, "DescribeSecret", SecretId=f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:gone-AbCdEf")
    client.create_secret(Name="missing", SecretString=SECRET)
    client.get_secret_value(SecretId="missing")


def tags_and_policies(client, backend):
    client.create_secret(Name="db", SecretString=SECRET, Tags=[{"Key": "a", "Value": "b"}])
    client.tag_resource(SecretId="db", Tags=[{"Key": "c", "Value": "d"}])
    put(client, policy(Principal={"AWS": OTHER_ACCOUNT}))
    client.validate_resource_policy(SecretId="db", ResourcePolicy=json.dumps(policy()))


def another_account(client, backend):
    arn = client.create_secret(Name="db", SecretString=SECRET, KmsKeyId="alias/app")["ARN"]
    put(client, policy(Action="secretsmanager:*", Principal={"AWS": OTHER_ACCOUNT}))
    theirs = backend.iam.create_user("ann", ALL, account_id=OTHER_ACCOUNT).client()
    theirs.get_secret_value(SecretId=arn)
    theirs.describe_secret(SecretId=arn[:-7])


def names_that_look_alike(client, backend):
    for name in ("a", "a-b", "a-b/c", "a-bcdef"):
        client.create_secret(Name=name, SecretString=SECRET)
    client.get_secret_value(SecretId="a")


def what_was_denied(client, backend):
    client.create_secret(Name="db", SecretString=SECRET)
    own = document(allowing("BatchGetSecretValue"))
    ann = backend.iam.create_user("ann", own).client()
    code_of(ann, "GetSecretValue", SecretId="db")
    code_of(ann, "CreateSecret", Name="new", Tags=[{"Key": "a", "Value": "b"}])
    ann.batch_get_secret_value(SecretIdList=["db", "missing"])


def boto3_of_the_process(client, backend):
    boto3.client("secretsmanager").create_secret(Name="db", SecretString=SECRET)


FLOWS = [
    several_secrets,
    keys,
    without_resources,
    rotation,
    replicas,
    missing_secrets,
    tags_and_policies,
    another_account,
    names_that_look_alike,
    what_was_denied,
    boto3_of_the_process,
]

flows = rows("flow", FLOWS)


@flows
def test_the_least_policy_is_sufficient_and_has_nothing_unused(client, secrets_backend, iam, flow):
    flow(client, secrets_backend)

    iam.assert_sufficient(iam.used_permissions())
    assert iam.unused(iam.used_permissions()) == []


@flows
@rows("part", ["Action", "Resource"])
def test_no_part_of_the_least_policy_can_be_removed(client, secrets_backend, iam, flow, part):
    flow(client, secrets_backend)
    used = iam.used_permissions()

    for place, statement in enumerate(used["Statement"]):
        for one in statement[part]:
            with pytest.raises(AssertionError):
                iam.assert_sufficient(without(used, place, part, one))


def without(used, place, part, one):
    """The policy without one action, or one resource, of one of its statements."""
    less = json.loads(json.dumps(used))
    less["Statement"][place][part].remove(one)
    if not less["Statement"][place][part]:
        less["Statement"][place] = allowing("s3:GetObject")
    return less


@flows
def test_computing_the_least_policy_changes_nothing(client, secrets_backend, iam, flow):
    flow(client, secrets_backend)
    before = json.dumps(iam.used_permissions())
    count = len(secrets_backend.calls)

    iam.unused(ALL)
    iam.assert_sufficient(ALL)

    assert json.dumps(iam.used_permissions()) == before
    assert len(secrets_backend.calls) == count


def test_the_calls_of_a_user_succeed_under_its_least_policy(client, secrets_backend, iam):
    secrets_backend.kms.create_key(alias="alias/app")
    ann = iam.create_user("ann", ALL)

    def work(caller):
        caller.create_secret(Name="app/db", SecretString=SECRET, KmsKeyId="alias/app")
        caller.get_secret_value(SecretId="app/db")
        caller.delete_secret(SecretId="app/db", ForceDeleteWithoutRecovery=True)

    work(ann.client())
    ann.set_policy(iam.used_permissions(ann))
    work(ann.client())

    assert {call.error for call in secrets_backend.calls} == {None}


@rows("kind", ["user", "role"])
def test_a_principal_is_not_confused_with_a_later_one_of_the_same_name(secrets_backend, iam, kind):
    secrets_backend.create("db", SECRET)
    create = getattr(iam, f"create_{kind}")
    old = create("app", ALL)
    old.client().get_secret_value(SecretId="db")
    old.delete()
    new = create("app", ALL)
    new.client().list_secrets()

    of_old, of_new = granted(["GetSecretValue"], named("db")), granted(["ListSecrets"], "*")
    assert iam.used_permissions(old) == document(of_old)
    assert iam.used_permissions(new) == document(of_new)
    assert iam.used_permissions(new.arn) == document(of_new, of_old)
    with pytest.raises(AssertionError, match="GetSecretValue"):
        iam.assert_sufficient(document(allowing("ListSecrets")), old)
    assert iam.unused(document(allowing("ListSecrets")), new) == []


@rows("principal", ["ann", "", 5])
def test_an_unknown_principal_is_an_error(client, iam, principal):
    """With a name in place of an ARN every policy is sufficient."""
    iam.create_user("ann")
    client.list_secrets()

    with pytest.raises((TypeError, ValueError), match="ARN"):
        iam.used_permissions(principal)
