"""What a test gives wrongly is refused at the door, in a sentence that says what to give."""

from datetime import date, datetime, timedelta, timezone
from functools import partial

import pytest
from project import output
from tables import rows

from mock_secrets import Limits, SecretsBackend, mock_secrets

PARAMETERS = ["region", "account_id", "secrets", "at", "token_reuse", "limits", "passthrough", "seed"]

CONTAINS_ITSELF: dict = {}
CONTAINS_ITSELF["again"] = CONTAINS_ITSELF

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - what is refused

WRONG_VALUES = {
    "region-by-another-name": ("region", "nowhere", ValueError, "'nowhere'"),
    "region-in-capitals": ("region", "US-EAST-1", ValueError, "'US-EAST-1'"),
    "region-with-zone": ("region", "us-east-1a", ValueError, "'us-east-1a'"),
    "region-empty": ("region", "", ValueError, "''"),
    "region-with-newline": ("region", "us-east-1\n", ValueError, r"'us-east-1\n'"),
    "region-number": ("region", 5, TypeError, "int"),
    "account-id-short": ("account_id", "123", ValueError, "'123'"),
    "account-id-long": ("account_id", "1234567890123", ValueError, "'1234567890123'"),
    "account-id-with-dashes": ("account_id", "1234-5678-9012", ValueError, "'1234-5678-9012'"),
    "account-id-fullwidth": ("account_id", "１２３４５６７８９０１２", ValueError, "12 digits"),  # noqa: RUF001
    "account-id-number": ("account_id", 123456789012, TypeError, "int"),
    "at-naive": ("at", NAIVE, ValueError, "time zone"),
    "at-date": ("at", date(2026, 1, 1), TypeError, "date"),
    "at-text": ("at", "2026-01-01T00:00:00Z", TypeError, "str"),
    "at-number": ("at", 1767225600, TypeError, "int"),
    "token-reuse-word": ("token_reuse", "maybe", ValueError, "'maybe'"),
    "token-reuse-bool": ("token_reuse", True, ValueError, "True"),
    "limits-mapping": ("limits", {"retained_versions": 5}, TypeError, "dict"),
    "limits-class": ("limits", Limits, TypeError, "type"),
    "passthrough-text": ("passthrough", "s3", TypeError, "list"),
    "passthrough-itself": ("passthrough", ["s3", "secretsmanager"], ValueError, "secretsmanager"),
    "passthrough-numbers": ("passthrough", [5], TypeError, "int"),
    "passthrough-bytes": ("passthrough", b"s3", TypeError, "passthrough"),
    "passthrough-bool": ("passthrough", True, TypeError, "list"),
    "seed-float": ("seed", 0.5, TypeError, "float"),
    "seed-bool": ("seed", True, TypeError, "bool"),
    "secrets-list": ("secrets", ["db"], TypeError, "list"),
    "secrets-text": ("secrets", "db", TypeError, "str"),
}


class Callable:
    """An object that can be called and is no function."""

    def __call__(self):
        """Do nothing."""


class TestParameters:
    @rows("door", [mock_secrets, SecretsBackend])
    def test_an_unknown_parameter_is_refused_with_a_list_of_all_parameters(self, door):
        with pytest.raises(TypeError, match="'frobnicate'") as caught:
            door(frobnicate=1)

        assert all(name in str(caught.value) for name in PARAMETERS)
        assert "Did you mean" not in str(caught.value)

    @rows(
        "given, near",
        [
            ("regoin", "region"),
            ("accountid", "account_id"),
            ("secret", "secrets"),
            ("limit", "limits"),
            ("pass_through", "passthrough"),
            ("tokenreuse", "token_reuse"),
            ("Region", "region"),
        ],
    )
    def test_a_misspelled_parameter_is_refused_with_the_nearest_name(self, given, near):
        with pytest.raises(TypeError, match=f"Did you mean '{near}'"):
            mock_secrets(**{given: None})

    @rows("name, value, error, says", WRONG_VALUES)
    def test_an_invalid_parameter_value_is_refused_before_the_mock_is_entered(self, name, value, error, says):
        with pytest.raises(error) as caught:
            mock_secrets(**{name: value})

        assert name in str(caught.value)
        assert says in str(caught.value)

    def test_none_for_any_parameter_means_its_default(self):
        with mock_secrets(**dict.fromkeys(PARAMETERS)) as backend:
            assert backend.account_id == "123456789012"

    def test_at_accepts_an_aware_datetime_in_any_time_zone(self):
        at = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))

        with mock_secrets(at=at) as backend:
            assert backend.clock.now() == at

    @rows("region", ["us-east-1", "ap-southeast-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "us-isob-east-1"])
    def test_regions_of_every_partition_are_accepted(self, region):
        with mock_secrets(region=region) as backend:
            assert backend.region == region


class TestSecrets:
    @rows("value, kind", [(5, "int"), (None, "NoneType"), (["hunter2"], "list"), (bytearray(b"hunter2"), "bytearray")])
    def test_a_seeded_value_of_another_type_is_refused_naming_secret_and_type(self, value, kind):
        with pytest.raises(TypeError, match="'db'") as caught:
            mock_secrets(secrets={"db": value})

        assert kind in str(caught.value)
        assert "hunter2" not in str(caught.value)

    @rows(
        "value",
        [
            {"password": {"hunter2"}},
            {"password": b"hunter2"},
            {("hunter2",): 1},
            {"ratio": float("nan")},
            CONTAINS_ITSELF,
        ],
    )
    def test_a_seeded_mapping_that_is_not_valid_json_is_refused_naming_the_secret(self, value):
        with pytest.raises(TypeError, match=r"'db'.*JSON") as caught:
            mock_secrets(secrets={"db": value})

        assert "hunter2" not in str(caught.value)

    def test_a_name_that_is_not_a_string_is_refused(self):
        with pytest.raises(TypeError, match=r"names.*int"):
            mock_secrets(secrets={5: "hunter2"})

    @rows("value", [5, ["hunter2"], {"password": {"hunter2"}}])
    def test_direct_access_refuses_invalid_secret_values(self, value):
        backend = SecretsBackend(secrets={"db": "s3cret"})
        secret = backend["db"]

        for act in (partial(backend.create, "other"), secret.update, secret.put):
            with pytest.raises(TypeError, match=r"'other'|'db'") as caught:
                act(value)
            assert "hunter2" not in str(caught.value)
        assert [(secret.name, len(secret.versions)) for secret in backend] == [("db", 1)]


class TestLimits:
    @rows(
        "name",
        ["retained_versions", "versions_per_secret", "labels_per_secret", "secrets_per_region", "tags_per_secret"],
    )
    @rows("value, error", [(0, ValueError), (-1, ValueError), (1.5, TypeError)])
    def test_a_quota_must_be_a_whole_number_of_at_least_one(self, name, value, error):
        with pytest.raises(error, match=rf"Limits\({name}=\)"):
            Limits(**{name: value})

    @rows("value", ["5", None, True])
    def test_a_non_numeric_quota_is_refused(self, value):
        with pytest.raises(TypeError, match=r"Limits\(versions_per_secret=\).*whole number"):
            Limits(versions_per_secret=value)

    @rows("value, error", [(24, TypeError), ("24h", TypeError), (timedelta(-1), ValueError)])
    def test_retention_must_be_a_non_negative_timedelta(self, value, error):
        with pytest.raises(error, match=r"Limits\(retention=\)"):
            Limits(retention=value)

    def test_a_positional_quota_is_refused(self):
        with pytest.raises(TypeError, match="positional"):
            Limits(5)


class TestTargets:
    @rows("target", ["eu-west-1", 5, ["db"], b"db", {"db": "hunter2"}])
    def test_a_positional_argument_is_refused_with_advice_to_pass_it_by_name_and_not_shown(self, target):
        with pytest.raises(TypeError, match="by name") as caught:
            mock_secrets(target)

        assert type(target).__name__ in str(caught.value)
        assert "hunter2" not in str(caught.value)
        assert ("@pytest.fixture" in str(caught.value)) is (target != "eu-west-1")

    def test_secrets_passed_to_an_activation_are_refused_and_not_shown(self):
        with pytest.raises(TypeError, match="decorates") as caught:
            mock_secrets(region="eu-west-1")({"db": "hunter2"})

        assert "hunter2" not in str(caught.value)

    def test_two_positional_arguments_are_refused(self):
        with pytest.raises(TypeError, match="positional"):
            mock_secrets("eu-west-1", "123456789012")

    def test_parameters_together_with_a_target_are_refused_with_advice(self):
        def application(): ...

        with pytest.raises(TypeError, match=r"@mock_secrets\(\.\.\.\)"):
            mock_secrets(application, region="eu-west-1")

    @rows("decorator", [mock_secrets, mock_secrets(region="eu-west-1")])
    @rows("target", [Callable(), partial(print)])
    def test_a_callable_that_is_not_a_function_is_refused(self, decorator, target):
        with pytest.raises(TypeError, match="decorates functions and test classes"):
            decorator(target)

    @rows("decorator", [mock_secrets, mock_secrets(region="eu-west-1")])
    def test_decorating_above_a_fixture_is_refused_with_advice_to_go_below(self, decorator):
        @pytest.fixture
        def database(): ...

        with pytest.raises(TypeError, match=r"below @pytest\.fixture"):
            decorator(database)

    def test_decorating_above_a_pytest_asyncio_fixture_is_refused_with_advice(self):
        pytest_asyncio = pytest.importorskip("pytest_asyncio")

        @pytest_asyncio.fixture
        async def database(): ...

        with pytest.raises(TypeError, match=r"below @pytest\.fixture"):
            mock_secrets(database)


class TestDirectDoor:
    @rows("door", ["create", "session"])
    @rows("name, value", [("region", "nowhere"), ("account_id", "123")])
    def test_direct_access_refuses_an_invalid_account_or_region(self, door, name, value):
        backend = SecretsBackend()
        act = partial(backend.create, "db", "s3cret") if door == "create" else backend.session

        with pytest.raises(ValueError, match=f"{name}.*'{value}'"):
            act(**{name: value})
        assert list(backend) == []

    @rows("secret_id", [5, None, ("db",)])
    def test_a_secret_id_that_is_not_a_string_is_not_in_the_backend(self, secret_id):
        backend = SecretsBackend(secrets={"db": "s3cret"})

        assert secret_id not in backend


# Tests that are refused a secret, and hold its value.
REFUSED = """
VALUE = "hun" + "ter2"

@mock_secrets(secrets={"bad name": VALUE})
def test_decorator():
    pass

def test_block():
    with mock_secrets(secrets={"bad name": VALUE}):
        pass

@pytest.mark.mock_secrets(secrets={"bad name": VALUE})
def test_marker():
    pass

@mock_secrets(secrets={"db": "other"})
def test_join():
    with mock_secrets(secrets={"db": VALUE}):
        pass

def test_type():
    mock_secrets(secrets={"db": [VALUE]})

def test_direct_door(secrets_backend):
    secrets_backend.create("bad name", VALUE)

def test_type_at_the_direct_door(secrets_backend):
    secrets_backend.create("db", [VALUE])

def test_put_at_the_direct_door(secrets_backend):
    secrets_backend.create("db", "other").put(VALUE, stages=["AWS" * 100])

def test_positional():
    mock_secrets({"db": VALUE})
"""


@rows("style", ["auto", "long"])
def test_the_pytest_output_for_a_refused_secret_does_not_show_its_value(project, style):
    """pytest shows the arguments of the function that raised, which is why our frames stay out of the report."""
    result = project.run(REFUSED, f"--tb={style}")

    result.assert_outcomes(failed=7, errors=2)
    assert "hunter2" not in output(result)


@rows("delta, error", [({"fortnights": 1}, TypeError), ({"days": "x"}, TypeError), ({"days": 10**10}, ValueError)])
def test_an_invalid_advance_names_the_arguments_it_takes(delta, error):
    with pytest.raises(error, match=r"advance\(\) takes the arguments of datetime.timedelta"):
        SecretsBackend().clock.advance(**delta)


def test_tags_that_are_not_a_mapping_are_refused():
    with pytest.raises(TypeError, match="tags takes a mapping"):
        SecretsBackend().create("db", "value", tags=["team"])


@rows("where", [{"region": "zz"}, {"account_id": "1"}])
def test_looking_up_a_secret_in_an_invalid_region_or_account_is_refused(where):
    with pytest.raises(ValueError, match=next(iter(where))):
        SecretsBackend().secret("db", **where)


def test_an_inner_mock_cannot_seed_a_secret_scheduled_for_deletion():
    with mock_secrets(secrets={"db": "one"}) as backend:
        backend.client().delete_secret(SecretId="db")

        with pytest.raises(ValueError, match="scheduled for deletion"):
            mock_secrets(secrets={"db": "one"}).start()


def test_an_invalid_region_in_the_environment_is_refused_naming_the_variable(monkeypatch):
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "moon-base-1")

    with pytest.raises(ValueError, match="AWS_DEFAULT_REGION"):
        mock_secrets().start()
