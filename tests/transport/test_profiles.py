"""``profiles=``: sessions that name a profile, of a configuration that there is not."""

import boto3
import botocore.session
import pytest
from botocore.exceptions import ProfileNotFound
from tables import rows

from mock_secrets import mock_secrets

PROFILES = {"prod": {"region": "eu-west-1", "account_id": "111122223333"}, "plain": {}}


def arn(session, **given):
    client = session.client("secretsmanager", **given)
    return client.create_secret(Name=f"db-{client.meta.region_name}")["ARN"].rsplit("-", 1)[0]


@pytest.fixture
def backend():
    with mock_secrets(profiles=PROFILES) as backend:
        yield backend


def test_a_session_uses_the_region_and_account_of_its_profile(backend):
    session = boto3.Session(profile_name="prod")

    assert session.region_name == "eu-west-1"
    assert arn(session) == "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-eu-west-1"
    assert arn(session, region_name="us-west-2").split(":")[3:5] == ["us-west-2", "111122223333"]


def test_settings_missing_from_a_profile_come_from_the_mock(backend):
    assert (
        arn(boto3.Session(profile_name="plain")) == "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-us-east-1"
    )


def test_a_region_named_by_session_or_environment_overrides_the_profiles(backend, monkeypatch):
    for region in ("us-west-2", backend.region):
        assert boto3.Session(profile_name="prod", region_name=region).region_name == region

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    assert boto3.Session(profile_name="prod").region_name == "eu-central-1"


def test_the_environment_can_name_the_profile(backend, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "prod")

    assert arn(boto3.Session()).split(":")[3:5] == ["eu-west-1", "111122223333"]


def test_environment_keys_override_a_profile_named_by_the_environment(backend, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")

    assert arn(boto3.Session()).split(":")[4] == "123456789012"
    assert arn(boto3.Session(profile_name="prod"), region_name="us-west-2").split(":")[4] == "111122223333"


def test_a_session_with_an_existing_credential_chain_also_uses_its_profile(backend):
    core = botocore.session.Session(profile="prod")
    core.get_component("credential_provider")

    assert arn(boto3.Session(botocore_session=core)).split(":")[4] == "111122223333"


def test_profiles_can_be_a_list_of_names():
    with mock_secrets(profiles=["a", "b"]):
        assert boto3.Session().available_profiles == ["a", "b"]
        assert boto3.Session(profile_name="b").region_name == "us-east-1"


def test_an_undefined_profile_raises_an_error_that_says_how_to_define_it(backend):
    with pytest.raises(ProfileNotFound) as caught:
        boto3.Session(profile_name="dev").client("secretsmanager")

    assert caught.value.__notes__ == [
        "mock_secrets reads no configuration files: define the profile with mock_secrets(profiles=['dev'])"
    ]


def test_profiles_are_gone_after_the_mock(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    session = botocore.session.Session()
    with mock_secrets(profiles=PROFILES):
        assert session.available_profiles == ["prod", "plain"]

    assert session.available_profiles == []


@rows(
    "profiles, error, words",
    [
        ("prod", TypeError, "a list of names"),
        (5, TypeError, "a list of names"),
        ([5], TypeError, "names of profiles as non-empty strings"),
        ([""], TypeError, "names of profiles as non-empty strings"),
        ({"prod": "eu-west-1"}, TypeError, r"profiles\['prod'\] takes a mapping"),
        ({"prod": {"regoin": "eu-west-1"}}, ValueError, "Did you mean 'region'"),
        ({"prod": {"region": "eu-wset-1"}}, ValueError, r"profiles\['prod'\]\['region'\] .* Did you mean 'eu-west-1'"),
        ({"prod": {"region": 5}}, TypeError, r"profiles\['prod'\]\['region'\]"),
        ({"prod": {"account_id": "1"}}, ValueError, r"profiles\['prod'\]\['account_id'\] takes a string of 12 digits"),
    ],
)
def test_invalid_profiles_are_refused(profiles, error, words):
    with pytest.raises(error, match=words):
        mock_secrets(profiles=profiles)


def test_a_profile_with_an_unknown_region_is_accepted_with_any_region():
    with mock_secrets(profiles={"new": {"region": "eu-west-9"}}, any_region=True):
        assert boto3.Session(profile_name="new").region_name == "eu-west-9"
