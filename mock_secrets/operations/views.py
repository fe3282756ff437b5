"""What the answers show of the model: members without a value are left out, as AWS leaves them out."""

from collections.abc import Iterable
from datetime import date, datetime, time, timezone
from typing import Any

from mock_secrets.model.links import LinkToPrimary, LinkToReplica
from mock_secrets.model.replicas import Replica
from mock_secrets.model.rotation import Rotation
from mock_secrets.model.schedule import Schedule
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Store
from mock_secrets.model.versions import Version
from mock_secrets.operations.registry import Response


def identity(secret: Secret, version: Version | None = None) -> Response:
    """What nearly every write answers, with the version that it made."""
    shown = {"ARN": secret.arn, "Name": secret.name}
    if version is not None:
        shown["VersionId"] = version.id
    return shown


def secret_value(secret: Secret, version: Version) -> Response:
    """What GetSecretValue answers."""
    shown: Response = {"ARN": secret.arn, "CreatedDate": version.created_at, "Name": secret.name}
    if version.value:
        shown["SecretBinary" if isinstance(version.value, bytes) else "SecretString"] = version.value
    shown["VersionId"] = version.id
    if version.labels:
        shown["VersionStages"] = stages(version.labels)
    return shown


def description(secret: Secret) -> Response:
    """What DescribeSecret answers."""
    return _present(
        {
            **identity(secret),
            "Description": secret.description,
            "KmsKeyId": secret.kms_key_id,
            "Type": secret.type,
            "OwningService": secret.owning_service,
            "PrimaryRegion": secret.primary_region,
            "CreatedDate": secret.created_at,
            "LastChangedDate": secret.changed_at,
            "LastAccessedDate": secret.accessed_on and midnight(secret.accessed_on),
            "DeletedDate": secret.deleted_at,
            "VersionIdsToStages": {version.id: stages(version.labels) for version in _labelled(secret)},
        }
    ) | {**_rotation(secret.rotation), **_tags(secret)}


def _rotation(rotation: Rotation | None) -> Response:
    """A rotation's members: all absent until it was configured, the dates also while it is off."""
    if rotation is None:
        return {}
    return {"RotationEnabled": rotation.enabled} | _present(
        {
            "RotationLambdaARN": rotation.lambda_arn,
            "RotationRules": rotation.schedule and _rules(rotation.schedule, rotation),
            "ExternalSecretRotationMetadata": rotation.external_metadata,
            "ExternalSecretRotationRoleArn": rotation.external_role_arn,
            "LastRotatedDate": rotation.last_rotated_at if rotation.enabled else None,
            "NextRotationDate": rotation.window and rotation.window.shown_date,
        }
    )


def _rules(schedule: Schedule, rotation: Rotation) -> Response:
    """The rules as they were given, and after a rotation the days that AWS computes from an expression."""
    computed = schedule.timetable.days_between if rotation.last_rotated_at is not None else None
    return _present(
        {
            "AutomaticallyAfterDays": schedule.days if schedule.days is not None else computed,
            "Duration": schedule.duration,
            "ScheduleExpression": schedule.expression,
        }
    )


def version_list(versions: Iterable[Version], token: str | None) -> Response:
    """What ListSecretVersionIds lists: a deprecated version has no VersionStages at all (recorded)."""
    entries = [
        _present(
            {
                "VersionId": version.id,
                "VersionStages": stages(version.labels),
                "CreatedDate": version.created_at,
                "LastAccessedDate": version.accessed_on and midnight(version.accessed_on),
                "KmsKeyIds": version.key_ids,
            }
        )
        for version in versions
    ]
    return {"Versions": entries} | next_token(token)


def next_token(token: str | None) -> Response:
    """The member that is there only while there is more."""
    return _present({"NextToken": token})


def list_entry(secret: Secret) -> Response:
    """What ListSecrets lists: as DescribeSecret, but for the name of one member and the replicas (recorded)."""
    entry = description(secret)
    if "VersionIdsToStages" in entry:
        entry["SecretVersionsToStages"] = entry.pop("VersionIdsToStages")
    return entry


def replication_status(secret: Secret, store: Store) -> Response:
    """A primary's replicas in the order in which they were added; a secret that has none, and a replica, show nothing.

    Source of the order: community.aws, replication tests.
    """
    return _present({"ReplicationStatus": [_replica(replica, secret, store) for replica in secret.replicas.values()]})


def replication(secret: Secret, store: Store) -> Response:
    """What the operations on replicas answer."""
    return {"ARN": secret.arn, "ReplicationStatus": []} | replication_status(secret, store)


def _replica(replica: Replica, primary: Secret, store: Store) -> Response:
    copy = store.region(primary.account_id, replica.region).get(primary.name)
    if copy is not None and not copy.is_replica_of(primary):
        copy = None
    read_on = copy and copy.accessed_on
    return _present(
        {
            "Region": replica.region,
            "KmsKeyId": copy.kms_key_id if copy else replica.kms_key_id,
            "Status": replica.status.value,
            "StatusMessage": replica.message,
            "LastAccessedDate": read_on and midnight(read_on),
        }
    )


def cross_account(secret: Secret) -> Response:
    """A secret's primary, or its replica, in another account."""
    primary, replica = secret.cross_account_primary, secret.cross_account_replica
    if primary is not None:
        return {"CrossAccountPrimary": {"PrimarySecretARN": primary.arn} | _link(primary)}
    if replica is None:
        return {}
    shown = _present({"ReplicaSecretARN": replica.arn, "ReplicationRoleARN": replica.role_arn}) | _link(replica)
    return {"CrossAccountReplicas": [shown]}


def _link(link: LinkToPrimary | LinkToReplica) -> Response:
    return _present({"ReplicationStatus": link.status.value, "StatusMessage": link.message})


def version_stages(version: Version) -> Response:
    """A version's labels; absent for a deprecated one (recorded for ListSecretVersionIds, GUESS elsewhere)."""
    return _present({"VersionStages": stages(version.labels)})


def stages(labels: Iterable[str]) -> list[str]:
    """Staging labels in the order in which AWS lists them.

    GUESS: every list on record is in the order of a Java HashSet, which is
    neither alphabetical nor the order of attachment.
    """
    labels = list(labels)
    if len(labels) < 2:
        return labels
    buckets = 16 if len(labels) <= 12 else 32
    return sorted(labels, key=lambda label: (_java_bucket(label, buckets), label))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.utc)


def _labelled(secret: Secret) -> list[Version]:
    """The versions that are not deprecated. Every recorded map of them is in the order of their ids, as on the wire."""
    return [version for version in secret.versions if version.labels]


def _tags(secret: Secret) -> Response:
    """Tags are absent until some were given, and an empty list once all are gone (recorded: test_secret_tags)."""
    if secret.tags is None:
        return {}
    return {"Tags": [{"Key": key, "Value": value} for key, value in secret.tags.items()]}


def _present(members: dict[str, Any]) -> Response:
    return {name: value for name, value in members.items() if value or value is False or value == 0}


def _java_bucket(text: str, buckets: int) -> int:
    hashed = 0
    for character in text:
        hashed = (31 * hashed + ord(character)) & 0xFFFFFFFF
    return (hashed ^ hashed >> 16) & (buckets - 1)
