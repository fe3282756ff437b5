"""What a test writes wrongly at the direct door is told with what was meant."""

import pytest
from tables import rows

from mock_secrets import SecretsBackend

pytestmark = pytest.mark.mock_secrets(secrets={"db": "s3cret"})


@rows(
    "given, meant",
    [
        ("kms_key", "kms_key_id"),
        ("KmsKeyId", "kms_key_id"),
        ("SecretString", "value"),
        ("ClientRequestToken", "token"),
        ("Description", "description"),
        ("Name", "name"),
    ],
)
def test_an_unknown_parameter_of_create_gets_a_suggestion(secrets_backend: SecretsBackend, given, meant):
    with pytest.raises(TypeError, match=rf"create\(\) has no parameter '{given}'. Did you mean '{meant}'"):
        secrets_backend.create(**{given: "new"})


def test_an_unknown_parameter_of_put_gets_a_suggestion(secrets_backend):
    with pytest.raises(TypeError, match=r"has no parameter 'VersionStages'. Did you mean 'stages'"):
        secrets_backend["db"].put("new", VersionStages=["blue"])


def test_an_unattached_staging_label_is_an_error(secrets_backend):
    with pytest.raises(KeyError, match=r"no version has the staging label 'AWSPREVIOUS'.* Labels: AWSCURRENT"):
        secrets_backend["db"].stages["AWSPREVIOUS"]


def test_a_repr_says_when_the_recovery_window_ends(secrets_backend, secrets_client):
    ends = secrets_client.delete_secret(SecretId="db", RecoveryWindowInDays=9)["DeletionDate"]

    assert f"recovery window ends {ends:%Y-%m-%d %H:%M:%S}" in repr(secrets_backend["db"])
    assert secrets_backend["db"].deletion_date == ends
