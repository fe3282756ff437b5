import pytest


@pytest.fixture
def iam(secrets_backend):
    return secrets_backend.iam
