"""aiobotocore clients for Secrets Manager, created without an event loop, which a fixture may not have."""

from functools import cache
from typing import Any


@cache
def _session() -> Any:
    # It can be shared, because no test can reach and change it, and because a mock lets no session keep credentials.
    from aiobotocore.session import AioSession

    return AioSession()


def async_client(**kwargs: Any) -> Any:
    """Return an aiobotocore client inside the mock. It opens no connection, so it need not be closed.

    :raises ModuleNotFoundError: if aiobotocore is not installed.
    """
    try:
        # The private method, because the public one also opens an HTTP session, which would never be used.
        making = _session()._create_client("secretsmanager", **kwargs)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"an async client needs aiobotocore, but {error.name} is not installed: run pip install aiobotocore",
            name=error.name,
        ) from None
    try:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
        making.send(None)
    except StopIteration as made:
        return made.value
    making.close()
    raise RuntimeError(
        "aiobotocore needs an event loop to create this client: create it yourself, with"
        " aiobotocore.session.get_session().create_client('secretsmanager')"
    )
