"""What botocore's model of the service has."""

import pytest


def takes(operation, member):
    """Skip where botocore is older than the member."""
    from botocore.loaders import create_loader

    shapes = create_loader().load_service_model("secretsmanager", "service-2")["shapes"]
    return pytest.mark.skipif(
        member not in shapes[f"{operation}Request"]["members"], reason=f"botocore older than {operation}.{member}"
    )
