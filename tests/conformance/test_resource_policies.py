"""PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy."""

import json
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import CONSOLE, CROSS_ACCOUNT, NAMED, OURS, let_in, policy, policy_of, put, state
from conformance.raw import members
from tables import rows

PUT, GET, DELETE = "PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)

BROAD = "You can't attach a resource-based policy that allows broad access to the secret."
NOT_FOUND = "Secrets Manager can't find the specified secret."
MARKED = "You can't perform this operation on the secret because it was marked for deletion."
REPLICA = "Operation not permitted on a replica secret. Call must be made in primary secret's region."

MODEL = "text of the service's model in botocore 1.44.2"
RECORDED = "LocalStack AWS-validated test test_resource_policy"
CUSTODIAN = "recorded responses in GitHub cloud-custodian/cloud-custodian"
TERRAFORM = "GitHub hashicorp/terraform-provider-aws, secret_policy_test.go"
NO_SUCH_SECRET = "botocore service model, the errors of the operation; the sentence is recorded for other operations"
REPLICA_PUT = "GitHub lgallard/terraform-aws-secrets-manager#188"

at_noon = pytest.mark.mock_secrets(at=NOON)


EVERYBODY = policy(Principal="*")


# --- The answers ---


@behaviour(PUT, "answers PolicyName too: default if none was given", "AWS-DOC", MODEL)
@behaviour(PUT, "answers ARN and Name", "AWS-VERIFIED", RECORDED)
@behaviour(GET, "answers PolicyName too: default if none was given", "AWS-DOC", MODEL)
@behaviour(GET, "answers ARN, Name and ResourcePolicy", "AWS-VERIFIED", RECORDED)
@behaviour(DELETE, "answers PolicyName too: default if none was given", "AWS-DOC", MODEL)
@behaviour(DELETE, "answers ARN and Name", "AWS-VERIFIED", RECORDED)
@behaviour(GET, "after DeleteResourcePolicy: no ResourcePolicy", "AWS-VERIFIED", CUSTODIAN)
@rows("by", ["name", "ARN", "partial ARN"])
def test_a_policy_is_put_read_and_deleted_by_name_arn_or_partial_arn(client, db, by):
    secret_id = {"name": "db", "ARN": db, "partial ARN": db[:-7]}[by]
    secret = {"ARN": db, "Name": "db"} | NAMED

    put_answer = members(put(client, OURS, SecretId=secret_id))
    read = members(client.get_resource_policy(SecretId=secret_id))
    deleted = members(client.delete_resource_policy(SecretId=secret_id))

    assert json.loads(read.pop("ResourcePolicy")) == OURS
    assert put_answer == read == deleted == secret
    assert members(client.get_resource_policy(SecretId=secret_id)) == secret


@behaviour(GET, "a secret that never had a policy: no ResourcePolicy", "AWS-VERIFIED", CUSTODIAN)
def test_a_secret_without_a_policy_shows_none(client, db):
    assert members(client.get_resource_policy(SecretId="db")) == {"ARN": db, "Name": "db"} | NAMED


@behaviour(
    DELETE,
    "a secret without a policy: the call succeeds",
    "GUESS",
    "no documented error, and LocalStack's tests",
    decided_by="plain calls",
)
def test_deleting_a_missing_policy_succeeds(client, db):
    assert members(client.delete_resource_policy(SecretId="db")) == {"ARN": db, "Name": "db"} | NAMED


@behaviour(PUT, "changes LastChangedDate", "AWS-VERIFIED", CUSTODIAN)
@behaviour(DELETE, "changes LastChangedDate", "AWS-VERIFIED", CUSTODIAN)
@at_noon
def test_policy_changes_update_the_last_changed_date(client, secrets_backend, db):
    dates = [client.describe_secret(SecretId="db")["LastChangedDate"]]

    for change in (lambda: put(client, OURS), lambda: client.delete_resource_policy(SecretId="db")):
        secrets_backend.clock.advance(seconds=40)
        change()
        dates.append(client.describe_secret(SecretId="db")["LastChangedDate"])

    assert [(date - NOON).total_seconds() for date in dates] == [0, 40, 80]


@behaviour(GET, "changes no date", "AWS-VERIFIED", CUSTODIAN)
@at_noon
def test_getting_a_policy_changes_no_date(client, secrets_backend, db):
    put(client, OURS)
    before = members(client.describe_secret(SecretId="db"))

    secrets_backend.clock.advance(days=2)
    client.get_resource_policy(SecretId="db")

    assert members(client.describe_secret(SecretId="db")) == before


# --- Policies for everybody ---


@behaviour(PUT, "a policy for everybody is accepted unless BlockPublicPolicy is true", "AWS-VERIFIED", RECORDED)
@rows("principal", ["*", {"AWS": "*"}])
@rows("block", [{}, {"BlockPublicPolicy": False}])
def test_a_policy_for_everybody_is_accepted(client, db, principal, block):
    document = policy(Principal=principal, Action="*")

    put(client, document, **block)

    assert policy_of(client) == document


@behaviour(PUT, "BlockPublicPolicy and a policy for everybody: PublicPolicyException", "AWS-DOC", CONSOLE)
@rows(
    "document",
    [
        EVERYBODY,
        policy(Principal={"AWS": "*"}),
        policy(Principal="*", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}}),
        {**OURS, "Statement": [*OURS["Statement"], *EVERYBODY["Statement"]]},
    ],
)
def test_block_public_policy_refuses_a_policy_for_everybody(client, secrets_backend, db, document):
    put(client, OURS)
    before = state(secrets_backend)

    with pytest.raises(client.exceptions.PublicPolicyException) as caught:
        put(client, document, BlockPublicPolicy=True)

    assert caught.value.response["Error"]["Message"] == BROAD
    assert state(secrets_backend) == before


@behaviour(PUT, "BlockPublicPolicy accepts other policies", "AWS-DOC", "AWS API reference, PutResourcePolicy")
@rows(
    "document",
    [
        OURS,
        policy(Principal="*", Effect="Deny", Action="secretsmanager:DeleteSecret"),
        policy(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
    ],
)
def test_block_public_policy_accepts_a_narrow_policy(client, db, document):
    put(client, document, BlockPublicPolicy=True)

    assert policy_of(client) == document


@behaviour(PUT, "replaces the whole policy", "AWS-DOC", "AWS API reference, PutResourcePolicy")
@behaviour(PUT, "BlockPublicPolicy applies to one call: it is neither stored nor shown", "REPORTED", TERRAFORM)
def test_the_block_public_policy_flag_is_not_stored(client, db):
    put(client, OURS, BlockPublicPolicy=True)

    put(client, EVERYBODY)

    assert members(client.get_resource_policy(SecretId="db")).keys() == {"ARN", "Name", "ResourcePolicy", *NAMED}
    assert policy_of(client) == EVERYBODY


@behaviour(
    PUT,
    "a policy that locks out its caller: InvalidRequestException",
    "GUESS",
    f"{CONSOLE}, for the console",
    decided_by="a second principal",
)
def test_a_policy_that_locks_out_its_caller_is_refused(client, secrets_backend, db):
    before = state(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        put(client, policy(Effect="Deny", Principal="*", Action="secretsmanager:*"))

    assert state(secrets_backend) == before


# --- Other secrets than one's own ---


@behaviour(PUT, "works on another account's secret by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
@behaviour(GET, "works on another account's secret by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
@behaviour(DELETE, "works on another account's secret by its ARN", "AWS-VERIFIED", CROSS_ACCOUNT)
def test_another_account_can_manage_a_secrets_policy_by_its_arn(client, stranger, db):
    let_in(client, "111122223333")
    theirs = policy(Sid="Theirs", Principal={"AWS": "111122223333"}, Action="secretsmanager:*")

    answer = put(stranger, theirs, SecretId=db)

    assert members(answer) == {"ARN": db, "Name": "db"} | NAMED
    assert policy_of(stranger, db) == policy_of(client) == theirs
    assert members(stranger.delete_resource_policy(SecretId=db)) == {"ARN": db, "Name": "db"} | NAMED
    assert policy_of(client) is None


_CALLS = {
    PUT: lambda client, secret_id: put(client, OURS, SecretId=secret_id),
    GET: lambda client, secret_id: client.get_resource_policy(SecretId=secret_id),
    DELETE: lambda client, secret_id: client.delete_resource_policy(SecretId=secret_id),
}
each_operation = rows("call", _CALLS)


@behaviour(GET, "a secret that doesn't exist: ResourceNotFoundException", "AWS-VERIFIED", CUSTODIAN)
@behaviour(PUT, "a secret that doesn't exist: ResourceNotFoundException", "AWS-DOC", NO_SUCH_SECRET)
@behaviour(DELETE, "a secret that doesn't exist: ResourceNotFoundException", "AWS-DOC", NO_SUCH_SECRET)
@each_operation
def test_a_nonexistent_secret_is_refused(client, call):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        call(client, "db")

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(
    PUT,
    "a missing secret is reported before a syntax error in the policy",
    "GUESS",
    "existence comes first",
    decided_by="plain calls",
)
def test_the_secret_is_checked_before_the_policy_syntax(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        put(client, "not a policy")


@behaviour(GET, "a secret that is scheduled for deletion: InvalidRequestException", "REPORTED", TERRAFORM)
def test_reading_the_policy_of_a_secret_scheduled_for_deletion_is_refused(client, db):
    put(client, OURS)
    client.delete_secret(SecretId="db")

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        client.get_resource_policy(SecretId="db")

    assert caught.value.response["Error"]["Message"] == MARKED


@behaviour(
    PUT,
    "a secret that is scheduled for deletion: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is scheduled for deletion'",
)
@behaviour(
    DELETE,
    "a secret that is scheduled for deletion: InvalidRequestException",
    "AWS-DOC",
    "botocore service model, InvalidRequestException: 'The secret is scheduled for deletion'",
)
@rows("operation", [PUT, DELETE])
def test_changing_the_policy_of_a_secret_scheduled_for_deletion_is_refused(client, secrets_backend, db, operation):
    put(client, OURS)
    client.delete_secret(SecretId="db")
    before = state(secrets_backend)

    with pytest.raises(client.exceptions.InvalidRequestException):
        _CALLS[operation](client, "db")

    assert state(secrets_backend) == before


@behaviour(
    "RestoreSecret",
    "the policy is restored with the secret",
    "AWS-DOC",
    "AWS API reference, RestoreSecret: cancels the deletion 'by removing the DeletedDate time stamp'",
)
def test_a_restored_secret_keeps_its_policy(client, db):
    put(client, OURS)
    client.delete_secret(SecretId="db")

    client.restore_secret(SecretId="db")

    assert policy_of(client) == OURS


@behaviour(PUT, "a replica: InvalidParameterException", "REPORTED", REPLICA_PUT)
@behaviour(GET, "works on a replica", "AWS-DOC", "AWS User Guide, multi-Region secrets")
def test_a_replicas_policy_can_be_read_but_not_changed(client, elsewhere, db):
    put(client, OURS)
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])

    with pytest.raises(elsewhere.exceptions.InvalidParameterException) as caught:
        put(elsewhere, EVERYBODY)

    assert caught.value.response["Error"]["Message"] == REPLICA
    assert policy_of(elsewhere) == OURS


@behaviour(
    PUT,
    "a SecretId with a forbidden character: ValidationException",
    "GUESS",
    "recorded for ten other operations",
    decided_by="plain calls",
)
@each_operation
def test_put_resource_policy_refuses_a_secret_id_with_a_forbidden_character(client, call):
    with pytest.raises(ClientError) as caught:
        call(client, "not a name")

    assert caught.value.response["Error"]["Code"] == "ValidationException"
