"""What a test holds: the direct door, clients, the calls, the seed."""

from datetime import timedelta

import pytest
from freezegun import freeze_time
from inside import NEW_YEAR
from tables import rows

from mock_secrets import SecretsBackend, mock_secrets


@pytest.fixture
def backend():
    """A backend that answers nobody, since its direct door works at any time."""
    return SecretsBackend(at=NEW_YEAR)


class TestDirectDoor:
    def test_a_created_secret_is_found_by_name_and_by_arn(self, backend):
        made = backend.create("db", "s3cret", description="the database", tags={"team": "core"})

        assert backend["db"].arn == backend[made.arn].arn == made.arn
        assert backend[made.arn.rpartition("-")[0]].name == "db"
        assert (made.name, made.value, made.description, made.tags) == (
            "db",
            "s3cret",
            "the database",
            {"team": "core"},
        )
        assert (made.created_at, made.changed_at, made.deleted_at) == (NEW_YEAR, NEW_YEAR, None)

    def test_a_secret_can_be_created_without_a_value(self, backend):
        made = backend.create("db")

        assert (made.value, made.versions, made.stages) == (None, [], {})

    def test_creating_a_secret_twice_raises_the_aws_error(self, backend):
        backend.create("db", "s3cret")

        with pytest.raises(Exception, match=r"ResourceExistsException.*db"):
            backend.create("db", "s3cret")

    def test_a_token_becomes_the_version_id(self, backend):
        made = backend.create("db", "one", token="1" * 32)
        updated = made.update("two", token="2" * 32)
        put = made.put("three", token="3" * 32)

        assert [version.id for version in made.versions] == ["1" * 32, "2" * 32, "3" * 32]
        assert (updated.id, put.id) == ("2" * 32, "3" * 32)

    def test_an_update_moves_the_stages(self, backend):
        secret = backend.create("db", "one")
        backend.clock.advance(hours=1)

        secret.update("two")

        assert secret.value == "two"
        assert {label: version.value for label, version in secret.stages.items()} == {
            "AWSCURRENT": "two",
            "AWSPREVIOUS": "one",
        }
        assert [version.created_at.hour for version in secret.versions] == [0, 1]

    def test_put_accepts_stages(self, backend):
        secret = backend.create("db", "one")

        pending = secret.put("two", stages=["AWSPENDING"])

        assert secret.value == "one"
        assert pending.stages == ("AWSPENDING",)
        assert secret.stages["AWSPENDING"].value == "two"

    @rows("given, value", [("app", "app"), (b"app", b"app"), ({"user": "app"}, '{"user": "app"}')])
    def test_values_can_be_str_bytes_or_a_mapping_stored_as_json(self, given, value):
        backend = SecretsBackend(secrets={"seeded": given})
        backend.create("created", given)
        backend.create("updated", "old").update(given)
        backend.create("put", "old").put(given)

        assert [secret.value for secret in backend] == [value] * 4

    def test_direct_access_is_not_recorded_as_a_call(self, backend):
        backend.create("db", "one").update("two")
        _ = backend["db"].value

        assert backend.calls == []

    def test_a_backend_contains_names_and_arns_and_iterates_over_its_secrets(self, backend):
        arns = [backend.create(name, "s3cret").arn for name in ("b", "a", "c")]

        assert "a" in backend
        assert arns[0] in backend
        assert "d" not in backend
        assert [secret.name for secret in backend] == ["b", "a", "c"]

    def test_a_secret_can_be_created_while_iterating(self, backend):
        backend.create("one", "1")

        for secret in backend:
            backend.create(f"{secret.name}-copy", "2")

        assert [secret.name for secret in backend] == ["one", "one-copy"]

    def test_a_missing_name_raises_a_key_error_listing_the_existing_names(self, backend):
        backend.create("db", "s3cret")
        backend.create("api", "s3cret")

        with pytest.raises(KeyError) as caught:
            backend["bd"]

        assert str(caught.value) == "no secret 'bd' in us-east-1 of account 123456789012. Secrets there: 'api', 'db'"

    def test_a_missing_name_among_many_suggests_the_nearest_names(self, backend):
        for number in range(100):
            backend.create(f"service-{number:02}/db", "s3cret")

        with pytest.raises(KeyError) as caught:
            backend["servce-77/db"]

        assert "Did you mean 'service-77/db'? Secrets there: 'service-00/db', " in str(caught.value)
        assert str(caught.value).endswith("'service-19/db', … 80 more")

    def test_a_missing_name_in_an_empty_backend_says_that_there_are_no_secrets(self, backend):
        with pytest.raises(KeyError, match="Secrets there: none"):
            backend["db"]

    def test_accounts_and_regions_are_separate(self, backend):
        here = backend.create("db", "here")
        there = backend.create("db", "there", account_id="111122223333", region="eu-west-1")

        assert backend["db"].arn == here.arn
        assert backend.secret("db", account_id="111122223333", region="eu-west-1").value == "there"
        assert there.arn.startswith("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-")
        with pytest.raises(KeyError, match=r"eu-west-1 of account 123456789012"):
            backend.secret("db", region="eu-west-1")

    def test_no_repr_shows_a_value(self):
        with mock_secrets(secrets={"db": "hunter2", "api": b"hunter2"}) as backend:
            client = backend.client()
            client.update_secret(SecretId="db", SecretString="hunter2-again")
            client.put_secret_value(SecretId="api", SecretBinary=b"hunter2-again")

            shown = [
                repr(thing)
                for thing in (backend, list(backend), backend["db"], backend["db"].versions, backend["db"].stages)
            ]
            shown += [repr(backend.calls), str(backend.calls), repr([call.params for call in backend.calls])]
            shown += [repr(backend.options), f"{backend}", f"{backend['db']}", f"{backend.calls[0]}"]

        assert [text for text in shown if "hunter2" in text or "aHVudGVyM" in text] == []
        assert "2 secrets, 2 calls" in shown[0]

    def test_the_repr_of_a_backend_has_no_side_effects(self):
        with freeze_time(NEW_YEAR) as process:
            backend = SecretsBackend(secrets={"db": "value"})
            before_use = repr(backend)
            backend.create("old")
            backend.service.direct("DeleteSecret", account_id="123456789012", region="us-east-1", SecretId="old")
            process.tick(timedelta(days=31))

            assert before_use == "<SecretsBackend 123456789012 us-east-1: 1 secret, 0 calls>"
            assert "2 secrets" in repr(backend)
            assert "old" not in backend
            assert "1 secret," in repr(backend)

    def test_the_repr_of_a_secret_names_its_versions(self, backend):
        secret = backend.create("db", "one", token="1" * 32)

        assert repr(secret) == (f"<secret 'db' in us-east-1: <version {'1' * 32} AWSCURRENT of 2026-01-01 00:00:00>>")
        assert repr(backend.create("empty")) == "<secret 'empty' in us-east-1: no value>"


class TestClients:
    def test_a_client_is_in_the_account_and_region_of_the_backend(self):
        with mock_secrets(region="eu-west-1", account_id="111122223333") as backend:
            answer = backend.client().create_secret(Name="db", SecretString="s3cret")

        assert answer["ARN"].startswith("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-")
        assert backend["db"].arn == answer["ARN"]

    @rows(
        "where, expected",
        [
            ({}, ":us-east-1:123456789012:"),
            ({"region": "eu-west-1"}, ":eu-west-1:123456789012:"),
            ({"account_id": "111122223333"}, ":us-east-1:111122223333:"),
            ({"account_id": "111122223333", "region": "eu-west-1"}, ":eu-west-1:111122223333:"),
        ],
    )
    def test_a_session_has_its_own_account_and_region(self, where, expected):
        with mock_secrets(region="us-east-1") as backend:
            answer = backend.session(**where).client("secretsmanager").create_secret(Name="db", SecretString="s3cret")

        assert expected in answer["ARN"]
        assert (backend.calls[0].region, backend.calls[0].account_id) == tuple(expected.strip(":").split(":"))


class TestCalls:
    def test_calls_are_recorded_in_order_with_all_their_details(self):
        with mock_secrets(region="eu-west-1", at=NEW_YEAR) as backend:
            client = backend.client()
            created = client.create_secret(Name="db", SecretString="s3cret")
            backend.clock.advance(minutes=1)
            client.get_secret_value(SecretId="db")

        create_call, get_call = backend.calls
        assert create_call.operation == "CreateSecret"
        assert create_call.params["SecretString"] == "s3cret"
        assert create_call.params["ClientRequestToken"] == created["VersionId"]
        assert (create_call.region, create_call.account_id) == ("eu-west-1", "123456789012")
        assert create_call.principal == "arn:aws:iam::123456789012:user/administrator"
        assert (create_call.attempt, create_call.error) == (1, None)
        assert create_call.request_id == created["ResponseMetadata"]["RequestId"]
        assert (get_call.operation, get_call.params) == ("GetSecretValue", {"SecretId": "db"})
        assert (get_call.at - create_call.at).total_seconds() == 60

    def test_an_error_is_recorded_by_its_code(self):
        with mock_secrets() as backend:
            client = backend.client()
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                client.get_secret_value(SecretId="db")
            with pytest.raises(client.exceptions.ClientError):
                client.create_secret(Name="bad name", SecretString="s3cret")

        assert [call.error for call in backend.calls] == ["ResourceNotFoundException", "ValidationException"]

    def test_calls_of_filters_by_operation_and_parameters(self):
        with mock_secrets(secrets={"db": "s3cret", "api": "s3cret"}) as backend:
            client = backend.client()
            for name in ("db", "api", "db"):
                client.get_secret_value(SecretId=name)
            client.describe_secret(SecretId="db")
            client.update_secret(SecretId="db", SecretString="changed")

        assert len(backend.calls.of("GetSecretValue")) == 3
        assert len(backend.calls.of("GetSecretValue", SecretId="db")) == 2
        assert backend.calls.of("UpdateSecret", SecretId="db", SecretString="changed") == [backend.calls[-1]]
        assert backend.calls.of("GetSecretValue", SecretId="db", VersionStage="AWSCURRENT") == []
        assert backend.calls.of("DeleteSecret") == []

    def test_calls_of_does_not_confuse_a_missing_parameter_with_none(self):
        with mock_secrets(secrets={"db": "s3cret"}) as backend:
            backend.client().get_secret_value(SecretId="db")

        assert backend.calls.of("GetSecretValue", VersionId=None) == backend.calls

    def test_a_retry_is_a_call_with_the_next_attempt_number(self):
        answers = iter([0, 0])
        with mock_secrets() as backend:
            client = backend.client()
            client.meta.events.register_first(
                "needs-retry.secrets-manager.CreateSecret", lambda **_: next(answers, None)
            )
            client.create_secret(Name="db", SecretString="s3cret")
            client.get_secret_value(SecretId="db")

        assert [(call.operation, call.attempt) for call in backend.calls] == [
            ("CreateSecret", 1),
            ("CreateSecret", 2),
            ("CreateSecret", 3),
            ("GetSecretValue", 1),
        ]
        assert len({call.request_id for call in backend.calls}) == 4
        assert len(backend["db"].versions) == 1


class TestSeed:
    def ids(self, **parameters):
        with mock_secrets(region="us-east-1", secrets={"seeded": "s3cret"}, **parameters) as backend:
            backend.client().create_secret(Name="db", SecretString="s3cret", ClientRequestToken="1" * 32)
            return [
                backend["seeded"].arn,
                backend["seeded"].versions[0].id,
                backend["db"].arn,
                backend.calls[0].request_id,
            ]

    @rows("parameters", [{}, {"seed": 5}, {"seed": "mine"}])
    def test_the_same_seed_gives_the_same_ids(self, parameters):
        assert self.ids(**parameters) == self.ids(**parameters)

    def test_a_different_seed_gives_different_ids(self):
        ids = [self.ids(seed=seed) for seed in (0, 1, "0", "mine")]

        assert all(len(set(same)) == 4 for same in zip(*ids, strict=True))
