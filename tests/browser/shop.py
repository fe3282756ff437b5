"""A small run with everything that the page shows. Its tests are not this project's."""

import boto3

from mock_secrets import mock_secrets

DB = "hunter" + "22"


@mock_secrets(secrets={"db": DB})
def test_that_fails(secrets_backend):
    client = boto3.client("secretsmanager")
    client.update_secret(SecretId="db", SecretString="second" + "-value")
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
    client.create_secret(Name="shop/api", SecretString=DB)
    client.put_secret_value(SecretId="shop/api", SecretString=DB, VersionStages=["AWSPENDING", "OURS"])
    secrets_backend.clock.advance(days=3)

    def rotator(event, context):
        raise KeyError(event["Step"])

    arn = secrets_backend.register_rotation_lambda("rotator", rotator)
    client.rotate_secret(SecretId="db", RotationLambdaARN=arn)
    client.remove_regions_from_replication(SecretId="db", RemoveReplicaRegions=["eu-west-1"])
    client.delete_secret(SecretId="shop/api", RecoveryWindowInDays=7)
    secrets_backend.clock.advance(days=8)
    with secrets_backend.savepoint():
        client.create_secret(Name="undone", SecretString=DB)
    boto3.client("secretsmanager", region_name="eu-west-1").get_secret_value(SecretId="db")


def test_that_proves(secrets_backend, secrets_client):
    statement = {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DeleteSecret"],
        "Resource": "*",
    }
    value = "value" + "-of-a"
    secrets_client.create_secret(Name="a", SecretString=value, Description=value)
    role = secrets_backend.iam.create_role("app", {"Version": "2012-10-17", "Statement": [statement]})
    role.client().get_secret_value(SecretId="a")


def test_with_odd_names(secrets_client):
    secrets_client.create_secret(Name="n" * 512, SecretString=DB)
    tags = [{"Key": "</script><script>window.broken=1</script>", "Value": "\u202egnp.exe\u2028<!--"}]
    secrets_client.create_secret(Name="tagged", SecretString=DB, Tags=tags)


def test_without_a_mock():
    pass
