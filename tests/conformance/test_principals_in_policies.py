"""Principals of a secret's policy: whom each name lets in, and what becomes of the name of one who is deleted."""

import pytest
from conformance.callers import ACCOUNT, DENIED, KEY, OTHER_ACCOUNT, allowing, code_of, document
from conformance.fidelity import behaviour
from conformance.policies import policy, policy_of, put
from tables import rows

PRINCIPALS = "Any operation: principals of the secret's policy"
ELEMENT = "IAM User Guide, AWS JSON policy elements: Principal"
NOT_ELEMENT = "IAM User Guide, AWS JSON policy elements: NotPrincipal"
EVALUATION = "IAM User Guide, policy evaluation logic"
CROSS_ACCOUNT = "IAM User Guide, cross-account policy evaluation logic"
TERRAFORM = "GitHub hashicorp/terraform-provider-aws, aws_secretsmanager_secret"
PRINCIPAL_ARN = "IAM User Guide, AWS global condition context keys, aws:PrincipalArn"
THIRD_ACCOUNT = "444455556666"


@pytest.fixture
def db(client):
    """A secret "db" under a customer's key, without a policy."""
    return client.create_secret(Name="db", SecretString="one", KmsKeyId=KEY)["ARN"]


def may_get(client, arn):
    return code_of(client, "GetSecretValue", SecretId=arn) is None


def decrypting(*statements):
    return document(allowing("kms:Decrypt"), *statements)


# --- Whom a name lets in, in the secret's own account ---


def callers(backend, own, account_id=ACCOUNT):
    """A user and two sessions of a role, all with the same policy of their own."""
    user = backend.iam.create_user("ann", own, account_id=account_id)
    role = backend.iam.create_role("app", own, account_id=account_id)
    return {"user": user.client(), "session": role.client("one"), "other session": role.client("two")}


def who_may_get(callers, arn):
    return {name for name, caller in callers.items() if may_get(caller, arn)}


@behaviour(PRINCIPALS, "in one account, naming a user, a role, a session or * is enough", "AWS-DOC", EVALUATION)
@behaviour(
    PRINCIPALS, "in one account, naming the account isn't enough without policies of the caller", "AWS-DOC", EVALUATION
)
@rows(
    "principal, let_in",
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}, {"user"}),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}, {"session", "other session"}),
        ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"}, {"session"}),
        (
            {"AWS": [f"arn:aws:iam::{ACCOUNT}:user/ann", f"arn:aws:sts::{ACCOUNT}:assumed-role/app/two"]},
            {"user", "other session"},
        ),
        ({"AWS": "*"}, {"user", "session", "other session"}),
        ("*", {"user", "session", "other session"}),
        ({"AWS": ACCOUNT}, set()),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, set()),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}, set()),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/app"}, set()),
        ({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:user/ann"}, set()),
        ({"Service": "lambda.amazonaws.com"}, set()),
    ],
)
def test_who_is_allowed_by_a_principal(client, db, secrets_backend, principal, let_in):
    everybody = callers(secrets_backend, decrypting())
    put(client, policy(Principal=principal))

    assert who_may_get(everybody, "db") == let_in


@behaviour(PRINCIPALS, "a unique id names a user, or all sessions of a role", "AWS-DOC", ELEMENT)
@rows("kind", ["user", "role"])
def test_a_unique_id_identifies_its_principal(client, db, secrets_backend, kind):
    create = {"user": secrets_backend.iam.create_user, "role": secrets_backend.iam.create_role}[kind]
    ann, bob = create("ann", decrypting()), create("bob", decrypting())
    put(client, policy(Principal={"AWS": ann.unique_id}))

    assert may_get(ann.client(), "db")
    assert not may_get(bob.client(), "db")


@behaviour(PRINCIPALS, "if the policy names the account, the caller's own policies decide", "AWS-DOC", EVALUATION)
@rows("principal", [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"])
def test_an_account_principal_defers_to_the_accounts_own_policies(client, db, secrets_backend, principal):
    ann = secrets_backend.iam.create_user("ann", decrypting(allowing("GetSecretValue", on=db)))
    put(client, policy(Principal={"AWS": principal}))

    assert may_get(ann.client(), "db")


@behaviour(
    PRINCIPALS, "a Deny affects everybody whom its principal names; for an account, everybody in it", "AWS-DOC", ELEMENT
)
@rows(
    "principal, kept_out",
    [
        (f"arn:aws:iam::{ACCOUNT}:user/ann", {"user"}),
        (f"arn:aws:iam::{ACCOUNT}:role/app", {"session", "other session"}),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one", {"session"}),
        (ACCOUNT, {"user", "session", "other session"}),
        (f"arn:aws:iam::{ACCOUNT}:root", {"user", "session", "other session"}),
        ("*", {"user", "session", "other session"}),
        (OTHER_ACCOUNT, set()),
    ],
)
def test_who_is_blocked_by_a_deny(client, db, secrets_backend, principal, kept_out):
    everybody = callers(secrets_backend, document(allowing("*")))
    put(client, policy(Effect="Deny", Principal={"AWS": principal}))

    assert everybody.keys() - who_may_get(everybody, "db") == kept_out


@behaviour(PRINCIPALS, "a Deny with NotPrincipal affects everybody who isn't named completely", "AWS-DOC", NOT_ELEMENT)
@rows(
    "names, let_in",
    [
        ([f"arn:aws:iam::{ACCOUNT}:user/ann", ACCOUNT], {"user"}),
        ([f"arn:aws:iam::{ACCOUNT}:user/ann"], set()),
        (
            [f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one", f"arn:aws:iam::{ACCOUNT}:role/app", ACCOUNT],
            {"session"},
        ),
        ([f"arn:aws:iam::{ACCOUNT}:role/app", ACCOUNT], set()),
    ],
)
def test_who_is_allowed_by_a_deny_with_not_principal(client, db, secrets_backend, names, let_in):
    everybody = callers(secrets_backend, document(allowing("*")))
    put(client, policy(Effect="Deny", Principal=None, NotPrincipal={"AWS": names}))

    assert who_may_get(everybody, "db") == let_in


# --- Across accounts ---


@behaviour(
    PRINCIPALS,
    "across accounts, the policy must name the user, the role, the session, the account or *",
    "AWS-DOC",
    CROSS_ACCOUNT,
)
@rows(
    "principal, let_in",
    [
        (f"arn:aws:iam::{OTHER_ACCOUNT}:user/ann", {"user"}),
        (f"arn:aws:iam::{OTHER_ACCOUNT}:role/app", {"session", "other session"}),
        (f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/app/one", {"session"}),
        (OTHER_ACCOUNT, {"user", "session", "other session", "administrator"}),
        (f"arn:aws:iam::{OTHER_ACCOUNT}:root", {"user", "session", "other session", "administrator"}),
        ("*", {"user", "session", "other session", "administrator"}),
        (ACCOUNT, set()),
        (THIRD_ACCOUNT, set()),
        (f"arn:aws:iam::{ACCOUNT}:user/ann", set()),
    ],
)
def test_who_is_allowed_by_a_principal_across_accounts(client, db, secrets_backend, principal, let_in):
    everybody = callers(secrets_backend, document(allowing("*")), account_id=OTHER_ACCOUNT)
    everybody["administrator"] = secrets_backend.session(account_id=OTHER_ACCOUNT).client("secretsmanager")
    put(client, policy(Principal={"AWS": principal}))

    assert who_may_get(everybody, db) == let_in


@behaviour(
    "GetSecretValue",
    "another account's secret needs both policies and a customer managed key",
    "AWS-DOC",
    "AWS User Guide, determining who has permissions to secrets",
)
@behaviour(
    PRINCIPALS, "across accounts, being named isn't enough without the caller's own policy", "AWS-DOC", CROSS_ACCOUNT
)
@rows("principal", [f"arn:aws:iam::{OTHER_ACCOUNT}:user/ann", OTHER_ACCOUNT, "*"])
def test_cross_account_access_also_needs_the_callers_own_policy(client, db, secrets_backend, principal):
    ann = secrets_backend.iam.create_user("ann", decrypting(), account_id=OTHER_ACCOUNT)
    put(client, policy(Principal={"AWS": principal}))

    before = may_get(ann.client(), db)
    ann.set_policy(decrypting(allowing("GetSecretValue", on=db)))

    assert not before
    assert may_get(ann.client(), db)


# --- A principal that is deleted ---


@behaviour("GetResourcePolicy", "a deleted principal is shown by its unique id", "REPORTED", TERRAFORM)
@rows("kind", ["user", "role"])
@rows("account_id", [ACCOUNT, OTHER_ACCOUNT])
def test_a_deleted_principal_is_shown_as_its_unique_id(client, db, secrets_backend, kind, account_id):
    create = {"user": secrets_backend.iam.create_user, "role": secrets_backend.iam.create_role}[kind]
    ann = create("ann", account_id=account_id)
    put(client, policy(Principal={"AWS": ann.arn}))

    ann.delete()

    assert policy_of(client) == policy(Principal={"AWS": ann.unique_id})
    assert ann.unique_id.startswith({"user": "AIDA", "role": "AROA"}[kind])


@behaviour("GetResourcePolicy", "the policy's other principals don't change", "REPORTED", TERRAFORM)
def test_other_principals_are_unchanged(client, db, secrets_backend):
    ann = secrets_backend.iam.create_user("ann")
    others = [f"arn:aws:iam::{ACCOUNT}:user/ann2", ACCOUNT]
    put(client, policy(Principal={"AWS": [ann.arn, *others]}))

    ann.delete()

    assert policy_of(client) == policy(Principal={"AWS": [ann.unique_id, *others]})


@behaviour(
    "GetResourcePolicy",
    "a deleted principal is shown by its id in a Deny and in NotPrincipal too",
    "GUESS",
    "no source",
    decided_by="a second principal",
)
def test_a_deleted_principal_in_a_deny_statement(client, db, secrets_backend):
    ann = secrets_backend.iam.create_user("ann")
    put(client, policy(Effect="Deny", Principal=None, NotPrincipal={"AWS": [ann.arn, ACCOUNT]}))

    ann.delete()

    assert policy_of(client)["Statement"][0]["NotPrincipal"] == {"AWS": [ann.unique_id, ACCOUNT]}


@behaviour(
    "GetResourcePolicy",
    "a deleted principal is shown by its id in replicas too",
    "GUESS",
    "no source",
    decided_by="a second Region",
)
def test_a_replica_shows_a_deleted_principal_as_its_unique_id(client, db, elsewhere, secrets_backend):
    ann = secrets_backend.iam.create_user("ann")
    put(client, policy(Principal={"AWS": ann.arn}))
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
    secrets_backend.clock.advance(hours=1)

    ann.delete()

    assert policy_of(elsewhere) == policy(Principal={"AWS": ann.unique_id})


@behaviour(PRINCIPALS, "a new principal with a deleted one's name is not allowed", "AWS-DOC", ELEMENT)
@rows("kind", ["user", "role"])
def test_a_new_principal_with_the_same_name_is_not_allowed(client, db, secrets_backend, kind):
    create = {"user": secrets_backend.iam.create_user, "role": secrets_backend.iam.create_role}[kind]
    old = create("ann", decrypting())
    put(client, policy(Principal={"AWS": old.arn}))
    before = may_get(old.client(), "db")
    old.delete()

    new = create("ann", decrypting())

    assert before
    assert (new.arn, new.unique_id != old.unique_id) == (old.arn, True)
    assert not may_get(new.client(), "db")
    put(client, policy(Principal={"AWS": new.arn}))
    assert may_get(new.client(), "db")


@behaviour(PRINCIPALS, "a Deny of a deleted principal doesn't affect a new one of its name", "AWS-DOC", ELEMENT)
def test_a_new_principal_with_the_same_name_is_not_denied(client, db, secrets_backend):
    old = secrets_backend.iam.create_user("ann")
    put(client, policy(Effect="Deny", Principal={"AWS": old.arn}))
    old.delete()

    new = secrets_backend.iam.create_user("ann", document(allowing("*")))

    assert may_get(new.client(), "db")


@behaviour(
    "GetResourcePolicy", "the ARN of a deleted principal in a condition doesn't change", "AWS-DOC", PRINCIPAL_ARN
)
def test_a_condition_on_a_deleted_principal_does_not_change(client, db, secrets_backend):
    ann = secrets_backend.iam.create_user("ann")
    given = policy(Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ann.arn}})
    put(client, given)

    ann.delete()

    assert policy_of(client) == given
    assert may_get(secrets_backend.iam.create_user("ann", decrypting()).client(), "db")


@behaviour(
    PRINCIPALS,
    "a secret's policy doesn't let a deleted user in",
    "AWS-DOC",
    "IAM API reference, DeleteUser: the user's access keys have to be deleted first",
)
@rows("named", ["by its name", "with everybody"])
def test_a_deleted_user_is_not_allowed_by_the_secrets_policy(client, secrets_backend, named):
    client.create_secret(Name="db", SecretString="one")
    ann = secrets_backend.iam.create_user("ann")
    caller = ann.client()
    put(client, policy(Principal={"AWS": ann.arn if named == "by its name" else "*"}))
    before = code_of(caller, "GetSecretValue", SecretId="db")

    ann.delete()

    assert before is None
    assert code_of(caller, "GetSecretValue", SecretId="db") == DENIED


@behaviour(
    "GetResourcePolicy",
    "deleting a principal twice doesn't affect a new one of the same name",
    "OURS",
    "the mock's own design",
)
def test_deleting_a_principal_twice_does_not_affect_a_new_one_with_the_same_name(client, db, secrets_backend):
    old = secrets_backend.iam.create_user("ann")
    old.delete()
    new = secrets_backend.iam.create_user("ann")
    put(client, policy(Principal={"AWS": new.arn}))

    old.delete()

    assert policy_of(client) == policy(Principal={"AWS": new.arn})
