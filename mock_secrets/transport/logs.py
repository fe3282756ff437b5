"""Keeps the bodies of Secrets Manager requests out of botocore's log."""

import logging

from botocore.model import OperationModel

from mock_secrets.kernel.redaction import REDACTED, are_shown

# aiobotocore uses it too. A response's body needs no filter: its repr shows nothing.
_SERVICE = "secretsmanager"
_LOGGER = logging.getLogger("botocore.endpoint")


def hide_bodies() -> None:
    """Leave the bodies of requests out of botocore's log."""
    _LOGGER.addFilter(_without_body)


def show_bodies() -> None:
    _LOGGER.removeFilter(_without_body)


def _without_body(record: logging.LogRecord) -> bool:
    match record.args:
        case (OperationModel() as operation, dict() as request) if operation.service_model.service_name == _SERVICE:
            if are_shown():
                return True
            record.args = (operation, {**request, "body": REDACTED})
    return True
