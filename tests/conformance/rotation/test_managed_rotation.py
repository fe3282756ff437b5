"""RotateSecret of what somebody else rotates: secrets of an AWS service, and of its partners."""

from datetime import datetime, timedelta, timezone

import pytest
from conformance.fidelity import behaviour
from conformance.raw import members
from conformance.rotation_functions import NAME, idle

from mock_secrets import Limits
from mock_secrets.model.rotation import Outcome

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ROTATE = "RotateSecret"
MANAGED = "rds!db-1"
LIVE = "GitHub floci-io/floci#2378, confirmed against an AWS account"
PARTNERS = "AWS Secrets Manager User Guide, managed external secrets"
WEEKLY = {"AutomaticallyAfterDays": 7}
METADATA = [{"Key": "adminSecretArn", "Value": "arn:aws:secretsmanager:us-east-1:123456789012:secret:admin-AbCdEf"}]
ROLE = "arn:aws:iam::123456789012:role/rotates"


@pytest.fixture
def managed(client, secrets_backend):
    """A secret with a user and a password, which belongs to RDS."""
    answer = client.create_secret(
        Name=MANAGED, SecretString='{"username": "admin", "password": "old"}', ClientRequestToken=V1
    )
    region = secrets_backend.service.state.store.region(secrets_backend.account_id, secrets_backend.region)
    region.get(MANAGED).owning_service = "rds"
    return answer["ARN"]


# --- Of a service ---


@behaviour(ROTATE, "a managed secret takes rules and needs no Lambda function", "REPORTED", LIVE)
@behaviour("DescribeSecret", "a managed secret shows its owner and rules, and no Lambda function", "REPORTED", LIVE)
def test_a_managed_secret_accepts_rotation_rules_without_a_lambda(client, managed):
    answer = client.rotate_secret(SecretId=MANAGED, RotationRules=WEEKLY, RotateImmediately=False)

    described = client.describe_secret(SecretId=MANAGED)
    assert (answer["ARN"], answer["Name"]) == (managed, MANAGED)
    assert (described["OwningService"], described["RotationEnabled"]) == ("rds", True)
    assert described["RotationRules"] == WEEKLY
    assert "RotationLambdaARN" not in described
    assert described["VersionIdsToStages"] == {V1: ["AWSCURRENT"]}
    assert client.get_secret_value(SecretId=MANAGED)["VersionId"] == V1


@behaviour(ROTATE, "a managed secret with RotationLambdaARN: InvalidRequestException", "REPORTED", LIVE)
def test_a_managed_secret_does_not_accept_a_lambda(client, secrets_backend, managed):
    arn = secrets_backend.register_rotation_lambda(NAME, idle)

    with pytest.raises(client.exceptions.InvalidRequestException) as caught:
        client.rotate_secret(SecretId=MANAGED, RotationLambdaARN=arn)

    assert caught.value.response["Error"]["Message"] == (
        "Rotation Lambda ARN is not supported for a service-managed secret."
    )
    assert "RotationEnabled" not in client.describe_secret(SecretId=MANAGED)


@behaviour(
    ROTATE, "the owning service changes only the password in the value", "AWS-DOC", "AWS User Guide, managed rotation"
)
def test_rotating_a_managed_secret_changes_only_its_password(client, secrets_backend, managed):
    answer = client.rotate_secret(SecretId=MANAGED, ClientRequestToken=V2)

    secret = secrets_backend[MANAGED]
    assert answer["VersionId"] == V2
    assert {label: version.id for label, version in secret.stages.items()} == {"AWSCURRENT": V2, "AWSPREVIOUS": V1}
    assert set(secret.json) == {"username", "password"}
    assert secret.json["username"] == "admin"
    assert secret.json["password"] != "old"
    assert [(run.outcome, run.steps) for run in secret.rotations] == [(Outcome.SUCCEEDED, [])]
    assert client.describe_secret(SecretId=MANAGED)["LastRotatedDate"]


@pytest.mark.mock_secrets(at=NOON)
def test_a_managed_secret_rotates_on_its_schedule(client, secrets_backend, managed):
    client.rotate_secret(SecretId=MANAGED, RotationRules=WEEKLY)
    seen = {secrets_backend[MANAGED].json["password"]}

    for _ in range(3):
        secrets_backend.clock.advance(days=7)
        seen.add(secrets_backend[MANAGED].json["password"])

    assert len(seen) == 4


@pytest.mark.mock_secrets(at=NOON, limits=Limits(rotation_delay=timedelta(minutes=1)))
def test_a_managed_secret_keeps_its_value_while_the_rotation_is_pending(client, secrets_backend, managed):
    client.rotate_secret(SecretId=MANAGED, ClientRequestToken=V2)
    pending = client.describe_secret(SecretId=MANAGED)["VersionIdsToStages"]
    before = secrets_backend[MANAGED].json["password"]

    secrets_backend.clock.advance(minutes=1)

    assert pending == {V1: ["AWSCURRENT"], V2: ["AWSPENDING"]}
    assert before == "old"
    assert secrets_backend[MANAGED].stages["AWSCURRENT"].id == V2


@behaviour(
    "CancelRotateSecret",
    "works on a managed secret",
    "REPORTED",
    "GitHub hashicorp/terraform-provider-aws, aws_secretsmanager_secret_rotation",
)
def test_rotation_of_a_managed_secret_can_be_cancelled(client, managed):
    client.rotate_secret(SecretId=MANAGED, RotationRules=WEEKLY)

    answer = client.cancel_rotate_secret(SecretId=MANAGED)

    assert members(answer) == {"ARN": managed, "Name": MANAGED}
    assert client.describe_secret(SecretId=MANAGED)["RotationEnabled"] is False


@behaviour(ROTATE, "a managed secret can be rotated again at once", "GUESS", "no source", decided_by="a managed secret")
def test_a_managed_secret_can_be_rotated_twice_in_a_row(client, secrets_backend, managed):
    client.rotate_secret(SecretId=MANAGED, ClientRequestToken=V2)

    client.rotate_secret(SecretId=MANAGED, ClientRequestToken=V3)

    assert secrets_backend[MANAGED].stages["AWSCURRENT"].id == V3
    assert secrets_backend[MANAGED].stages["AWSPREVIOUS"].id == V2


# --- Of a partner ---


@pytest.fixture
def external(client):
    """A secret of a partner's type."""
    known = client.meta.service_model.operation_model("RotateSecret").input_shape.members
    if "ExternalSecretRotationRoleArn" not in known:
        pytest.skip("this botocore does not know external secrets")
    return client.create_secret(
        Name="db", SecretString='{"apiKey": "old"}', Type="DatadogApiKey", ClientRequestToken=V1
    )["ARN"]


def rotate_as_partner(client, **request):
    return client.rotate_secret(
        **{
            "SecretId": "db",
            "ExternalSecretRotationMetadata": METADATA,
            "ExternalSecretRotationRoleArn": ROLE,
            "ClientRequestToken": V2,
            **request,
        }
    )


@behaviour(
    ROTATE, "an external secret needs no Lambda function, and its role and metadata are stored", "AWS-DOC", PARTNERS
)
@behaviour(
    "DescribeSecret",
    "shows Type, ExternalSecretRotationMetadata and ExternalSecretRotationRoleArn",
    "AWS-DOC",
    PARTNERS,
)
@behaviour(
    "ListSecrets", "shows Type, ExternalSecretRotationMetadata and ExternalSecretRotationRoleArn", "AWS-DOC", PARTNERS
)
def test_an_external_secret_rotates_without_a_lambda_and_shows_its_metadata(client, external):
    answer = rotate_as_partner(client, RotationRules=WEEKLY)

    assert members(answer) == {"ARN": external, "Name": "db", "VersionId": V2}
    for shown in (client.describe_secret(SecretId="db"), client.list_secrets()["SecretList"][0]):
        assert shown["Type"] == "DatadogApiKey"
        assert shown["ExternalSecretRotationMetadata"] == METADATA
        assert shown["ExternalSecretRotationRoleArn"] == ROLE
        assert (shown["RotationEnabled"], shown["RotationRules"]) == (True, WEEKLY)
        assert "RotationLambdaARN" not in shown


@behaviour(ROTATE, "the partner changes the value of an external secret", "AWS-DOC", PARTNERS)
def test_rotating_an_external_secret_changes_its_value(client, secrets_backend, external):
    rotate_as_partner(client)

    secret = secrets_backend["db"]
    assert secret.stages["AWSCURRENT"].id == V2
    assert set(secret.json) == {"apiKey"}
    assert secret.json["apiKey"] != "old"
    assert [run.outcome for run in secret.rotations] == [Outcome.SUCCEEDED]


@behaviour(
    ROTATE,
    "members that are omitted for an external secret keep their stored values",
    "AWS-DOC",
    "AWS API reference, RotateSecret: 'starts a rotation with the values already stored in the secret'",
)
def test_members_omitted_for_an_external_secret_keep_their_values(client, secrets_backend, external):
    rotate_as_partner(client)

    client.rotate_secret(SecretId="db", ClientRequestToken=V3)

    described = client.describe_secret(SecretId="db")
    assert described["ExternalSecretRotationMetadata"] == METADATA
    assert described["ExternalSecretRotationRoleArn"] == ROLE
    assert secrets_backend["db"].stages["AWSCURRENT"].id == V3


@behaviour(
    "DescribeSecret",
    "an external secret shows no rotation members before rotation is configured",
    "AWS-DOC",
    "botocore service model, DescribeSecret: 'only returns fields that have a value'",
)
def test_an_external_secret_shows_no_rotation_before_it_is_configured(client, external):
    described = client.describe_secret(SecretId="db")

    assert described["Type"] == "DatadogApiKey"
    assert not [name for name in described if "Rotat" in name]
