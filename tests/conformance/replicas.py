"""What a replica has of its primary."""

import json
from datetime import datetime, timezone

from conformance.policies import policy
from conformance.raw import all_versions, members

V1 = "11111111-1111-4111-8111-111111111111"
V2 = "22222222-2222-4222-8222-222222222222"
V3 = "33333333-3333-4333-8333-333333333333"
REPLICA = "Any operation: on a replica"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POLICY = policy(Principal={"AWS": "111122223333"})
STANDALONE = "AWS User Guide, promoting a replica"


def create_with_history(client, backend):
    """A secret "db" with V1 AWSPREVIOUS and "blue", V2 AWSCURRENT, a tag and a policy, and an InSync replica of it."""
    arn = client.create_secret(
        Name="db", SecretString="one", ClientRequestToken=V1, Description="words", Tags=[{"Key": "a", "Value": "b"}]
    )["ARN"]
    client.update_secret(SecretId="db", SecretString="two", ClientRequestToken=V2)
    client.update_secret_version_stage(SecretId="db", VersionStage="blue", MoveToVersionId=V1)
    client.put_resource_policy(SecretId="db", ResourcePolicy=json.dumps(POLICY))
    client.replicate_secret_to_regions(SecretId="db", AddReplicaRegions=[{"Region": "eu-west-1"}])
    backend.clock.advance(seconds=30)
    return arn


def look(client):
    """What a replica has of its primary."""
    described = members(client.describe_secret(SecretId="db"))
    versions = {version["VersionId"]: version for version in all_versions(client, IncludeDeprecated=True)}
    shown = ["Name", "Description", "Type", "Tags", "LastChangedDate", "VersionIdsToStages", "PrimaryRegion"]
    return [
        {name: described.get(name) for name in shown},
        {version_id: version["CreatedDate"] for version_id, version in versions.items()},
        {version_id: _value(client, version_id) for version_id in versions},
        client.get_resource_policy(SecretId="db").get("ResourcePolicy"),
    ]


def _value(client, version_id):
    answer = client.get_secret_value(SecretId="db", VersionId=version_id)
    return answer.get("SecretString", answer.get("SecretBinary"))
