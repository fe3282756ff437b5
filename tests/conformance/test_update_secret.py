"""UpdateSecret, the heart of it."""

from conformance.fidelity import behaviour

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"


@behaviour(
    "UpdateSecret",
    "a new value makes a new version: AWSCURRENT moves to it, AWSPREVIOUS goes to the version it left",
    "AWS-VERIFIED",
    "LocalStack AWS-validated snapshot: test_update_secret_version_stages_current_previous",
)
def test_a_new_value_moves_current_and_previous(client):
    client.create_secret(Name="db", SecretString="one", ClientRequestToken=V1)

    answer = client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)

    assert answer["VersionId"] == V2
    assert client.describe_secret(SecretId="db")["VersionIdsToStages"] == {V1: ["AWSPREVIOUS"], V2: ["AWSCURRENT"]}
