from datetime import datetime, timezone

import pytest

from mock_secrets import SecretsBackend

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def kms(secrets_backend):
    return secrets_backend.kms


@pytest.fixture
def backend():
    """A backend whose clock stands still, and whose keys are only those that were made."""
    return SecretsBackend(at=NOON, kms="strict")
