"""AccessDeniedException: who is refused what, when in the order of checks, and in which words."""

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conformance.callers import (
    ACCOUNT,
    ALSO,
    CALLS,
    DENIED,
    OTHER_ACCOUNT,
    SAR,
    WITHOUT_RESOURCE,
    allowing,
    call,
    code_of,
    denying,
    document,
    everything,
    named,
)
from conformance.fidelity import behaviour
from conformance.policies import policy, put
from tables import rows

PERMISSIONS = "Any operation: permissions"
GOVCLOUD = "AWS GovCloud User Guide, cross-account access"
TROUBLESHOOTING = "IAM User Guide, troubleshooting access denied error messages"
CHOOSING = "AWS User Guide, determining who has permissions to secrets"
EVALUATION = "IAM User Guide, policy evaluation logic"

APP = f"arn:aws:iam::{ACCOUNT}:user/app"
WITH_SECRET = sorted(operation for operation, request in CALLS.items() if "SecretId" in request)


def message_of(client, operation, **request):
    with pytest.raises(ClientError) as caught:
        call(client, operation, **request)
    assert caught.value.response["Error"]["Code"] == DENIED
    return caught.value.response["Error"]["Message"]


def nothing_allows(action, resource="", *, principal=APP, kind="identity"):
    return (
        f"User: {principal} is not authorized to perform: secretsmanager:{action}{resource}"
        f" because no {kind}-based policy allows the secretsmanager:{action} action"
    )


def explicitly(action, resource, *, kind, principal=APP):
    an = "an" if kind == "identity" else "a"
    return (
        f"User: {principal} is not authorized to perform: secretsmanager:{action}{resource}"
        f" with an explicit deny in {an} {kind}-based policy"
    )


# --- The words ---


@behaviour(
    "GetSecretValue",
    "denied: the message contains the SecretId as it was sent, be it a name or an ARN",
    "REPORTED",
    'logs that quote "on resource: cnoe-ref-impl/config because" or "on resource: dep-agent/github-pat"',
)
def test_a_denial_shows_the_secret_id_as_sent(db, app):
    for secret_id in ("db", db, db[:-7]):
        message = message_of(app.client(), "GetSecretValue", SecretId=secret_id)

        assert message == nothing_allows("GetSecretValue", f" on resource: {secret_id}")


@behaviour(
    "CreateSecret",
    "denied: the message contains the plain name, not an ARN",
    "REPORTED",
    'logs that quote "secretsmanager:CreateSecret on resource: MySecret because"',
)
@behaviour(
    "ListSecrets",
    "denied: the message names no resource",
    "REPORTED",
    'logs that quote "not authorized to perform: secretsmanager:ListSecrets because"',
)
@behaviour(
    "BatchGetSecretValue",
    "denied: the message names no resource",
    "REPORTED",
    "GitHub external-secrets/external-secrets#4274",
)
@rows("operation, resource", [("CreateSecret", " on resource: new"), ("ListSecrets", ""), ("BatchGetSecretValue", "")])
def test_a_denial_without_a_secret_id_shows_a_plain_name_or_no_resource(db, app, operation, resource):
    message = message_of(app.client(), operation, **CALLS[operation])

    assert message == nothing_allows(operation, resource)


@behaviour(
    "DescribeSecret",
    "another account's secret without a policy: no resource-based policy allows the action",
    "AWS-DOC",
    GOVCLOUD,
)
@behaviour(
    "DescribeSecret", "another account's secret whose policy allows something else: the same", "AWS-DOC", GOVCLOUD
)
@rows(
    "given",
    {
        "no policy": None,
        "another action": {"Action": "secretsmanager:GetSecretValue", "Principal": {"AWS": OTHER_ACCOUNT}},
        "a third account": {"Action": "secretsmanager:*", "Principal": {"AWS": "444455556666"}},
        "the secret's own account": {"Action": "secretsmanager:*", "Principal": {"AWS": ACCOUNT}},
    },
)
def test_another_accounts_secret_without_a_sufficient_policy_is_denied(client, db, secrets_backend, given):
    stranger = secrets_backend.iam.create_user("ann", document(allowing("*")), account_id=OTHER_ACCOUNT)
    if given is not None:
        put(client, policy(**given))

    message = message_of(stranger.client(), "DescribeSecret", SecretId=db)

    assert message == nothing_allows("DescribeSecret", f" on resource: {db}", principal=stranger.arn, kind="resource")


@behaviour("DescribeSecret", "another account's secret also needs the caller's own policy", "AWS-DOC", EVALUATION)
def test_another_accounts_secret_needs_both_policies(client, db, secrets_backend):
    stranger = secrets_backend.iam.create_user("ann", account_id=OTHER_ACCOUNT)
    put(client, policy(Action="secretsmanager:DescribeSecret", Principal={"AWS": stranger.arn}))

    refused = code_of(stranger.client(), "DescribeSecret", SecretId=db)
    stranger.set_policy(document(allowing("DescribeSecret", on=db)))

    assert refused == DENIED
    assert stranger.client().describe_secret(SecretId=db)["ARN"] == db


@behaviour(
    PERMISSIONS,
    "an explicit deny in the caller's own policy is named in the message",
    "AWS-DOC",
    TROUBLESHOOTING,
)
@behaviour(
    PERMISSIONS,
    "an explicit deny of an operation without a resource is named in the message",
    "AWS-DOC",
    TROUBLESHOOTING,
)
@rows("operation, on, resource", [("GetSecretValue", named("db"), " on resource: db"), ("ListSecrets", "*", "")])
def test_an_explicit_deny_in_an_identity_policy(db, app, operation, on, resource):
    app.set_policy(document(allowing("*"), denying(operation, on=on)))

    message = message_of(app.client(), operation, **CALLS[operation])

    assert message == explicitly(operation, resource, kind="identity")


@behaviour(
    PERMISSIONS,
    "an explicit deny in the secret's policy is named in the message",
    "AWS-DOC",
    TROUBLESHOOTING,
)
def test_an_explicit_deny_in_a_resource_policy(client, db, app):
    app.set_policy(document(allowing("*")))
    put(client, policy(Effect="Deny", Principal={"AWS": app.arn}))

    message = message_of(app.client(), "GetSecretValue", SecretId="db")

    assert message == explicitly("GetSecretValue", " on resource: db", kind="resource")


@behaviour(
    PERMISSIONS,
    "a role's caller is shown as its session",
    "REPORTED",
    'logs that quote "on resource: dep-agent/github-pat" after an ARN of arn:aws:sts',
)
def test_a_role_session_is_shown(db, secrets_backend):
    client = secrets_backend.iam.create_role("deployer").client("build-7")

    message = message_of(client, "GetSecretValue", SecretId="db")

    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/build-7"
    assert message == nothing_allows("GetSecretValue", " on resource: db", principal=session)


@behaviour(
    PERMISSIONS,
    "a denial is HTTP 400",
    "REPORTED",
    'logs of AWS SDKs that quote "Status Code: 400; Error Code: AccessDeniedException"',
)
@behaviour(
    PERMISSIONS,
    "AccessDeniedException is not modelled: a plain ClientError without a top-level Message",
    "AWS-DOC",
    "botocore's model of the service",
)
def test_a_denial_is_a_plain_client_error(db, app):
    client = app.client()

    with pytest.raises(ClientError) as caught:
        client.get_secret_value(SecretId="db")

    assert type(caught.value) is ClientError
    assert set(caught.value.response) == {"Error", "ResponseMetadata"}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert not hasattr(client.exceptions, DENIED)


# --- Every operation ---


@behaviour(PERMISSIONS, "a user without a policy is denied every operation, and nothing changes", "AWS-DOC", SAR)
@rows("operation", sorted(CALLS))
def test_a_user_without_a_policy_is_denied_every_operation(db, app, secrets_backend, operation):
    before = everything(secrets_backend)

    code = code_of(app.client(), operation, **CALLS[operation])

    assert code == DENIED
    assert everything(secrets_backend) == before


@behaviour("CreateSecret", "without tags or replicas, its own action is enough", "AWS-DOC", SAR)
@behaviour(
    "CreateSecret",
    "is authorized on the ARN of the new secret, whatever its suffix",
    "GUESS",
    "no source",
    decided_by="a second principal",
)
@behaviour(PERMISSIONS, "the action named like the operation allows it", "AWS-DOC", SAR)
@rows("operation", sorted(set(CALLS) - set(WITHOUT_RESOURCE)))
def test_an_operations_own_action_on_only_the_secret(db, app, operation):
    about = named("new" if operation == "CreateSecret" else "db")
    app.set_policy(document(allowing(operation, *ALSO.get(operation, ()), on=about)))

    assert code_of(app.client(), operation, **CALLS[operation]) != DENIED


@behaviour(PERMISSIONS, "an action on one secret doesn't allow it on another", "AWS-DOC", SAR)
@rows("operation", WITH_SECRET)
def test_an_action_allowed_on_one_secret_is_denied_on_another(client, db, app, operation):
    other = client.create_secret(Name="other", SecretString="one")["ARN"]
    app.set_policy(document(allowing("*", on=other)))

    assert code_of(app.client(), operation, **CALLS[operation]) == DENIED


@behaviour(
    "BatchGetSecretValue", "GetSecretValue alone is not enough", "AWS-DOC", "AWS API reference, BatchGetSecretValue"
)
@behaviour(PERMISSIONS, "all other actions are not enough", "AWS-DOC", SAR)
@rows("operation", sorted(CALLS))
def test_all_actions_but_the_operations_own_are_not_enough(db, app, operation):
    app.set_policy(document(allowing(*sorted(set(CALLS) - {operation}))))

    assert code_of(app.client(), operation, **CALLS[operation]) == DENIED


@behaviour("BatchGetSecretValue", "its action needs Resource *", "AWS-DOC", SAR)
@behaviour("GetRandomPassword", "its action needs Resource *", "AWS-DOC", SAR)
@behaviour("ListSecrets", "its action needs Resource *", "AWS-DOC", SAR)
@rows("operation", WITHOUT_RESOURCE)
def test_an_action_without_a_resource_needs_all_resources(db, app, operation):
    app.set_policy(document(allowing("secretsmanager:*", on=f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:*")))
    refused = code_of(app.client(), operation, **CALLS[operation])
    app.set_policy(document(allowing(operation, *ALSO.get(operation, ()))))

    assert refused == DENIED
    assert code_of(app.client(), operation, **CALLS[operation]) is None


@behaviour(PERMISSIONS, "in one account the secret's policy is enough by itself", "AWS-DOC", CHOOSING)
@rows("operation", sorted(set(WITH_SECRET) - {"PutResourcePolicy", *ALSO}))
def test_the_secrets_policy_alone_is_enough_within_one_account(client, db, app, operation):
    put(client, policy(Action=f"secretsmanager:{operation}", Principal={"AWS": app.arn}))

    assert code_of(app.client(), operation, **CALLS[operation]) != DENIED


# --- The order of the checks ---


@behaviour(
    PERMISSIONS,
    "a caller without permission doesn't learn whether the secret exists",
    "REPORTED",
    'logs that quote "secretsmanager:PutSecretValue on resource: k8s-join because"',
)
@rows("operation", WITH_SECRET)
def test_a_missing_secret_is_denied_to_a_caller_without_permissions(app, operation):
    assert code_of(app.client(), operation, **CALLS[operation]) == DENIED


@behaviour(
    PERMISSIONS,
    "a caller with permission on all secrets learns that one is missing",
    "AWS-VERIFIED",
    "LocalStack AWS-validated test test_secret_not_found",
)
@rows("on", ["*", f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db*"])
@rows("operation", WITH_SECRET)
def test_a_missing_secret_is_not_found_for_an_allowed_caller(app, operation, on):
    app.set_policy(document(allowing("secretsmanager:*", on=on)))

    assert code_of(app.client(), operation, **CALLS[operation]) == "ResourceNotFoundException"


@behaviour(
    "GetSecretValue",
    "a caller limited to ARNs with a suffix is denied a missing name",
    "REPORTED",
    'logs that quote "secretsmanager:PutSecretValue on resource: k8s-join because"',
)
def test_a_missing_secret_is_denied_to_a_caller_allowed_only_arns(app):
    app.set_policy(document(allowing("GetSecretValue", on=named("db"))))

    assert code_of(app.client(), "GetSecretValue", SecretId="db") == DENIED


@behaviour(
    "GetSecretValue",
    "a caller limited to ARNs is denied a name in the wrong Region",
    "REPORTED",
    'logs that quote "on resource: cnoe-ref-impl/config because"',
)
def test_a_caller_limited_to_an_arn_is_denied_a_name_in_another_region(db, app):
    app.set_policy(document(allowing("GetSecretValue", on=db)))

    message = message_of(app.client(region="eu-west-1"), "GetSecretValue", SecretId="db")

    assert message == nothing_allows("GetSecretValue", " on resource: db")


@behaviour(
    "RotateSecret",
    "both kinds of schedule together are reported before missing permissions",
    "GUESS",
    "no source",
    decided_by="a second principal",
)
@behaviour(
    PERMISSIONS,
    "a request is validated before permissions are checked",
    "GUESS",
    "no source",
    decided_by="a second principal",
)
@rows(
    "operation, request_, code",
    [
        ("GetSecretValue", {"SecretId": "not a name"}, "ValidationException"),
        ("CreateSecret", {"Name": "not a name"}, "ValidationException"),
        ("DescribeSecret", {}, "ValidationException"),
        ("ListSecrets", {"MaxResults": 101}, "ValidationException"),
        (
            "PutSecretValue",
            {"SecretId": "db", "SecretString": "2", "ClientRequestToken": None},
            "InvalidRequestException",
        ),
        ("RotateSecret", {"SecretId": "db", "ClientRequestToken": None}, "InvalidParameterException"),
        (
            "RotateSecret",
            {"SecretId": "db", "RotationRules": {"AutomaticallyAfterDays": 30, "ScheduleExpression": "rate(10 days)"}},
            "InvalidParameterException",
        ),
        (
            "DeleteSecret",
            {"SecretId": "db", "ForceDeleteWithoutRecovery": True, "RecoveryWindowInDays": 7},
            "InvalidParameterException",
        ),
    ],
)
def test_a_request_is_checked_before_permissions(db, app, operation, request_, code):
    client = app.client(config=Config(parameter_validation=False))

    assert code_of(client, operation, **request_) == code


@behaviour(
    PERMISSIONS,
    "permissions are checked before the state of the secret",
    "GUESS",
    "no source",
    decided_by="a second principal",
)
def test_permissions_are_checked_before_the_state_of_the_secret(client, db, app):
    client.delete_secret(SecretId="db")

    assert code_of(app.client(), "GetSecretValue", SecretId="db") == DENIED


# --- Whose call it is ---


@behaviour(PERMISSIONS, "a user of another account sees that account's secrets", "AWS-DOC", EVALUATION)
def test_a_user_of_another_account_sees_that_accounts_secrets(client, db, secrets_backend):
    stranger = secrets_backend.iam.create_user("ann", document(allowing("*")), account_id=OTHER_ACCOUNT).client()

    theirs = stranger.create_secret(Name="db", SecretString="theirs")["ARN"]

    assert theirs.split(":")[4] == OTHER_ACCOUNT
    assert stranger.get_secret_value(SecretId="db")["SecretString"] == "theirs"
    assert client.get_secret_value(SecretId="db")["SecretString"] == "one"


@behaviour(PERMISSIONS, "a changed policy applies at the next call", "AWS-DOC", EVALUATION)
def test_a_policy_takes_effect_at_the_next_call(db, app):
    client = app.client()
    codes = []

    for policies in (None, document(allowing("DescribeSecret")), document(allowing("*"), denying("*")), []):
        app.set_policy(policies)
        codes.append(code_of(client, "DescribeSecret", SecretId="db"))

    assert codes == [DENIED, None, DENIED, DENIED]


@behaviour(PERMISSIONS, "several policies apply together", "AWS-DOC", EVALUATION)
def test_several_policies_are_combined(db, app):
    app.set_policy([document(allowing("*")), document(denying("GetSecretValue"))])

    assert code_of(app.client(), "DescribeSecret", SecretId="db") is None
    assert code_of(app.client(), "GetSecretValue", SecretId="db") == DENIED


@behaviour(
    PERMISSIONS,
    "a deleted user may do nothing",
    "AWS-DOC",
    "IAM API reference, DeleteUser: the user's access keys have to be deleted first",
)
@behaviour(
    PERMISSIONS,
    "a call with the key of a deleted user: the code is AccessDeniedException",
    "GUESS",
    "AWS may refuse the key itself",
    decided_by="a second principal",
)
@rows("operation", sorted(CALLS))
def test_a_deleted_user_is_denied_every_operation(db, secrets_backend, operation):
    app = secrets_backend.iam.create_user("app", document(allowing("*")))
    client = app.client()
    app.delete()

    assert code_of(client, operation, **CALLS[operation]) == DENIED


@behaviour(
    PERMISSIONS,
    "the sessions of a deleted role may do nothing",
    "AWS-DOC",
    "IAM API reference, DeleteRole: it 'will break any applications running on the instance'",
)
def test_sessions_of_a_deleted_role_are_denied(db, secrets_backend):
    role = secrets_backend.iam.create_role("app", document(allowing("*")))
    client = role.client()
    role.delete()

    assert code_of(client, "GetSecretValue", SecretId="db") == DENIED


@behaviour(
    PERMISSIONS, "an administrator may do everything that the secret's policy doesn't deny", "AWS-DOC", EVALUATION
)
def test_an_administrator_is_subject_to_the_secrets_policy(client, db):
    put(client, policy(Effect="Deny", Principal="*"))

    assert code_of(client, "GetSecretValue", SecretId="db") == DENIED
    assert code_of(client, "DescribeSecret", SecretId="db") is None
