"""Parameters of SSM that refer to secrets. The rest of SSM is another mock's: see test_beside_moto.py."""

import json

import pytest
from conformance.fidelity import behaviour
from tables import rows

REFERENCE = "/aws/reference/secretsmanager/"
SSM = "SSM, for a parameter that refers to a secret"
GUIDE = "Systems Manager User Guide, Referencing AWS Secrets Manager secrets from Parameter Store parameters"


@pytest.fixture
def ssm(secrets_backend):
    secrets_backend.create("app/key", "k3y")
    return secrets_backend.session().client("ssm")


@behaviour(
    SSM, "GetParameter answers with the value, and with GetSecretValue's answer as SourceResult", "AWS-DOC", GUIDE
)
def test_a_parameter_that_refers_to_a_secret_returns_its_value(ssm, secrets_backend):
    found = ssm.get_parameter(Name=f"{REFERENCE}app/key", WithDecryption=True)["Parameter"]

    source = json.loads(found.pop("SourceResult"))
    assert (source["Name"], source["VersionStages"]) == ("app/key", ["AWSCURRENT"])
    assert found.pop("LastModifiedDate").tzinfo is not None
    assert found == {
        "Name": f"{REFERENCE}app/key",
        "Type": "SecureString",
        "Value": "k3y",
        "Version": 0,
        "ARN": secrets_backend["app/key"].arn,
        "DataType": "text",
    }


@behaviour(SSM, "a version is selected by its id or label after a colon", "AWS-DOC", GUIDE)
def test_a_parameter_reference_selects_a_version_by_label_or_id(ssm, client, secrets_backend):
    arn, version_id = secrets_backend["app/key"].arn, secrets_backend["app/key"].stages["AWSCURRENT"].id
    client.update_secret(SecretId="app/key", SecretString="second")

    for reference in ("app/key:AWSPREVIOUS", f"app/key:{version_id}", f"{arn}:AWSPREVIOUS"):
        found = ssm.get_parameter(Name=f"{REFERENCE}{reference}", WithDecryption=True)
        assert found["Parameter"]["Value"] == "k3y"


@behaviour(SSM, "WithDecryption is required: ValidationException", "REPORTED", "moto, ssm/models.py")
@behaviour(SSM, "a missing secret or label: ParameterNotFound", "REPORTED", "moto, ssm/models.py")
@behaviour(
    SSM,
    "a secret that GetSecretValue refuses for another reason: the code is ParameterNotFound too",
    "GUESS",
    "no document names the codes",
    decided_by="plain calls",
)
@rows(
    "name, decrypted, code",
    [
        ("app/key", False, "ValidationException"),
        ("none", True, "ParameterNotFound"),
        ("app/key:NONE", True, "ParameterNotFound"),
        ("deleted", True, "ParameterNotFound"),
    ],
)
def test_an_unreadable_secret_reference_is_refused(ssm, secrets_backend, name, decrypted, code):
    secrets_backend.create("deleted", "s3cret")
    secrets_backend.client().delete_secret(SecretId="deleted")

    with pytest.raises(ssm.exceptions.ClientError, match=code):
        ssm.get_parameter(Name=f"{REFERENCE}{name}", WithDecryption=decrypted)


@behaviour(SSM, "GetParameters lists what it can't read among InvalidParameters", "REPORTED", "moto, ssm/models.py")
def test_get_parameters_lists_unreadable_references_as_invalid(ssm):
    answer = ssm.get_parameters(Names=[f"{REFERENCE}app/key", f"{REFERENCE}none"], WithDecryption=True)

    assert [one["Value"] for one in answer["Parameters"]] == ["k3y"]
    assert answer["InvalidParameters"] == [f"{REFERENCE}none"]


@behaviour(SSM, "the secret is read with the caller's permissions", "AWS-DOC", GUIDE)
@behaviour(
    SSM,
    "a caller who may not read the secret: the code is AccessDeniedException",
    "GUESS",
    "no document names the codes",
    decided_by="a second principal",
)
@pytest.mark.usefixtures("ssm")
def test_reading_the_parameter_requires_permission_to_read_the_secret(secrets_backend):
    ssm = secrets_backend.iam.create_role("app", []).session().client("ssm")

    with pytest.raises(ssm.exceptions.ClientError, match="AccessDeniedException"):
        ssm.get_parameter(Name=f"{REFERENCE}app/key", WithDecryption=True)
