"""Clients of aiobotocore for Secrets Manager, made without an event loop, since a fixture may have none."""

from functools import cache
from typing import Any


@cache
def _session() -> Any:
    # Nobody is given it, so nobody changes it; and a mock lets no session keep credentials.
    from aiobotocore.session import AioSession

    return AioSession()


def async_client(**kwargs: Any) -> Any:
    """A client of aiobotocore, inside the mock. It opens no connection, so it needs not be closed.

    :raises ModuleNotFoundError: if aiobotocore is not installed.
    """
    try:
        # The private method: the public one also opens the HTTP session, which nothing is sent by.
        making = _session()._create_client("secretsmanager", **kwargs)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"an async client needs aiobotocore, and {error.name} is not installed: pip install aiobotocore",
            name=error.name,
        ) from None
    try:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
        making.send(None)
    except StopIteration as made:
        return made.value
    making.close()
    raise RuntimeError(
        "aiobotocore waits for something while it makes this client: make it yourself, with"
        " aiobotocore.session.get_session().create_client('secretsmanager')"
    )
