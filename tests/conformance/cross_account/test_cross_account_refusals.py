"""What a replication to another account refuses, and what it needs to be allowed."""

import pytest
from botocore.exceptions import ClientError
from conformance.callers import allowing, document
from conformance.cross_account.sides import (
    GUIDE,
    MODEL,
    PRIMARY_ACCOUNT,
    REPLICA_ACCOUNT,
    THIRD_ACCOUNT,
    UNKNOWN,
    associate,
    disassociate,
    here_and_there,
    lets_use,
)
from conformance.fidelity import behaviour
from conformance.raw import members, snapshot
from tables import rows

CREATE, ASSOCIATE, PART = "CreateSecret", "AssociateCrossAccountReplica", "DisassociateCrossAccountReplica"
STOP, DELETE = "StopReplicationToReplica", "DeleteSecret"
ROLE = f"arn:aws:iam::{PRIMARY_ACCOUNT}:role/replicator"


def code(call, *args, **request):
    with pytest.raises(ClientError) as caught:
        call(*args, **request)
    return caught.value.response["Error"]["Code"]


# --- Making a replica ---


def arn_of_db(partition="aws", region="us-east-1", account_id=PRIMARY_ACCOUNT):
    return f"arn:{partition}:secretsmanager:{region}:{account_id}:secret:db-a1b2c3"


@behaviour(
    CREATE,
    "CrossAccountPrimaryARN can't be combined with a value, Description, AddReplicaRegions or Type",
    "AWS-DOC",
    "botocore service model, CreateSecret$CrossAccountPrimaryARN",
)
@behaviour(
    CREATE,
    "CrossAccountPrimaryARN with a value or metadata: the code is InvalidParameterException",
    "GUESS",
    "no source names the error",
    decided_by="a second account",
)
@behaviour(
    CREATE,
    "CrossAccountPrimaryARN needs a customer managed key",
    "AWS-DOC",
    "botocore service model, CreateSecret$CrossAccountPrimaryARN",
)
@behaviour(
    CREATE,
    "CrossAccountPrimaryARN without a customer managed key: the code is InvalidParameterException",
    "GUESS",
    "no source names the error",
    decided_by="a second account",
)
@behaviour(
    CREATE,
    "a primary must be in another account, in the same Region and partition",
    "AWS-DOC",
    "botocore service model, CreateSecret$CrossAccountPrimaryARN",
)
@behaviour(
    CREATE,
    "a primary in the same account, or in another Region or partition: the code is InvalidParameterException",
    "GUESS",
    "no source names the error",
    decided_by="a second account",
)
@rows(
    "given",
    {
        "text": {"SecretString": "one"},
        "bytes": {"SecretBinary": b"one"},
        "a description": {"Description": "words"},
        "replicas": {"AddReplicaRegions": [{"Region": "eu-west-1"}]},
        "a type": {"Type": "SalesforceClientSecret"},
        "no key": {"KmsKeyId": None},
        "an empty key": {"KmsKeyId": ""},
        "the default key": {"KmsKeyId": f"arn:aws:kms:us-east-1:{REPLICA_ACCOUNT}:alias/aws/secretsmanager"},
        "the same account": {"CrossAccountPrimaryARN": arn_of_db(account_id=REPLICA_ACCOUNT)},
        "another Region": {"CrossAccountPrimaryARN": arn_of_db(region="eu-west-1")},
        "another partition": {"CrossAccountPrimaryARN": arn_of_db(partition="aws-cn")},
        "no ARN": {"CrossAccountPrimaryARN": "not an ARN of a secret at all"},
    },
)
def test_a_replica_that_cannot_be_made_is_refused(there, db, key_there, given):
    asked = {"CrossAccountPrimaryARN": db, "KmsKeyId": key_there.arn, **given}

    refused = code(there.create_secret, Name="copy", **{name: one for name, one in asked.items() if one is not None})

    assert refused == "InvalidParameterException"
    assert there.list_secrets()["SecretList"] == []


# --- Linking ---


@behaviour(
    ASSOCIATE,
    "the replica must have been created for this primary",
    "AWS-DOC",
    "botocore service model, AssociateCrossAccountReplica$CrossAccountReplicaARN",
)
@behaviour(
    ASSOCIATE,
    "a secret that was not created for this primary: the code is InvalidRequestException",
    "GUESS",
    "no source names the error",
    decided_by="a second account",
)
def test_a_replica_can_only_be_linked_to_the_primary_it_was_created_for(client, there, copy):
    client.create_secret(Name="other", SecretString="two")

    refused = code(client.associate_cross_account_replica, SecretId="other", CrossAccountReplicaARN=copy)

    assert refused == "InvalidRequestException"


@behaviour(ASSOCIATE, "a second cross-account replica: LimitExceededException", "AWS-DOC", MODEL)
@pytest.mark.usefixtures("without_retries")
def test_at_most_one_replica_in_other_accounts_is_allowed(secrets_backend, linked, db):
    third = secrets_backend.session(account_id=THIRD_ACCOUNT).client("secretsmanager")
    key = secrets_backend.kms.create_key(account_id=THIRD_ACCOUNT, policy=lets_use(PRIMARY_ACCOUNT, THIRD_ACCOUNT))
    other = third.create_secret(Name="copy", CrossAccountPrimaryARN=db, KmsKeyId=key.arn)["ARN"]

    assert code(associate, secrets_backend.client(), other) == "LimitExceededException"


@behaviour(ASSOCIATE, "a replica that doesn't exist: ResourceNotFoundException", "AWS-DOC", MODEL)
def test_the_replica_must_exist(client, db):
    there = f"arn:aws:secretsmanager:us-east-1:{REPLICA_ACCOUNT}:secret:copy-a1b2c3"

    assert code(associate, client, there) == "ResourceNotFoundException"


@behaviour(
    ASSOCIATE,
    "must be called from the account that owns the primary",
    "AWS-DOC",
    "botocore service model, AssociateCrossAccountReplica",
)
@behaviour(
    ASSOCIATE,
    "called from another account than the primary's: the code is InvalidRequestException",
    "GUESS",
    "no source names the error",
    decided_by="a second account",
)
def test_only_the_primarys_account_can_link(client, there, copy, db, open_policy):
    client.put_resource_policy(SecretId="db", ResourcePolicy=open_policy.replace("GetSecretValue", "*"))

    refused = code(there.associate_cross_account_replica, SecretId=db, CrossAccountReplicaARN=copy)

    assert refused == "InvalidRequestException"


@behaviour(
    PART,
    "the ARN of a replica that is not its own: InvalidParameterException",
    "GUESS",
    UNKNOWN,
    decided_by="a second account",
)
def test_a_primary_can_only_be_unlinked_from_its_own_replica(client, linked):
    assert code(disassociate, client, linked[:-6] + "000000") == "InvalidParameterException"


# --- What a replica refuses ---


@behaviour(
    "Any operation: on a cross-account replica",
    "its value can't be changed in its own account",
    "GUESS",
    UNKNOWN,
    decided_by="a second account",
)
@rows(
    "operation, request_",
    [
        ("put_secret_value", {"SecretString": "two"}),
        ("update_secret", {"SecretString": "two"}),
        ("update_secret", {"Description": "new"}),
        ("update_secret_version_stage", {"VersionStage": "blue"}),
        ("rotate_secret", {}),
        ("replicate_secret_to_regions", {"AddReplicaRegions": [{"Region": "eu-west-1"}]}),
    ],
)
def test_a_replica_can_only_be_changed_by_its_primary(there, secrets_backend, linked, operation, request_):
    assert code(getattr(there, operation), SecretId="copy", **request_) == "InvalidParameterException"
    assert there.get_secret_value(SecretId="copy")["SecretString"] == "one"


@behaviour(
    DELETE,
    "a cross-account primary or replica can't be deleted before replication is stopped on its side",
    "AWS-DOC",
    GUIDE,
)
@rows("force", [{}, {"ForceDeleteWithoutRecovery": True}])
def test_neither_linked_side_can_be_deleted(client, there, secrets_backend, linked, force):
    before = snapshot(secrets_backend)

    refused = [code(one.delete_secret, SecretId=name, **force) for one, name in ((client, "db"), (there, "copy"))]

    assert refused == ["InvalidParameterException"] * 2
    assert snapshot(secrets_backend) == before


@behaviour(
    DELETE,
    "one side can't be deleted before its own replication is stopped, even if the other side's is",
    "AWS-DOC",
    GUIDE,
)
def test_an_unlinked_side_can_be_deleted_alone(client, there, linked):
    there.stop_replication_to_replica(SecretId="copy")
    there.delete_secret(SecretId="copy")

    assert code(client.delete_secret, SecretId="db") == "InvalidParameterException"


# --- Permissions ---


LINKING = [
    *("AssociateCrossAccountReplica", "GetSecretValue", "AcceptCrossAccountReplication"),
    *("kms:Decrypt", "kms:Encrypt", "iam:PassRole"),
]


@behaviour(ASSOCIATE, "the documented permissions are enough", "AWS-DOC", MODEL)
def test_the_documented_permissions_are_enough_to_link(there, client, copy, app):
    app.set_policy(document(allowing(*LINKING)))

    associate(app.client(), copy, ReplicationRoleARN=ROLE)

    assert here_and_there(client, there) == ("InSync", "InSync")


@behaviour(ASSOCIATE, "each of the documented permissions is needed", "AWS-DOC", MODEL)
@rows("missing", LINKING)
def test_each_documented_permission_is_needed_to_link(client, there, copy, app, missing):
    app.set_policy(document(allowing(*(action for action in LINKING if action != missing))))

    assert code(associate, app.client(), copy, ReplicationRoleARN=ROLE) == "AccessDeniedException"
    assert here_and_there(client, there) == (None, "Pending")


@behaviour(ASSOCIATE, "all or nothing: if a key can't be used, neither secret is modified", "AWS-DOC", MODEL)
@behaviour(ASSOCIATE, "a disabled key: InvalidRequestException", "GUESS", UNKNOWN, decided_by="a second account")
def test_an_unusable_key_prevents_linking(client, there, copy, key_there):
    key_there.disable()

    assert code(associate, client, copy) == "InvalidRequestException"
    assert here_and_there(client, there) == (None, "Pending")


@behaviour(ASSOCIATE, "the keys are checked before the replica is asked to accept", "AWS-DOC", GUIDE)
def test_linking_checks_the_keys_before_the_replica_accepts(secrets_backend, copy, app, key_here, key_there):
    app.set_policy(document(allowing(*LINKING)))
    associate(app.client(), copy)

    checks = [check.action for check in secrets_backend.service.state.identities.checks if check.caller.identity]
    assert checks == [
        "secretsmanager:AssociateCrossAccountReplica",
        "secretsmanager:GetSecretValue",
        "kms:Decrypt",
        "kms:Encrypt",
        "secretsmanager:AcceptCrossAccountReplication",
    ]


@behaviour(
    CREATE,
    "a cross-account replica also needs PutResourcePolicy, with the policy's name as the condition key",
    "AWS-DOC",
    MODEL,
)
@rows("name, expected", [("cross-account-replication", None), ("default", "AccessDeniedException")])
def test_creating_a_replica_needs_permission_to_put_its_policy(secrets_backend, db, key_there, name, expected):
    when = {"StringEquals": {"secretsmanager:PolicyName": name}}
    policy = document(allowing("CreateSecret", "kms:*"), allowing("PutResourcePolicy", when=when))
    user = secrets_backend.iam.create_user("maker", policy, account_id=REPLICA_ACCOUNT).client()
    request = {"Name": "copy", "CrossAccountPrimaryARN": db, "KmsKeyId": key_there.arn}

    if expected is None:
        assert members(user.create_secret(**request))["Name"] == "copy"
    else:
        assert code(user.create_secret, **request) == expected


@behaviour(
    STOP,
    "a cross-account replica also needs DeleteResourcePolicy, with the policy's name as the condition key",
    "AWS-DOC",
    MODEL,
)
def test_stopping_replication_needs_permission_to_delete_the_policy(secrets_backend, there, linked):
    user = secrets_backend.iam.create_user("stopper", document(allowing(STOP)), account_id=REPLICA_ACCOUNT)
    refused = code(user.client().stop_replication_to_replica, SecretId="copy")
    user.set_policy(document(allowing(STOP, "DeleteResourcePolicy")))

    assert refused == "AccessDeniedException"
    assert user.client().stop_replication_to_replica(SecretId="copy")["ARN"] == linked
