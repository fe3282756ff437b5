"""Keys across accounts, and keys of replicas."""

import json

import pytest
from conformance.fidelity import behaviour
from conformance.keys import (
    ACCOUNT,
    DEFAULT,
    NOT_ALLOWED,
    SECRETS,
    STRANGERS,
    V1,
    V2,
    V3,
    document,
    everything,
    key_ids,
    lets,
    may,
    refusal,
    value_of,
)
from conformance.raw import snapshot
from conformance.replicating import is_there, replicas, replicate, statuses
from tables import rows

DENIED = ("AccessDeniedException", NOT_ALLOWED)
ALL = {"kms:GenerateDataKey", "kms:Decrypt", "kms:Encrypt"}
RE_ENCRYPTION = "AWS API reference, UpdateSecret, KmsKeyId"
OTHER_ACCOUNTS = "AWS User Guide, Access AWS Secrets Manager secrets from a different account"
DEFAULT_KEY = "LocalStack AWS-validated test test_cross_account_access"
OTHER_KEY = "LocalStack AWS-validated test test_cross_account_access_non_default_key"
REPLICATING = "AWS API reference, ReplicateSecretToRegions, required permissions"
REPORTED_REPLICA = "GitHub aws-cloudformation/cloudformation-coverage-roadmap#1459"


# --- Other accounts ---


@pytest.fixture
def theirs(secrets_backend):
    """Have a user of another account, with these statements in his policy; his client."""

    def user(*statements):
        return secrets_backend.iam.create_user("guest", document(*statements), account_id=STRANGERS).client()

    return user


TAKEN_FOR_GRANTED = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OUT_OF_REACH = (
    "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key."
)
GUEST = f"arn:aws:iam::{STRANGERS}:user/guest"
READ = "kms:Decrypt kms:GenerateDataKey"


def open_to(client, *principals):
    """Have the secret's policy let these read and write."""
    actions = "secretsmanager:GetSecretValue secretsmanager:PutSecretValue secretsmanager:UpdateSecret"
    text = json.dumps(document(lets(list(principals), actions)))
    client.put_resource_policy(SecretId="db", ResourcePolicy=text)


@behaviour(
    "GetSecretValue",
    "across accounts, the secret's policy, the key's policy and the caller's own policies all have to allow it",
    "AWS-VERIFIED",
    OTHER_KEY,
)
@rows("name", [STRANGERS, f"arn:aws:iam::{STRANGERS}:root", GUEST])
def test_a_secret_of_another_account_is_read(client, theirs, key, db, name):
    user = theirs(SECRETS, may(READ, key))
    open_to(client, name)
    key.set_policy(document(everything(), lets(name, READ)))

    user.put_secret_value(SecretId=db, SecretString="two", ClientRequestToken=V2)

    assert value_of(user, db) == "two"
    assert key_ids(client)[V2] == [key.arn]


@behaviour(
    "GetSecretValue",
    "across accounts, if one of the three policies is missing: AccessDeniedException",
    "AWS-DOC",
    OTHER_ACCOUNTS,
)
@rows("missing", ["the key's", "the caller's own for the key", "the secret's", "the caller's own"])
@rows("name", [STRANGERS, GUEST])
def test_every_policy_is_needed_across_accounts(client, secrets_backend, theirs, *, key, db, name, missing):
    own = [] if missing == "the caller's own" else [SECRETS]
    user = theirs(*own, *([] if missing == "the caller's own for the key" else [may(READ, key)]))
    if missing != "the secret's":
        open_to(client, name)
    key.set_policy(document(everything(), *([] if missing == "the key's" else [lets(name, READ)])))
    before = snapshot(secrets_backend)

    reading = refusal(user.get_secret_value, SecretId=db)
    writing = refusal(user.put_secret_value, SecretId=db, SecretString="two")

    assert (reading[0], writing[0]) == ("AccessDeniedException", "AccessDeniedException")
    assert (reading[1] == NOT_ALLOWED) == (writing[1] == NOT_ALLOWED) == ("key" in missing)
    assert snapshot(secrets_backend) == before


@behaviour(
    "GetSecretValue", "across accounts under aws/secretsmanager: InvalidRequestException", "AWS-VERIFIED", DEFAULT_KEY
)
@behaviour(
    "PutSecretValue", "across accounts under aws/secretsmanager: InvalidRequestException", "AWS-VERIFIED", DEFAULT_KEY
)
@rows(
    "call",
    [
        lambda user, arn: user.get_secret_value(SecretId=arn),
        lambda user, arn: user.put_secret_value(SecretId=arn, SecretString="two"),
    ],
)
def test_using_the_default_key_across_accounts_is_refused(client, secrets_backend, theirs, call):
    arn = client.create_secret(Name="db", SecretString="one")["ARN"]
    open_to(client, STRANGERS)
    user = theirs(SECRETS, {"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    before = snapshot(secrets_backend)

    assert refusal(call, user, arn) == ("InvalidRequestException", OUT_OF_REACH)
    assert snapshot(secrets_backend) == before


@behaviour(
    "GetSecretValue",
    "across accounts, only the caller's own policies decide about a key that the test didn't make",
    "OURS",
    "the mock's own design",
)
@rows("allowed", [True, False])
def test_only_the_callers_policies_decide_about_an_assumed_key_across_accounts(client, theirs, allowed):
    arn = client.create_secret(Name="db", SecretString="one", KmsKeyId=TAKEN_FOR_GRANTED)["ARN"]
    open_to(client, STRANGERS)
    use = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": TAKEN_FOR_GRANTED}
    user = theirs(SECRETS, *([use] if allowed else []))

    if allowed:
        assert value_of(user, arn) == "one"
    else:
        assert refusal(user.get_secret_value, SecretId=arn) == DENIED


@behaviour(
    "CreateSecret",
    "a key of another account can be used if its policy and the caller's own allow it",
    "AWS-DOC",
    OTHER_ACCOUNTS,
)
def test_a_key_of_another_account_needs_both_policies(client, secrets_backend, app):
    key = secrets_backend.kms.create_key(account_id=STRANGERS)
    user = app(may(READ, key))
    denied = [refusal(one.create_secret, Name="new", KmsKeyId=key.arn) for one in (client, user)]

    key.set_policy(document(everything(STRANGERS), lets(f"arn:aws:iam::{ACCOUNT}:root", READ)))
    user.create_secret(Name="new", SecretString="one", KmsKeyId=key.arn, ClientRequestToken=V1)

    assert denied == [DENIED, DENIED]
    assert key_ids(client, "new") == {V1: [key.arn]}
    assert value_of(user, "new") == "one"


@behaviour(
    "GetSecretValue",
    "a version that is still under aws/secretsmanager can't be read from another account",
    "AWS-DOC",
    "AWS API reference of 2021, CreateSecret: the default key can't be accessed with credentials from another account",
)
def test_a_version_under_the_default_key_is_unreadable_across_accounts(client, theirs, key):
    arn = client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)["ARN"]
    client.update_secret_version_stage(SecretId="db", VersionStage="mine", MoveToVersionId=V1)
    client.put_secret_value(SecretId="db", SecretString="two", ClientRequestToken=V2)
    client.put_secret_value(SecretId="db", SecretString="three", ClientRequestToken=V3)
    client.update_secret(SecretId="db", KmsKeyId=key.arn)
    open_to(client, STRANGERS)
    key.set_policy(document(everything(), lets(STRANGERS, READ)))
    user = theirs(SECRETS, may(READ, key))
    current = value_of(user, arn)

    code, _ = refusal(user.get_secret_value, SecretId=arn, VersionStage="mine")

    assert current == "three"
    assert code in {"InvalidRequestException", "AccessDeniedException"}


@behaviour("UpdateSecret", "another account can't put a secret under aws/secretsmanager", "AWS-DOC", RE_ENCRYPTION)
@rows("name", ["", "alias/aws/secretsmanager"])
def test_another_account_cannot_choose_the_default_key(client, secrets_backend, theirs, *, key, db, name):
    open_to(client, STRANGERS)
    key.set_policy(document(everything(), lets(STRANGERS, READ)))
    user = theirs(SECRETS, may(READ, key))
    before = snapshot(secrets_backend)

    code, _ = refusal(user.update_secret, SecretId=db, KmsKeyId=name)

    assert code in {"InvalidRequestException", "AccessDeniedException", "InvalidParameterException"}
    assert snapshot(secrets_backend) == before


# --- Replicas ---


@pytest.fixture
def there(secrets_backend):
    """A key in eu-west-1."""
    return secrets_backend.kms.create_key(region="eu-west-1")


@pytest.fixture
def elsewhere(secrets_backend):
    """A client of the same account in eu-west-1."""
    return secrets_backend.session(region="eu-west-1").client("secretsmanager")


def ask(client, kms_key_id):
    """PermissionCheck for a replica under this key."""
    return client.replicate_secret_to_regions(
        SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1", "KmsKeyId": kms_key_id}]
    )


@behaviour(
    "ReplicateSecretToRegions",
    "a replica's key that can't be used: the call succeeds, the replica is Failed",
    "REPORTED",
    REPORTED_REPLICA,
)
@behaviour(
    "DescribeSecret",
    "StatusMessage of such a replica is the sentence of the error that its key would give",
    "GUESS",
    "no source has the sentence",
    decided_by="a KMS key",
)
@rows("why", ["disabled", "pending deletion", "policy", "malformed", "of another Region"])
@pytest.mark.usefixtures("db")
def test_a_replica_whose_key_cannot_be_used_fails(client, elsewhere, key, there, why):
    name = {"malformed": "my-key", "of another Region": key.arn}.get(why, there.arn)
    if why == "disabled":
        there.disable()
    elif why == "pending deletion":
        there.schedule_deletion()
    elif why == "policy":
        there.set_policy(document(lets(STRANGERS)))

    ask(client, name)

    [status] = client.describe_secret(SecretId="db")["ReplicationStatus"]
    assert (status["Region"], status["Status"]) == ("eu-west-1", "Failed")
    assert status["StatusMessage"]
    assert not is_there(elsewhere)


@behaviour(
    "CreateSecret",
    "a replica's key that can't be used: the secret is created, the replica is Failed",
    "REPORTED",
    REPORTED_REPLICA,
)
def test_a_new_secret_whose_replica_fails(client, elsewhere, there):
    there.disable()

    client.create_secret(
        Name="db", SecretString="one", AddReplicaRegions=[{"Region": "eu-west-1", "KmsKeyId": there.arn}]
    )

    assert replicas(client) == {"eu-west-1": "Failed"}
    assert value_of(client) == "one"
    assert not is_there(elsewhere)


@behaviour(
    "ReplicateSecretToRegions",
    "a replica that failed for its key is retried by another call",
    "AWS-DOC",
    "AWS User Guide, Retry replication",
)
@pytest.mark.usefixtures("db")
def test_a_replica_that_failed_because_of_its_key_can_be_requested_again(client, elsewhere, there):
    there.disable()
    ask(client, there.arn)
    ask(client, there.arn)
    failed = replicas(client)

    there.enable()
    untouched = replicas(client)
    ask(client, there.arn)

    assert failed == untouched == {"eu-west-1": "Failed"}
    assert replicas(client) == {"eu-west-1": "InSync"}
    assert value_of(elsewhere) == "one"
    assert key_ids(elsewhere) == {V1: [there.arn]}


@behaviour(
    "ReplicateSecretToRegions",
    "a replica that failed for its key can be requested again under another key",
    "AWS-DOC",
    "AWS User Guide, Retry replication",
)
@pytest.mark.usefixtures("db")
def test_a_replica_that_failed_because_of_its_key_accepts_another(client, elsewhere, there):
    there.disable()
    ask(client, there.arn)

    replicate(client, "eu-west-1")

    assert replicas(client) == {"eu-west-1": "InSync"}
    assert key_ids(elsewhere) == {V1: DEFAULT}


@behaviour("ReplicateSecretToRegions", "one unusable key doesn't fail the other replicas", "REPORTED", REPORTED_REPLICA)
@pytest.mark.usefixtures("db")
def test_one_replica_fails_independently(client, there):
    there.disable()

    client.replicate_secret_to_regions(
        SecretId="db",
        AddReplicaRegions=[{"Region": "eu-west-1", "KmsKeyId": there.arn}, {"Region": "eu-central-1"}],
    )

    assert replicas(client) == {"eu-west-1": "Failed", "eu-central-1": "InSync"}


@behaviour("ReplicateSecretToRegions", "needs kms:Decrypt on the primary's key", "AWS-DOC", REPLICATING)
@pytest.mark.usefixtures("db")
def test_replication_needs_the_primarys_key(client, app, key):
    user = app(may("kms:GenerateDataKey kms:Encrypt", key))

    answer = replicate(user, "eu-west-1")

    assert statuses(answer).keys() == {"eu-west-1"}
    assert replicas(client) == {"eu-west-1": "Failed"}


@behaviour(
    "ReplicateSecretToRegions",
    "if the primary's key is disabled, the replica is Failed",
    "GUESS",
    REPORTED_REPLICA,
    decided_by="a second Region",
)
@pytest.mark.usefixtures("db")
def test_a_primary_whose_key_is_disabled(client, key):
    key.disable()

    replicate(client, "eu-west-1")

    assert replicas(client) == {"eu-west-1": "Failed"}


@behaviour("ReplicateSecretToRegions", "needs GenerateDataKey and Encrypt on the replica's key", "AWS-DOC", REPLICATING)
@rows("missing", ["kms:GenerateDataKey", "kms:Encrypt"])
@pytest.mark.usefixtures("db")
def test_replication_needs_the_replicas_key(client, app, key, there, missing):
    user = app(may("kms:Decrypt", key), may(" ".join(ALL - {missing}), there))

    ask(user, there.arn)

    assert replicas(client) == {"eu-west-1": "Failed"}


@behaviour(
    "ReplicateSecretToRegions",
    "with aws/secretsmanager in the replica's Region, only kms:Decrypt on the primary's key is needed",
    "AWS-DOC",
    REPLICATING,
)
@pytest.mark.usefixtures("db")
def test_replicating_to_the_default_key_needs_only_decrypt(client, app, key):
    replicate(app(may("kms:Decrypt", key)), "eu-west-1")

    assert replicas(client) == {"eu-west-1": "InSync"}


@behaviour("ReplicateSecretToRegions", "the documented permissions of KMS are enough", "AWS-DOC", REPLICATING)
@pytest.mark.usefixtures("db")
def test_the_documented_permissions_are_enough_to_replicate(client, app, key, there):
    user = app(may("kms:Decrypt", key), may("kms:GenerateDataKey kms:Encrypt", there))

    ask(user, there.arn)

    assert replicas(client) == {"eu-west-1": "InSync"}


@behaviour(
    "GetSecretValue",
    "a replica is read with the replica's key",
    "AWS-DOC",
    "AWS User Guide, replicating secrets across Regions",
)
@pytest.mark.usefixtures("db")
def test_a_replica_is_read_with_its_own_key(client, secrets_backend, key, there):
    ask(client, there.arn)
    reader = secrets_backend.iam.create_user("reader", document(SECRETS, may("kms:Decrypt", there)))
    of_primary = secrets_backend.iam.create_user("of-primary", document(SECRETS, may("kms:Decrypt", key)))
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
    there.set_policy(document(lets(ACCOUNT, **via)))

    assert value_of(reader.client(region="eu-west-1")) == "one"
    assert refusal(of_primary.client(region="eu-west-1").get_secret_value, SecretId="db") == DENIED
    assert refusal(reader.client().get_secret_value, SecretId="db") == DENIED


@behaviour(
    "UpdateSecret",
    "a replica's key needs the same permissions as any other key",
    "AWS-DOC",
    "AWS User Guide, promoting a replica",
)
@pytest.mark.usefixtures("db")
def test_the_key_of_a_replica_is_tested(client, secrets_backend, elsewhere, there):
    replicate(client, "eu-west-1")
    user = secrets_backend.iam.create_user("app", document(SECRETS, may("kms:GenerateDataKey", there)))

    error = refusal(user.client(region="eu-west-1").update_secret, SecretId="db", KmsKeyId=there.arn)
    user.set_policy(document(SECRETS, may("kms:GenerateDataKey kms:Decrypt kms:Encrypt", there)))
    user.client(region="eu-west-1").update_secret(SecretId="db", KmsKeyId=there.arn)

    assert error == DENIED
    assert set(key_ids(elsewhere)[V1]) == {*DEFAULT, there.arn}


@behaviour(
    "ReplicateSecretToRegions",
    "replication doesn't need the keys of versions without a label",
    "GUESS",
    REPLICATING,
    decided_by="a second Region",
)
@pytest.mark.usefixtures("db")
def test_replication_does_not_need_the_key_of_an_unlabelled_version(client, app, key):
    for value in ("two", "three"):
        client.put_secret_value(SecretId="db", SecretString=value)
    client.update_secret(SecretId="db", KmsKeyId="")

    replicate(app(), "eu-west-1")

    assert key_ids(client)[V1] == [key.arn]
    assert replicas(client) == {"eu-west-1": "InSync"}


@behaviour(
    "UpdateSecret",
    "versions of a replica that kept the old key keep it when the primary changes its key",
    "GUESS",
    RE_ENCRYPTION,
    decided_by="a second Region",
)
@pytest.mark.usefixtures("db")
def test_changing_the_primarys_key_does_not_change_the_replicas_key(client, secrets_backend, elsewhere, there):
    ask(client, there.arn)
    new = secrets_backend.kms.create_key(region="eu-west-1")
    user = secrets_backend.iam.create_user(
        "app", document(SECRETS, may("kms:Decrypt", there), may("kms:GenerateDataKey kms:Decrypt", new))
    )
    user.client(region="eu-west-1").update_secret(SecretId="db", KmsKeyId=new.arn)
    before = key_ids(elsewhere)

    client.tag_resource(SecretId="db", Tags=[{"Key": "team", "Value": "a"}])

    assert before == {V1: [there.arn]}
    assert key_ids(elsewhere) == before
