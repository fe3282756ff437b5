"""The members of responses, made from the model. Members without a value are left out, as AWS does."""

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
    """The response of nearly every write, with the version that it made, if any."""
    shown = {"ARN": secret.arn, "Name": secret.name}
    if version is not None:
        shown["VersionId"] = version.id
    return shown


def secret_value(secret: Secret, version: Version) -> Response:
    """The response of GetSecretValue."""
    shown: Response = {"ARN": secret.arn, "CreatedDate": version.created_at, "Name": secret.name}
    if version.value:
        shown["SecretBinary" if isinstance(version.value, bytes) else "SecretString"] = version.value
    shown["VersionId"] = version.id
    if version.labels:
        shown["VersionStages"] = stages(version.labels)
    return shown


def description(secret: Secret) -> Response:
    """The response of DescribeSecret, without replication."""
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
    """A rotation's members. All are absent until it is configured, and the dates also while it is off."""
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
    """The rules as given. After a rotation, AWS adds the days that it computes from a schedule expression."""
    computed = schedule.timetable.days_between if rotation.last_rotated_at is not None else None
    return _present(
        {
            "AutomaticallyAfterDays": schedule.days if schedule.days is not None else computed,
            "Duration": schedule.duration,
            "ScheduleExpression": schedule.expression,
        }
    )


def version_list(versions: Iterable[Version], token: str | None) -> Response:
    """The response of ListSecretVersionIds. A deprecated version has no VersionStages at all (recorded)."""
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
    """The NextToken member, present only if there are more pages."""
    return _present({"NextToken": token})


def list_entry(secret: Secret) -> Response:
    """An entry of ListSecrets: as in DescribeSecret, except for one member's name and the replicas (recorded)."""
    entry = description(secret)
    if "VersionIdsToStages" in entry:
        entry["SecretVersionsToStages"] = entry.pop("VersionIdsToStages")
    return entry


def replication_status(secret: Secret, store: Store) -> Response:
    """A primary's replicas, in the order in which they were added. The member is absent if there are none.

    Source of the order: community.aws, replication tests.
    """
    return _present({"ReplicationStatus": [_replica(replica, secret, store) for replica in secret.replicas.values()]})


def replication(secret: Secret, store: Store) -> Response:
    """The response of the operations on replicas."""
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
    """The members about a secret's primary or replica in another account."""
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

    GUESS: every recorded list is in the order of a Java HashSet, which is neither alphabetical nor the order in which
    the labels were attached.
    """
    labels = list(labels)
    if len(labels) < 2:
        return labels
    buckets = 16 if len(labels) <= 12 else 32
    return sorted(labels, key=lambda label: (_java_bucket(label, buckets), label))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.utc)


def _labelled(secret: Secret) -> list[Version]:
    """The versions that are not deprecated. The wire format sorts them by id, as in every recorded response."""
    return [version for version in secret.versions if version.labels]


def _tags(secret: Secret) -> Response:
    """Tags are absent until the first is set, and an empty list once all are removed (recorded: test_secret_tags)."""
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
