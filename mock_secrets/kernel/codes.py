"""AWS's error codes, a class for each. The sentences are in mock_secrets.kernel.errors."""

from typing import ClassVar


class AWSError(Exception):
    """An error as AWS returns it, with ``code``, ``message`` and HTTP ``status``."""

    code: ClassVar[str]
    sentence: ClassVar[str]
    guessed: ClassVar[bool] = False
    status: ClassVar[int] = 400
    # The key of the sentence in the body. In recorded answers, errors of the service's own model have a capital letter,
    # those of the framework in front of it a small one.
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
    """The request violates a constraint of the service's model."""

    message_key = "message"


class AccessDeniedException(AWSError):
    """The caller is not allowed to do this, or Secrets Manager is not on the caller's behalf."""


class SerializationException(AWSError):
    """The body is not valid input for the operation."""


class UnknownOperationException(AWSError):
    """The target header names no operation of the service."""


class MissingAuthenticationTokenException(AWSError):
    """The request is not signed."""


class ThrottlingException(AWSError):
    """The caller has sent too many requests."""

    message_key = "message"


# --- Codes of the service's model ---


class InvalidParameterException(AWSError):
    """A parameter, or a combination of parameters, is not allowed."""


class InvalidRequestException(AWSError):
    """The request does not fit the present state of the secret."""


class InvalidNextTokenException(AWSError):
    """A pagination token was not issued by this operation."""


class MalformedPolicyDocumentException(AWSError):
    """Secrets Manager does not accept this resource policy."""


class PublicPolicyException(AWSError):
    """A resource policy would allow public access, and the caller asked to block that."""


class DecryptionFailure(AWSError):
    """The key of a version can't be used to read it."""


class EncryptionFailure(AWSError):
    """The key of a secret can't be used to store a value."""


class LimitExceededException(AWSError):
    """A quota of Secrets Manager would be exceeded."""


class ResourceExistsException(AWSError):
    """The resource to create already exists."""


class ResourceNotFoundException(AWSError):
    """The named resource could not be found."""
