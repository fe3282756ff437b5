"""CloudTrail records of KMS: what Secrets Manager did with keys on the caller's behalf.

Their form is that of two records of 2023, of GenerateDataKey and Decrypt with ``aws/secretsmanager`` by a user. GUESS:
the records of other keys, of roles and of Encrypt, and that refused uses of a key leave no record.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from mock_secrets.aws.kms import DEFAULT_ALIAS, SYMMETRIC, default_key_arn, place_of
from mock_secrets.aws.records import (
    SOURCE,
    ApiEvent,
    Event,
    KeyUse,
    Record,
    event_id,
    session_attributes,
    timestamp,
    user_identity,
)
from mock_secrets.aws.secret_names import SecretName, readings
from mock_secrets.kernel.arn import read_secret_arn

#: The calls that are recorded.
KMS_NAMES = frozenset({"Decrypt", "Encrypt", "GenerateDataKey"})

_ENDPOINT = "vpce-0123456789abcdef0"


class KmsEvent(NamedTuple):
    """One use of a key, as CloudTrail sees it."""

    call: ApiEvent
    use: KeyUse

    @property
    def name(self) -> str:
        return self.use.action

    @property
    def at(self) -> datetime:
        return self.call.at

    @property
    def error_code(self) -> None:
        return None

    @property
    def callers(self) -> list[str]:
        return self.call.callers

    @property
    def subjects(self) -> list[SecretName]:
        return readings(self.use.secret_arn)[-1:]

    def record(self, number: int) -> Record:
        request_id = event_id(f"{self.call.call.request_id} {self.name}", number)
        account_id, region, key_arn = self._key()
        return {
            "eventVersion": "1.08",
            "userIdentity": self._identity(),
            "eventTime": timestamp(self.at),
            "eventSource": "kms.amazonaws.com",
            "eventName": self.name,
            "awsRegion": region,
            "sourceIPAddress": SOURCE,
            "userAgent": SOURCE,
            "requestParameters": self._parameters(),
            "responseElements": None,
            "requestID": request_id,
            "eventID": event_id(request_id, number),
            "readOnly": True,
            "resources": [{"accountId": account_id, "type": "AWS::KMS::Key", "ARN": key_arn}],
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self.call.call.account_id,
            "vpcEndpointId": _ENDPOINT,
            "eventCategory": "Management",
        }

    def _key(self) -> tuple[str, str, str]:
        """The key's account, region and ARN."""
        place = place_of(self.use.key_id)
        if place is not None:
            return *place, self.use.key_id
        arn = read_secret_arn(self.use.secret_arn)
        assert arn is not None, "a KeyUse has the ARN of a secret"
        return arn.account_id, arn.region, default_key_arn(arn.region, arn.account_id)

    def _identity(self) -> dict[str, Any]:
        """The caller, with the temporary access key with which Secrets Manager calls KMS."""
        identity = user_identity(self.call)
        context = {"sessionIssuer": {}, "webIdFederationData": {}, "attributes": session_attributes(self.call)}
        own = identity.get("sessionContext", {})
        key = {"accessKeyId": f"ASIA{identity['accessKeyId'][4:]}"} if "accessKeyId" in identity else {}
        return {**identity, **key, "sessionContext": {**context, **own}, "invokedBy": SOURCE}

    def _parameters(self) -> dict[str, Any]:
        context = {"SecretARN": self.use.secret_arn, "SecretVersionId": self.use.version_id}
        if self.name == "Decrypt":
            return {"encryptionAlgorithm": SYMMETRIC, "encryptionContext": context}
        key_id = self.use.key_id if place_of(self.use.key_id) is not None else DEFAULT_ALIAS
        shown = {"keyId": key_id, "encryptionContext": context}
        if self.name == "Encrypt":
            return {**shown, "encryptionAlgorithm": SYMMETRIC}
        return {**shown, "keySpec": "AES_256"}


def kms_events(events: Iterable[Event]) -> Iterator[KmsEvent]:
    """The uses of keys, in the order of the calls that caused them."""
    return (KmsEvent(event, use) for event in events if isinstance(event, ApiEvent) for use in event.key_uses)
