"""The codes of the errors that AWS answers with, each a class; its sentences are in mock_secrets.kernel.errors."""

from typing import ClassVar


class AWSError(Exception):
    """An error as AWS answers it: a code, a sentence and an HTTP status."""

    code: ClassVar[str]
    sentence: ClassVar[str]
    guessed: ClassVar[bool] = False
    status: ClassVar[int] = 400
    # The key of the sentence in the body. Errors of the service's own model are
    # recorded with a capital, those of the framework before it without.
    message_key: ClassVar[str] = "Message"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if AWSError in cls.__bases__:
            cls.code = cls.__name__

    def __init__(self, **data: object) -> None:
        self.data = data
        self.message = self.sentence.format_map(data)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


# --- Codes that are not in the service's model ---


class ValidationException(AWSError):
    """The request breaks a constraint of the service's model."""

    message_key = "message"


class AccessDeniedException(AWSError):
    """The caller may not do this, or Secrets Manager may not in the caller's name."""


class SerializationException(AWSError):
    """The body is not what the operation takes."""


class UnknownOperationException(AWSError):
    """The target header names nothing that the service has."""


class MissingAuthenticationTokenException(AWSError):
    """The request is not signed."""


class ThrottlingException(AWSError):
    """There were too many requests."""

    message_key = "message"


# --- Codes of the service's model ---


class InvalidParameterException(AWSError):
    """A parameter, or a combination of parameters, is not allowed."""


class InvalidRequestException(AWSError):
    """The request does not fit the present state of the secret."""


class InvalidNextTokenException(AWSError):
    """A pagination token is not one that this operation gave out."""


class MalformedPolicyDocumentException(AWSError):
    """A resource policy is not one that Secrets Manager can take."""


class PublicPolicyException(AWSError):
    """A resource policy would let everybody in, and the caller asked to have that refused."""


class DecryptionFailure(AWSError):
    """The key of a version can't be used to read it."""


class EncryptionFailure(AWSError):
    """The key of a secret can't be used to store a value."""


class LimitExceededException(AWSError):
    """A quota of Secrets Manager would be exceeded."""


class ResourceExistsException(AWSError):
    """What was to be made exists."""


class ResourceNotFoundException(AWSError):
    """What was named could not be found."""
