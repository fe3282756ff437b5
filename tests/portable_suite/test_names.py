"""Names that no other scenario has, and that a scenario can't tell from its own."""

import pytest
from conformance.portable.names import Names, of_a_run, of_a_scenario

PREFIX = of_a_scenario(of_a_run(), 7)
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
ABROAD = {"account": "999988887777", "region": "eu-west-1"}


@pytest.mark.parametrize(
    ("operation", "asked", "sent"),
    [
        ("CreateSecret", {"Name": "db", "SecretString": "db"}, {"Name": f"{PREFIX}db", "SecretString": "db"}),
        ("CreateSecret", {"Name": ""}, {"Name": ""}),
        ("CreateSecret", {"Name": 7}, {"Name": 7}),
        ("GetSecretValue", {"SecretId": f"{ARN}db-AbCdEf"}, {"SecretId": f"{ARN}{PREFIX}db-AbCdEf"}),
        ("GetSecretValue", {"SecretId": "arn:aws:s3:::db"}, {"SecretId": "arn:aws:s3:::db"}),
        ("BatchGetSecretValue", {"SecretIdList": ["a", "b"]}, {"SecretIdList": [f"{PREFIX}a", f"{PREFIX}b"]}),
        ("ListSecrets", {}, {"Filters": [{"Key": "name", "Values": [PREFIX]}]}),
        (
            "ListSecrets",
            {"Filters": [{"Key": "name", "Values": ["d", "!e"]}]},
            {"Filters": [{"Key": "name", "Values": [f"{PREFIX}d", f"!{PREFIX}e"]}]},
        ),
        (
            "PutResourcePolicy",
            {"SecretId": "db", "ResourcePolicy": f'{{"Resource": "{ARN}db-*"}}'},
            {"SecretId": f"{PREFIX}db", "ResourcePolicy": f'{{"Resource": "{ARN}{PREFIX}db-*"}}'},
        ),
    ],
)
def test_sent_names_are_translated_and_the_request_is_unchanged(operation, asked, sent):
    before = repr(asked)

    assert Names(PREFIX).out(operation, asked) == sent
    assert repr(asked) == before


def test_an_answer_shows_the_names_of_the_scenario():
    answer = {"ARN": f"{ARN}{PREFIX}db-AbCdEf", "Error": {"Message": f"the secret {PREFIX}db already exists."}}

    assert Names(PREFIX).back("CreateSecret", answer) == {
        "ARN": f"{ARN}db-AbCdEf",
        "Error": {"Message": "the secret db already exists."},
    }


def test_a_list_shows_only_the_secrets_of_the_scenario():
    answer = {"SecretList": [{"Name": "somebody's"}, {"Name": f"{PREFIX}db"}]}

    assert Names(PREFIX).back("ListSecrets", answer) == {"SecretList": [{"Name": "db"}]}


@pytest.mark.parametrize("length", [512, 513, 2048])
def test_a_name_at_the_length_limit_keeps_its_length(length):
    names = Names(PREFIX)

    sent = names.out("CreateSecret", {"Name": "n" * length})["Name"]
    arn = names.out("GetSecretValue", {"SecretId": f"{ARN}{'n' * length}-AbCdEf"})["SecretId"]

    assert len(sent) == length
    assert sent.startswith(PREFIX)
    assert arn == f"{ARN}{sent}-AbCdEf"
    assert names.restore(f"{arn} of {sent}") == f"{ARN}{'n' * length}-AbCdEf of {'n' * length}"


def test_account_and_region_are_translated_to_and_from_the_scenario_defaults():
    names = Names(PREFIX, **ABROAD)

    sent = names.out("GetSecretValue", {"SecretId": f"{ARN}db"})
    replica = names.out("ReplicateSecretToRegions", {"SecretId": "db", "AddReplicaRegions": [{"Region": "eu-west-1"}]})

    assert sent["SecretId"] == f"arn:aws:secretsmanager:eu-west-1:999988887777:secret:{PREFIX}db"
    assert replica["AddReplicaRegions"] == [{"Region": "us-east-1"}]
    assert names.back("GetSecretValue", {"ARN": sent["SecretId"], "SecretString": "eu-west-1"}) == {
        "ARN": f"{ARN}db",
        "SecretString": "eu-west-1",
    }


def test_no_two_scenarios_share_a_name():
    run = of_a_run()

    prefixes = [of_a_scenario(run, number) for number in range(5000)]

    assert len(set(prefixes)) == len(prefixes)
    assert all(prefix.startswith(run) for prefix in prefixes)
    assert of_a_run() != run
