"""Every sentence with which AWS refuses something.

Each class is one sentence, raised with the data that it shows. Its base class, in mock_secrets.kernel.codes, is the
error code. ``guessed`` marks a sentence for which no answer of AWS is on record: tests assert only the code of such an
error, never its text.
"""

from mock_secrets.kernel.codes import (
    AccessDeniedException,
    DecryptionFailure,
    EncryptionFailure,
    InvalidNextTokenException,
    InvalidParameterException,
    InvalidRequestException,
    LimitExceededException,
    MalformedPolicyDocumentException,
    MissingAuthenticationTokenException,
    PublicPolicyException,
    ResourceExistsException,
    ResourceNotFoundException,
    SerializationException,
    ThrottlingException,
    UnknownOperationException,
    ValidationException,
)

# --- Sentences: the request by itself ---


class ConstraintViolations(ValidationException):
    sentence = "{summary} detected: {violations}"


class InvalidName(ValidationException):
    sentence = (
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
    )


class UnreadableBody(SerializationException):
    sentence = "The request body is not a JSON object."
    guessed = True


class WrongType(SerializationException):
    sentence = "{found} can not be converted to {wanted}"
    guessed = True


class NotUnicode(SerializationException):
    sentence = "A string holds one half of a surrogate pair without the other."
    guessed = True


class UnknownOperation(UnknownOperationException):
    sentence = "The requested operation is not known."
    guessed = True


class NotSigned(MissingAuthenticationTokenException):
    sentence = "Missing Authentication Token"
    guessed = True


class ClientRequestTokenMissing(InvalidRequestException):
    sentence = "You must provide a ClientRequestToken value. We recommend a UUID-type value."


class ClientRequestTokenMissingForRotation(InvalidParameterException):
    sentence = ClientRequestTokenMissing.sentence


class BothValues(InvalidParameterException):
    sentence = "You can't specify both a binary secret value and a string secret value in the same secret."


class NoValue(InvalidRequestException):
    sentence = "You must provide either SecretString or SecretBinary."


class RateExceeded(ThrottlingException):
    sentence = "Rate exceeded"


# --- Sentences: what the caller may do ---


_NOT_AUTHORIZED = "User: {principal} is not authorized to perform: {action}{resource}"


class NoIdentityPolicyAllows(AccessDeniedException):
    sentence = f"{_NOT_AUTHORIZED} because no identity-based policy allows the {{action}} action"


class NoResourcePolicyAllows(AccessDeniedException):
    sentence = f"{_NOT_AUTHORIZED} because no resource-based policy allows the {{action}} action"


class DeniedByIdentityPolicy(AccessDeniedException):
    sentence = f"{_NOT_AUTHORIZED} with an explicit deny in an identity-based policy"


class DeniedByResourcePolicy(AccessDeniedException):
    sentence = f"{_NOT_AUTHORIZED} with an explicit deny in a resource-based policy"


class TagsLockOut(AccessDeniedException):
    sentence = "You can't change the tags of this secret so that you lose your own permission to it."
    guessed = True


# --- Sentences: keys ---


class KmsNotAllowed(AccessDeniedException):
    sentence = "Access to KMS is not allowed"


class InvalidKmsKey(InvalidParameterException):
    sentence = "The operation failed because of an invalid KMS key: {reason}"


class KmsKeyNotFound(InvalidKmsKey):
    guessed = True


_AS_KMS_SAYS = (
    "{reason} (Service: AWSKMS; Status Code: 400; Error Code: {kms_code}; Request ID: {request_id}; Proxy: null)"
)


class CannotDecrypt(DecryptionFailure):
    sentence = f"Secrets Manager can't decrypt the secret value: {_AS_KMS_SAYS}"


class CannotDecryptUnproven(CannotDecrypt):
    guessed = True


class CannotEncrypt(EncryptionFailure):
    sentence = f"Secrets Manager can't encrypt the secret value: {_AS_KMS_SAYS}"
    guessed = True


class KeyToEncryptWithMissing(CannotEncrypt):
    guessed = False


# --- Sentences: finding a secret, and the state it is in ---


class SecretNotFound(ResourceNotFoundException):
    sentence = "Secrets Manager can't find the specified secret."


class MarkedForDeletion(InvalidRequestException):
    sentence = "You can't perform this operation on the secret because it was marked for deletion."


class ReplicaIsReadOnly(InvalidParameterException):
    sentence = "Operation not permitted on a replica secret. Call must be made in primary secret's region."


class ManagedByService(InvalidRequestException):
    sentence = "This secret is managed by {service}, and you must use that service to update it."
    guessed = True


class DefaultKeyAcrossAccounts(InvalidRequestException):
    sentence = (
        "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS"
        " service key."
    )


# --- Sentences: creating ---


class SecretExists(ResourceExistsException):
    sentence = "The operation failed because the secret {name} already exists."


class NameScheduledForDeletion(InvalidRequestException):
    sentence = "You can't create this secret because a secret with this name is already scheduled for deletion."


class SystemTag(InvalidParameterException):
    sentence = "You can't modify system tags. Tag key: '{key}'."


class TooManyTags(InvalidParameterException):
    sentence = "A secret can have at most {limit} tags."
    guessed = True


class TagWithoutKey(InvalidParameterException):
    sentence = "A tag needs a key."
    guessed = True


class DuplicateTag(InvalidParameterException):
    sentence = "Duplicate tag key: '{key}'."
    guessed = True


# --- Sentences: deleting ---


class ForceWithWindow(InvalidParameterException):
    sentence = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."


class WindowOutOfRange(InvalidParameterException):
    sentence = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."


# --- Sentences: versions and staging labels ---


class TokenInUse(ResourceExistsException):
    sentence = (
        "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."
    )


class VersionNotFound(ResourceNotFoundException):
    sentence = "Secrets Manager can't find the specified secret value for VersionId: {version_id}"


class LabelNotFound(ResourceNotFoundException):
    sentence = "Secrets Manager can't find the specified secret value for staging label: {label}"


class LabelNotOnVersion(InvalidRequestException):
    sentence = "You provided a VersionStage that is not associated to the provided VersionId."


class CurrentCannotBeRemoved(InvalidParameterException):
    sentence = (
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed."
    )


class RemoveFromMissing(InvalidParameterException):
    sentence = (
        "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to version"
        " {version_id}, so you must explicitly reference that version in RemoveFromVersionId."
    )


class RemoveFromMismatch(InvalidParameterException):
    sentence = (
        "When you move staging label {label}, if you specify RemoveFromVersionId, it must be set to the version that"
        " currently has the staging label {label}."
    )


class NoVersionToMoveBetween(InvalidParameterException):
    sentence = "You must provide either MoveToVersionId or RemoveFromVersionId."
    guessed = True


class CurrentNeedsValue(InvalidParameterException):
    sentence = "Staging label AWSCURRENT can't be attached to version {version_id}, which has no value."
    guessed = True


class InvalidNextToken(InvalidNextTokenException):
    sentence = "The NextToken value is invalid."
    guessed = True


class QuotaExceeded(LimitExceededException):
    sentence = "The request failed because it would exceed one of the Secrets Manager quotas."
    guessed = True


# --- Sentences: passwords ---


class TypeExcluded(InvalidParameterException):
    sentence = "All characters of the desired type have been excluded."


class EverythingExcluded(InvalidParameterException):
    sentence = "All characters have been excluded from selection."


class PasswordTooShort(InvalidParameterException):
    sentence = "Password length is too short based on the required types."


# --- Sentences: listing and batches ---


class FilterWithoutKey(InvalidParameterException):
    sentence = "Invalid filter key"
    guessed = True


class FilterWithoutValues(InvalidParameterException):
    sentence = "Invalid filter values for key: {key}"
    guessed = True


class NeitherIdsNorFilters(InvalidParameterException):
    sentence = "You must specify either SecretIdList or Filters."
    guessed = True


class BothIdsAndFilters(InvalidParameterException):
    sentence = "You can't specify both SecretIdList and Filters."
    guessed = True


class PagesOfIds(InvalidParameterException):
    sentence = "You can specify MaxResults and NextToken only with Filters."
    guessed = True


# --- Sentences: resource policies ---


class PolicySyntax(MalformedPolicyDocumentException):
    sentence = "This resource policy contains a syntax error."


class UnsupportedPrincipal(MalformedPolicyDocumentException):
    sentence = "This resource policy contains an unsupported principal."


class InvalidServicePrincipal(MalformedPolicyDocumentException):
    sentence = "This resource policy contains an invalid service principal."


class BroadAccess(PublicPolicyException):
    sentence = "You can't attach a resource-based policy that allows broad access to the secret."


class OnlyDefaultPolicy(InvalidParameterException):
    sentence = "You can only modify the policy named default."
    guessed = True


class PolicyNotFound(ResourceNotFoundException):
    sentence = "Secrets Manager can't find the specified resource policy."
    guessed = True


class LockedOut(InvalidRequestException):
    sentence = "Your requested changes will not allow you to manage this secret in the future."
    guessed = True


# --- Sentences: replication ---


class InvalidReplicaRegion(InvalidParameterException):
    sentence = "Invalid replica region."


class ReplicaExists(InvalidParameterException):
    sentence = "The secret is already replicated to {region}."
    guessed = True


class NoSuchReplica(InvalidParameterException):
    sentence = "The secret has no replica in {region}."
    guessed = True


class NotAReplica(InvalidParameterException):
    sentence = "Operation not permitted on a secret that is not a replica."
    guessed = True


class ReplicasLeft(InvalidParameterException):
    sentence = "You can't delete secret {arn} that still has replica regions [{regions}]."


# --- Sentences: replication to another account ---


class CrossAccountReplicaIsReadOnly(InvalidParameterException):
    sentence = "Operation not permitted on a cross-account replica secret."
    guessed = True


class CrossAccountPrimaryAlone(InvalidParameterException):
    sentence = "You can't specify {member} for a cross-account replica secret."
    guessed = True


class CustomerKeyNeeded(InvalidParameterException):
    sentence = "A cross-account replica secret needs a customer managed KMS key."
    guessed = True


class InvalidCrossAccountArn(InvalidParameterException):
    sentence = "{arn} is not the ARN of a secret in another account in the same Region and partition."
    guessed = True


class NotItsReplica(InvalidRequestException):
    sentence = "Secret {arn} was not created as a cross-account replica of this secret."
    guessed = True


class NotPrimarysAccount(InvalidRequestException):
    sentence = "You must call this operation from the account that owns the primary secret."
    guessed = True


class NoSuchCrossAccountReplica(InvalidParameterException):
    sentence = "The secret has no cross-account replica {arn}."
    guessed = True


class CrossAccountReplicaLeft(InvalidParameterException):
    sentence = "You can't delete secret {arn} that still has a cross-account replica."
    guessed = True


class StillCrossAccountReplica(InvalidParameterException):
    sentence = "You can't delete secret {arn} that is still a cross-account replica."
    guessed = True


class ReplicationKeyUnusable(InvalidRequestException):
    sentence = "A KMS key can't be used for replication: {reason}"
    guessed = True


# --- Sentences: rotation ---


class FrequencyAndExpression(InvalidParameterException):
    sentence = "You cannot specify both rotation frequency and schedule expression together."


class InvalidScheduleExpression(InvalidParameterException):
    sentence = "Invalid schedule expression."


class RateInHoursOutOfRange(InvalidParameterException):
    sentence = "Rate in hour should be least 4 and less than 24."


class RateInDaysOutOfRange(InvalidParameterException):
    sentence = "Rate in day should be greater than 0 and less than 1000."


class DurationOutOfRange(InvalidParameterException):
    sentence = "Duration must be at least 1 hour, at most 24 hour."


class DurationBeyondRate(InvalidParameterException):
    sentence = "Duration cannot be greater than Rate in hour."


class WindowBeyondDay(InvalidParameterException):
    sentence = "Starting hour and duration must be within a day."


class InvalidRotationLambda(InvalidParameterException):
    sentence = (
        "Invalid rotation Lambda ARN. Ensure the ARN matches format"
        " arn:aws:lambda:{region}:{account_id}:function:<functionName>."
    )


class NoRotationLambda(InvalidRequestException):
    sentence = "No Lambda rotation function ARN is associated with this secret."


class LambdaNotInvocable(AccessDeniedException):
    sentence = (
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to"
        " the principal secretsmanager.amazonaws.com."
    )


class PreviousRotationIncomplete(InvalidRequestException):
    sentence = "A previous rotation isn't complete. That rotation will be reattempted."


class ManagedSecretTakesNoLambda(InvalidRequestException):
    sentence = "Rotation Lambda ARN is not supported for a service-managed secret."


class RotationTokenInUse(InvalidRequestException):
    sentence = "You can't use ClientRequestToken {token} because that value is already in use for a version."
    guessed = True


class RoleNotAssumable(InvalidRequestException):
    sentence = "Secrets Manager is unable to assume role {role_arn}."
    guessed = True
