"""Permissions that an operation needs besides its own action."""

import json

import pytest
from botocore.exceptions import ClientError
from conformance.callers import (
    ACCOUNT,
    DENIED,
    KEY,
    OTHER_ACCOUNT,
    SAR,
    allowing,
    code_of,
    denying,
    document,
    everything,
    named,
    skip_where_botocore_lacks,
)
from conformance.fidelity import behaviour
from conformance.policies import policy, put
from conformance.raw import stored
from conformance.rotation_functions import NAME, STEPS, Template, idle
from tables import rows

from mock_secrets.model.rotation import Outcome

CREATE, BATCH, VALIDATE, ROTATE = "CreateSecret", "BatchGetSecretValue", "ValidateResourcePolicy", "RotateSecret"
BATCH_REFERENCE = "AWS API reference, BatchGetSecretValue"
ROTATE_REFERENCE = "AWS API reference, RotateSecret"
EXECUTION_ROLE = "AWS User Guide, Lambda rotation function execution role permissions"
V2 = "22222222-2222-4222-8222-222222222222"
EXTERNAL_ROLE = f"arn:aws:iam::{ACCOUNT}:role/rotates-elsewhere"
TAGS = [{"Key": "team", "Value": "core"}]
HARMLESS = json.dumps(policy())


# --- CreateSecret ---


@behaviour(CREATE, "with tags, TagResource is needed", "AWS-DOC", SAR)
@behaviour(CREATE, "with replicas, ReplicateSecretToRegions is needed", "AWS-DOC", SAR)
@rows(
    "request_, also",
    [
        ({"Tags": TAGS}, "TagResource"),
        ({"AddReplicaRegions": [{"Region": "eu-west-1"}]}, "ReplicateSecretToRegions"),
    ],
)
def test_create_needs_the_permissions_its_arguments_imply(client, app, secrets_backend, request_, also):
    app.set_policy(document(allowing("CreateSecret", on=named("new"))))
    refused = code_of(app.client(), "CreateSecret", Name="new", **request_)
    left = everything(secrets_backend)
    app.set_policy(document(allowing("CreateSecret", also, on=named("new"))))

    app.client().create_secret(Name="new", **request_)

    assert refused == DENIED
    assert left == []
    assert client.describe_secret(SecretId="new")["Name"] == "new"


@behaviour(CREATE, "with tags and replicas, both actions are needed", "AWS-DOC", SAR)
@rows("lacking", ["CreateSecret", "TagResource", "ReplicateSecretToRegions"])
def test_create_needs_all_dependent_permissions(app, secrets_backend, lacking):
    app.set_policy(document(allowing("secretsmanager:*"), denying(lacking)))

    with pytest.raises(ClientError) as caught:
        app.client().create_secret(Name="new", Tags=TAGS, AddReplicaRegions=[{"Region": "eu-west-1"}])

    assert caught.value.response["Error"]["Code"] == DENIED
    assert list(secrets_backend) == []


# --- BatchGetSecretValue ---


@behaviour(
    BATCH,
    "GetSecretValue is needed for each secret; a secret without it is listed in Errors",
    "AWS-DOC",
    BATCH_REFERENCE,
)
@behaviour(
    BATCH,
    "with Filters, a match that the caller may not read is listed in Errors",
    "AWS-DOC",
    "AWS API reference, BatchGetSecretValue: errors 'such as AccessDeniedException' are in Errors",
)
@behaviour(
    BATCH,
    "a value that the caller may not read doesn't count as read",
    "AWS-DOC",
    "botocore service model, DescribeSecret$LastAccessedDate: 'never been retrieved'",
)
@rows(
    "asked, shown",
    {
        "by ids": ({"SecretIdList": ["db2", "db"]}, "Name"),
        "by filters": ({"Filters": [{"Key": "name", "Values": ["db"]}]}, "ARN"),
    },
)
def test_batch_reports_denied_secrets_as_errors(client, db, app, asked, shown):
    other = client.create_secret(Name="db2", SecretString="two")
    needed = allowing("BatchGetSecretValue", "ListSecrets")
    app.set_policy(document(needed, allowing("GetSecretValue", on=named("db"))))

    answer = app.client().batch_get_secret_value(**asked)

    assert [value["SecretString"] for value in answer["SecretValues"]] == ["one"]
    assert [(error["SecretId"], error["ErrorCode"]) for error in answer["Errors"]] == [(other[shown], DENIED)]
    assert "LastAccessedDate" not in client.describe_secret(SecretId="db2")


@behaviour(BATCH, "with Filters, ListSecrets is needed", "AWS-DOC", BATCH_REFERENCE)
def test_batch_get_with_filters_needs_list_secrets_permission(db, app):
    filters = [{"Key": "name", "Values": ["db"]}]
    app.set_policy(document(allowing("BatchGetSecretValue", "GetSecretValue")))
    refused = code_of(app.client(), BATCH, Filters=filters)
    app.set_policy(document(allowing("BatchGetSecretValue", "GetSecretValue", "ListSecrets")))

    answer = app.client().batch_get_secret_value(Filters=filters)

    assert refused == DENIED
    assert [value["Name"] for value in answer["SecretValues"]] == ["db"]


@behaviour(BATCH, "a secret's own policy is enough for its value", "AWS-DOC", BATCH_REFERENCE)
def test_batch_respects_the_secrets_policy(client, db, app):
    app.set_policy(document(allowing("BatchGetSecretValue")))
    put(client, policy(Principal={"AWS": app.arn}))

    answer = app.client().batch_get_secret_value(SecretIdList=["db"])

    assert [value["Name"] for value in answer["SecretValues"]] == ["db"]


# --- ValidateResourcePolicy ---


@behaviour(VALIDATE, "with SecretId, PutResourcePolicy is needed", "AWS-DOC", SAR)
def test_validate_with_a_secret_needs_put_permission(db, app):
    app.set_policy(document(allowing("ValidateResourcePolicy", on=named("db"))))
    refused = code_of(app.client(), VALIDATE, SecretId="db", ResourcePolicy=HARMLESS)
    app.set_policy(document(allowing("ValidateResourcePolicy", "PutResourcePolicy", on=named("db"))))

    answer = app.client().validate_resource_policy(SecretId="db", ResourcePolicy=HARMLESS)

    assert refused == DENIED
    assert answer["PolicyValidationPassed"] is True


@behaviour(
    VALIDATE,
    "without SecretId, permission for ValidateResourcePolicy alone is enough",
    "GUESS",
    "the API reference names PutResourcePolicy too, without saying on what",
    decided_by="a second principal",
)
def test_validate_without_a_secret_needs_no_extra_permission(app):
    app.set_policy(document(allowing("ValidateResourcePolicy")))

    assert app.client().validate_resource_policy(ResourcePolicy=HARMLESS)["PolicyValidationPassed"] is True


# --- RotateSecret ---


@behaviour(ROTATE, "needs lambda:InvokeFunction on the function", "AWS-DOC", ROTATE_REFERENCE)
@behaviour(
    ROTATE,
    "without lambda:InvokeFunction: AccessDeniedException",
    "GUESS",
    "as without any other permission",
    decided_by="a second principal",
)
@rows(
    "on, code",
    [
        (None, DENIED),
        (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:other", DENIED),
        (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{NAME}", None),
        ("*", None),
    ],
)
def test_rotate_needs_permission_to_invoke_the_function(db, app, secrets_backend, on, code):
    function = secrets_backend.register_rotation_lambda(NAME, idle)
    rotate = allowing("RotateSecret", on=named("db"))
    app.set_policy(document(rotate, allowing("lambda:InvokeFunction", on=on)) if on else document(rotate))
    before = everything(secrets_backend)

    assert code_of(app.client(), ROTATE, SecretId="db", RotationLambdaARN=function) == code
    assert (everything(secrets_backend) == before) is (code == DENIED)


@behaviour(
    ROTATE,
    "needs lambda:InvokeFunction on the stored function too",
    "AWS-DOC",
    "AWS API reference of 2021, RotateSecret: 'on the function specified in the secret's metadata'",
)
def test_rotate_needs_permission_to_invoke_the_configured_function(client, db, app, secrets_backend):
    function = secrets_backend.register_rotation_lambda(NAME, Template(client))
    client.rotate_secret(SecretId="db", RotationLambdaARN=function)
    secrets_backend["db"].finish_rotation()
    app.set_policy(document(allowing("RotateSecret")))

    assert code_of(app.client(), ROTATE, SecretId="db") == DENIED


@behaviour(
    ROTATE,
    "a caller who may not invoke the function doesn't learn whether it exists",
    "GUESS",
    "no source",
    decided_by="a second principal",
)
def test_rotate_is_denied_before_the_function_is_looked_up(db, app):
    app.set_policy(document(allowing("RotateSecret")))
    missing = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:missing"

    assert code_of(app.client(), ROTATE, SecretId="db", RotationLambdaARN=missing) == DENIED


@behaviour(ROTATE, "with an external role, iam:PassRole on it is needed", "AWS-DOC", SAR)
@rows("on, code", [(None, DENIED), (f"arn:aws:iam::{ACCOUNT}:role/other", DENIED), (EXTERNAL_ROLE, None)])
def test_rotate_needs_permission_to_pass_the_external_role(db, app, secrets_backend, on, code):
    skip_where_botocore_lacks(ROTATE, ["ExternalSecretRotationRoleArn"])
    stored(secrets_backend).type = "SalesforceClientSecret"
    rotate = allowing("RotateSecret", on=named("db"))
    app.set_policy(document(rotate, allowing("iam:PassRole", on=on)) if on else document(rotate))
    before = everything(secrets_backend)

    assert code_of(app.client(), ROTATE, SecretId="db", ExternalSecretRotationRoleArn=EXTERNAL_ROLE) == code
    assert (everything(secrets_backend) == before) is (code == DENIED)


# --- The rotation function's own role ---

ROTATING = allowing("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage", on=named("db"))
PASSWORDS = allowing("GetRandomPassword")


def rotate(client, backend, role):
    function = backend.register_rotation_lambda(NAME, Template(client), role=role)
    client.rotate_secret(SecretId="db", RotationLambdaARN=function, ClientRequestToken=V2)
    return backend["db"].finish_rotation()[0]


@behaviour(
    ROTATE, "the function's calls need the permissions in AWS's template for its role", "AWS-DOC", EXECUTION_ROLE
)
def test_a_function_with_the_template_role_can_rotate(client, db, secrets_backend):
    role = secrets_backend.iam.create_role("rotator-role", document(ROTATING, PASSWORDS))

    run = rotate(client, secrets_backend, role)

    assert run.outcome is Outcome.SUCCEEDED
    assert client.describe_secret(SecretId="db")["VersionIdsToStages"][V2] == ["AWSCURRENT", "AWSPENDING"]


@behaviour(ROTATE, "a step fails if the function's role doesn't allow its call", "AWS-DOC", EXECUTION_ROLE)
@rows(
    "lacking, steps",
    [
        ("DescribeSecret", STEPS[:1]),
        ("GetSecretValue", STEPS[:1]),
        ("GetRandomPassword", STEPS[:1]),
        ("PutSecretValue", STEPS[:1]),
        ("UpdateSecretVersionStage", STEPS),
    ],
)
@pytest.mark.in_process
def test_a_step_fails_if_the_role_lacks_a_permission(client, db, secrets_backend, lacking, steps):
    role = secrets_backend.iam.create_role("rotator-role", document(ROTATING, PASSWORDS, denying(lacking)))

    run = rotate(client, secrets_backend, role)

    assert run.outcome is Outcome.FAILED
    assert [step.step for step in run.steps] == steps
    assert run.steps[-1].error.response["Error"]["Code"] == DENIED
    assert f"secretsmanager:{lacking}" in run.steps[-1].error.response["Error"]["Message"]
    assert client.get_secret_value(SecretId="db")["SecretString"] == "one"


@behaviour(
    ROTATE, "the function calls as a session of its role, named after the function", "AWS-DOC", "AWS Lambda guide"
)
@pytest.mark.in_process
def test_a_function_makes_calls_as_a_session_of_its_role(client, db, secrets_backend):
    role = secrets_backend.iam.create_role("rotator-role", document(ROTATING, PASSWORDS))

    rotate(client, secrets_backend, role)

    caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/rotator-role/{NAME}"
    assert {one.principal for one in secrets_backend.calls.of("PutSecretValue")} == {caller}
    assert {one.principal for one in secrets_backend.calls.of("RotateSecret")} != {caller}


@behaviour(ROTATE, "the secret's policy can allow the function's role", "AWS-DOC", "AWS User Guide, resource policies")
def test_the_secrets_policy_can_allow_the_functions_role(client, db, secrets_backend):
    role = secrets_backend.iam.create_role("rotator-role", document(PASSWORDS))
    put(client, policy(Action="secretsmanager:*", Principal={"AWS": role.arn}))

    assert rotate(client, secrets_backend, role).outcome is Outcome.SUCCEEDED


@behaviour(ROTATE, "the function's role needs permission for the secret's key", "AWS-DOC", EXECUTION_ROLE)
@rows(
    "actions, outcome",
    [
        ((), Outcome.FAILED),
        (("kms:Decrypt",), Outcome.FAILED),
        (("kms:Decrypt", "kms:GenerateDataKey"), Outcome.SUCCEEDED),
    ],
)
@pytest.mark.in_process
def test_the_functions_role_needs_access_to_the_secrets_key(client, secrets_backend, actions, outcome):
    client.create_secret(Name="db", SecretString="one", KmsKeyId=KEY)
    on_key = [allowing(*actions, on=KEY)] if actions else []
    role = secrets_backend.iam.create_role("rotator-role", document(ROTATING, PASSWORDS, *on_key))

    assert rotate(client, secrets_backend, role).outcome is outcome


@behaviour(ROTATE, "the caller of RotateSecret doesn't need the function's permissions", "AWS-DOC", EXECUTION_ROLE)
def test_the_caller_does_not_need_the_functions_permissions(client, db, app, secrets_backend):
    role = secrets_backend.iam.create_role("rotator-role", document(ROTATING, PASSWORDS))
    function = secrets_backend.register_rotation_lambda(NAME, Template(client), role=role)
    app.set_policy(document(allowing("RotateSecret", on=named("db")), allowing("lambda:InvokeFunction", on=function)))

    app.client().rotate_secret(SecretId="db", RotationLambdaARN=function)

    assert secrets_backend["db"].finish_rotation()[0].outcome is Outcome.SUCCEEDED


@behaviour(ROTATE, "a change of the role applies at the function's next call", "AWS-DOC", EXECUTION_ROLE)
@pytest.mark.in_process
def test_a_roles_new_policy_applies_to_the_retry(client, db, secrets_backend):
    role = secrets_backend.iam.create_role("rotator-role")
    failed = rotate(client, secrets_backend, role)
    role.set_policy(document(ROTATING, PASSWORDS))

    secrets_backend.clock.advance(days=1)

    assert failed.outcome is Outcome.FAILED
    assert secrets_backend["db"].rotations[-1].outcome is Outcome.SUCCEEDED


@behaviour(
    ROTATE, "a function with another account's role needs both policies", "AWS-DOC", "IAM User Guide, policy evaluation"
)
@pytest.mark.in_process
def test_a_rotation_role_from_another_account_needs_both_policies(client, secrets_backend):
    arn = client.create_secret(Name="db", SecretString="one", KmsKeyId=KEY)["ARN"]
    own = document(allowing("secretsmanager:*", "kms:*"))
    role = secrets_backend.iam.create_role("rotator-role", own, account_id=OTHER_ACCOUNT)

    without = rotate(client, secrets_backend, role)
    put(client, policy(Action="secretsmanager:*", Principal={"AWS": role.arn}))
    secrets_backend.clock.advance(days=1)

    assert without.outcome is Outcome.FAILED
    assert "no resource-based policy allows" in without.steps[-1].error.response["Error"]["Message"]
    assert secrets_backend[arn].rotations[-1].outcome is Outcome.SUCCEEDED
