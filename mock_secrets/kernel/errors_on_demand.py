"""The answer for each error code that a test may request by its code alone.

Sources: the recorded sentences in mock_secrets.kernel.errors; the documentation of the errors in the service's model;
"Common error types" in the AWS Secrets Manager API Reference. GUESS: the status 400 of errors about signatures and
tokens. That page says 403, but services of this protocol are reported to answer with 400.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from mock_secrets.kernel import errors
from mock_secrets.kernel.codes import AWSError


class Refusal(NamedTuple):
    """An error answer.

    :ivar message: AWS's sentence, as a format with ``principal``, ``action`` and ``resource``.
    :ivar message_key: the key of the sentence in the body.
    """

    code: str
    message: str
    status: int = 400
    message_key: str = "message"

    def about(self, **call: str) -> "Refusal":
        """The error with its message filled in for one call."""
        return self._replace(message=self.message.format_map(call))


def _recorded(kind: type[AWSError]) -> Refusal:
    return Refusal(kind.code, kind.sentence, kind.status, kind.message_key)


def _modelled(code: str, sentence: str, status: int = 400) -> Refusal:
    return Refusal(code, sentence, status, AWSError.message_key)


_ALL = (
    # --- The service's model ---
    _modelled(
        "DecryptionFailure", "Secrets Manager can't decrypt the protected secret text using the provided KMS key."
    ),
    _modelled(
        "EncryptionFailure",
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is"
        " available, enabled, and not in an invalid state.",
    ),
    _modelled("InternalServiceError", "An error occurred on the server side.", 500),
    _recorded(errors.InvalidNextToken),
    _modelled("InvalidParameterException", "The parameter name or value is invalid."),
    _modelled("InvalidRequestException", "A parameter value is not valid for the current state of the resource."),
    _recorded(errors.QuotaExceeded),
    _recorded(errors.PolicySyntax),
    _modelled(
        "PreconditionNotMetException",
        "The request failed because you did not complete all the prerequisite steps.",
    ),
    _recorded(errors.BroadAccess),
    _modelled("ResourceExistsException", "A resource with the ID you requested already exists."),
    _recorded(errors.SecretNotFound),
    # --- Common to all services ---
    _recorded(errors.NoIdentityPolicyAllows),
    Refusal("ExpiredTokenException", "The security token included in the request is expired"),
    Refusal("IncompleteSignatureException", "The request signature does not conform to AWS standards."),
    Refusal(
        "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.", 500
    ),
    Refusal(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access"
        " Key and signing method. Consult the service documentation for details.",
    ),
    _recorded(errors.NotSigned),
    Refusal("NotAuthorized", "You do not have permission to perform this action."),
    Refusal("OptInRequired", "The AWS access key ID needs a subscription for the service.", 403),
    Refusal("RequestAbortedException", "The request was aborted before a reply was sent back."),
    Refusal(
        "RequestEntityTooLargeException",
        "Problems with the request at the HTTP level. The request entity is too large.",
        413,
    ),
    Refusal(
        "RequestExpired",
        "The request reached the service more than 15 minutes after the date stamp on the request or more than 15"
        " minutes after the request expiration date (such as for pre-signed URLs), or the date stamp on the request is"
        " more than 15 minutes in the future.",
    ),
    Refusal(
        "RequestTimeoutException", "Problems with the request at the HTTP level. Reading the Request timed out.", 408
    ),
    _recorded(errors.UnreadableBody),
    Refusal("ServiceUnavailable", "The request has failed due to a temporary failure of the server.", 503),
    Refusal("ServiceUnavailableException", "The request has failed due to a temporary failure of the server.", 503),
    _recorded(errors.RateExceeded),
    Refusal("TooManyRequestsException", errors.RateExceeded.sentence, 429),
    _recorded(errors.UnknownOperation),
    Refusal("UnrecognizedClientException", "The security token included in the request is invalid."),
    Refusal("ValidationException", "The input fails to satisfy the constraints specified by an AWS service."),
)

#: The errors that a test can request, by code.
ON_DEMAND: Mapping[str, Refusal] = MappingProxyType({refusal.code: refusal for refusal in _ALL})
