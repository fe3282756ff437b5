"""ValidateResourcePolicy."""

import json

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import ROOT, let_in, policy
from conformance.raw import members, snapshot, stored
from tables import rows

VALIDATE = "ValidateResourcePolicy"
BROAD = (
    "This resource policy grants broad access to your secret. Secrets Manager does not allow creating and applying"
    " such policies in the console."
)
UNSUPPORTED = "This resource policy contains an unsupported principal."
INVALID_SERVICE = "This resource policy contains an invalid service principal."
LOCKED_OUT = "Your requested changes will not allow you to manage this secret in the future."
NOT_FOUND = "Secrets Manager can't find the specified secret."
INVALID_NAME = (
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
)

NO_SUCH_SECRET = "botocore service model, the errors of the operation; the sentence is recorded for other operations"
REFERENCE = "AWS API reference, ValidateResourcePolicy"
CONSOLE = "AWS User Guide of 2021, attaching a permissions policy"
INVALID = "LocalStack AWS-validated test test_invalid_secret_name"


def statement(**given):
    return policy(**given)["Statement"][0]


def validate(client, *statements, **request):
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return members(client.validate_resource_policy(**{"ResourcePolicy": text, **request}))


OURS = statement()
EVERYBODY = statement(Principal="*")
LOCKING = statement(Effect="Deny", Principal="*", Action="secretsmanager:*ResourcePolicy")


@behaviour(VALIDATE, "needs no secret", "AWS-DOC", f"{REFERENCE}: SecretId is optional")
@behaviour(VALIDATE, "a policy that passes: true, and an empty list of errors", "AWS-DOC", f"{REFERENCE}, example")
@rows("request_members", {"without a secret": {}, "with a secret": {"SecretId": "db"}})
def test_validating_an_acceptable_policy_passes(client, db, request_members):
    assert validate(client, OURS, **request_members) == {"PolicyValidationPassed": True, "ValidationErrors": []}


_FAILED = {
    "everybody": ([EVERYBODY], BROAD),
    "every AWS principal": ([statement(Principal={"AWS": "*"})], BROAD),
    "everybody in the second statement": ([OURS, EVERYBODY], BROAD),
    "a principal": ([statement(Principal={"AWS": "bob"})], UNSUPPORTED),
    "a service": ([statement(Principal={"Service": "lambda.example.com"})], INVALID_SERVICE),
    "lock-out": ([LOCKING], LOCKED_OUT),
}


@behaviour(
    VALIDATE, "broad access, an invalid principal and a lock-out are listed, and are no errors", "AWS-DOC", CONSOLE
)
@behaviour(
    VALIDATE,
    "ValidationErrors has the sentences of the console",
    "GUESS",
    "no source shows ValidationErrors",
    decided_by="plain calls",
)
@behaviour(VALIDATE, "the names of the checks in CheckName are the mock's own", "OURS", "no source names them")
@rows("statements, message", _FAILED)
@rows("request_members", [{}, {"SecretId": "db"}])
def test_failed_checks_are_listed(client, db, statements, message, request_members):
    answer = validate(client, *statements, **request_members)

    assert answer["PolicyValidationPassed"] is False
    assert [error["ErrorMessage"] for error in answer["ValidationErrors"]] == [message]
    assert all(error["CheckName"] for error in answer["ValidationErrors"])


@behaviour(VALIDATE, "several failures are all listed", "AWS-DOC", CONSOLE)
def test_several_failures_are_all_listed(client):
    answer = validate(client, EVERYBODY, LOCKING, statement(Principal="*", Action="secretsmanager:DescribeSecret"))

    listed = [(error["CheckName"], error["ErrorMessage"]) for error in answer["ValidationErrors"]]

    assert {message for _, message in listed} == {BROAD, LOCKED_OUT}
    assert len(listed) == len({check for check, _ in listed}) == 2


@behaviour(
    VALIDATE,
    "a policy that is not JSON: MalformedPolicyDocumentException",
    "GUESS",
    "its model declares the error",
    decided_by="plain calls",
)
@rows("text", ["not a policy", "[]", '{"Version":'])
def test_an_invalid_policy_is_an_error(client, text):
    with pytest.raises(client.exceptions.MalformedPolicyDocumentException):
        client.validate_resource_policy(ResourcePolicy=text)


@behaviour(
    VALIDATE,
    "an empty policy, or one that is too long: ValidationException",
    "GUESS",
    "constraints of the model",
    decided_by="plain calls",
)
@rows("text", ["", "{}".ljust(20_481)])
def test_validate_resource_policy_refuses_an_empty_or_too_long_policy(unchecked, text):
    with pytest.raises(ClientError) as caught:
        unchecked.validate_resource_policy(ResourcePolicy=text)

    assert caught.value.response["Error"]["Code"] == "ValidationException"


@behaviour(VALIDATE, "changes nothing", "AWS-DOC", REFERENCE)
@rows("statements", [[OURS], [EVERYBODY]])
def test_validating_changes_nothing(client, secrets_backend, db, statements):
    before = [*snapshot(secrets_backend), stored(secrets_backend).policy]

    validate(client, *statements, SecretId="db")

    assert [*snapshot(secrets_backend), stored(secrets_backend).policy] == before


@behaviour(VALIDATE, "a SecretId with a forbidden character: ValidationException", "AWS-VERIFIED", INVALID)
@rows("secret_id", ["not a name", "db*", "db?", "]", "a\\b"])
def test_validate_resource_policy_refuses_a_secret_id_with_a_forbidden_character(client, secret_id):
    with pytest.raises(ClientError) as caught:
        validate(client, OURS, SecretId=secret_id)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["Error"]["Message"] == INVALID_NAME


@behaviour(VALIDATE, "a secret that doesn't exist: ResourceNotFoundException", "AWS-DOC", NO_SUCH_SECRET)
def test_a_nonexistent_secret_is_refused(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        validate(client, OURS, SecretId="db")

    assert caught.value.response["Error"]["Message"] == NOT_FOUND


@behaviour(
    VALIDATE,
    "a secret that is scheduled for deletion: InvalidRequestException",
    "GUESS",
    "as similar operations do",
    decided_by="plain calls",
)
def test_validating_a_policy_for_a_secret_scheduled_for_deletion_is_an_error(client, db):
    client.delete_secret(SecretId="db")

    with pytest.raises(client.exceptions.InvalidRequestException):
        validate(client, OURS, SecretId="db")


@behaviour(
    VALIDATE, "works for a replica, since it changes nothing", "GUESS", "reads work there", decided_by="a second Region"
)
def test_a_policy_can_be_validated_for_a_replica(client, elsewhere, db):
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])

    assert validate(elsewhere, OURS, SecretId="db") == {"PolicyValidationPassed": True, "ValidationErrors": []}


@behaviour(VALIDATE, "the lock-out check is about the caller", "AWS-DOC", CONSOLE)
def test_validation_allows_a_caller_to_lock_another_account_out(client, stranger, db):
    let_in(client, "111122223333")
    denial = statement(Effect="Deny", Principal={"AWS": ROOT}, Action="secretsmanager:*")

    ours, theirs = validate(client, denial, SecretId=db), validate(stranger, denial, SecretId=db)

    assert (ours["PolicyValidationPassed"], theirs["PolicyValidationPassed"]) == (False, True)
