"""The credentials that sign requests while a mock is active: none are fetched for a call that will not leave.

A session without keys of its own uses those of the environment, or else the mock's, and forgets them when the mock
ends. The stand-ins replace private parts of botocore, so a contract test guards them.
"""

import copy
from collections.abc import Callable, MutableMapping
from functools import partial
from inspect import isawaitable
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.credentials import (
    ContainerProvider,
    CredentialResolver,
    Credentials,
    EnvProvider,
    InstanceMetadataProvider,
    ReadOnlyCredentials,
    RefreshableCredentials,
)
from botocore.exceptions import MetadataRetrievalError

from mock_secrets.aws.iam import ENVIRONMENT_KEY, administrator_key
from mock_secrets.transport import beside_moto, running
from mock_secrets.transport.configuration import has_own_files, profile_of
from mock_secrets.transport.environment import SECRET_KEY
from mock_secrets.transport.locks import one_at_a_time
from mock_secrets.transport.net import SERVICE_ID, is_loopback, may_leave
from mock_secrets.transport.patches import Patch


class _Frozen(ReadOnlyCredentials):  # type: ignore[misc]  # botocore has no types
    """Credentials that can also be awaited: aiobotocore awaits them, botocore does not."""

    def __await__(self) -> Any:
        return self
        yield


class _DummyCredentials(Credentials):  # type: ignore[misc]  # botocore has no types
    """Credentials that work for both botocore and aiobotocore."""

    def get_frozen_credentials(self) -> _Frozen:
        return _Frozen(self.access_key, self.secret_key, self.token)

    async def get_account_id(self) -> str | None:
        return getattr(self, "account_id", None)


_OF_THE_MACHINE = (InstanceMetadataProvider.METHOD, ContainerProvider.METHOD)

DUMMY = _DummyCredentials(ENVIRONMENT_KEY, SECRET_KEY, SECRET_KEY)


def _get_credentials(original: Any) -> Any:
    def get_credentials(self: Any) -> Any:
        found = _found_here(self)
        if found is None:
            return original(self)
        if self not in found:
            ways = _ways(self, original, EnvProvider)
            credentials = next(filter(None, (way() for way in ways)), DUMMY)
            _keep(self, credentials, found)
        return found[self]

    return get_credentials


def _get_credentials_async(
    original: Any,
) -> Any:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
    async def get_credentials(self: Any) -> Any:
        found = _found_here(self)
        if found is None:
            return await original(self)
        if self not in found:
            from aiobotocore.credentials import AioEnvProvider

            credentials = DUMMY
            for way in _ways(self, original, AioEnvProvider):
                # A provider added by the user may be synchronous.
                loaded = way()
                credentials = (await loaded if isawaitable(loaded) else loaded) or DUMMY
                if credentials is not DUMMY:
                    break
            _keep(self, credentials, found)
        return found[self]

    return get_credentials


def _found_here(session: Any) -> MutableMapping[Any, Any] | None:
    """Where the mock keeps the credentials that sessions find; None if the session has its own, or without a mock."""
    mock = running.mock
    if mock is None:
        # Wait for a mock that is ending to put the environment back.
        with one_at_a_time():
            pass
    return None if mock is None or session._credentials is not None else mock.credentials


def _ways(session: Any, original: Any, environment: Any) -> list[Callable[[], Any]]:
    """The allowed part of botocore's provider chain: the environment, and what the user has added.

    The other providers read real files or use the network.

    :param environment: the class of the provider that reads the environment.
    """
    if has_own_files(session):
        return [partial(original, session)]
    profile = partial(_of_profile, session)
    is_explicit = bool(session.instance_variables().get("profile"))
    if "credential_provider" in getattr(session._components, "_deferred", ()):
        # The chain was never created, so nobody has added to it. Once created, it would keep the present state.
        return [profile] if is_explicit else [environment().load, profile]
    chain = session.get_component("credential_provider")
    if not isinstance(chain, CredentialResolver):
        return [partial(original, session)]
    return [*(one.load for one in chain.providers if _is_environment_or_own(one)), profile]


def _of_profile(session: Any) -> Any:
    profile = profile_of(session)
    account_id = profile and profile.account_id
    return _DummyCredentials(administrator_key(account_id), SECRET_KEY, SECRET_KEY) if account_id else None


def _keep(session: Any, credentials: Any, found: MutableMapping[Any, Any]) -> None:
    # A session keeps credentials once it has found some, but must not keep these beyond the mock.
    session._credentials = None
    found[session] = credentials


def _is_environment_or_own(provider: Any) -> bool:
    is_botocores = type(provider).__module__.startswith(("botocore.", "aiobotocore."))
    return provider.METHOD == EnvProvider.METHOD or not is_botocores


def _load(original: Any) -> Any:
    """Skip the mock's key in the environment: a session that started to look before the mock would keep it."""

    def load(self: Any) -> Any:
        return None if _has_our_key(self) else original(self)

    return load


def _load_async(
    original: Any,
) -> Any:  # pragma: no cover - aiobotocore pins an older botocore: run by tox -e async-newest
    async def load(self: Any) -> Any:
        return None if _has_our_key(self) else await original(self)

    return load


def _has_our_key(provider: Any) -> bool:
    return bool(provider.environ.get(provider.ACCESS_KEY) == ENVIRONMENT_KEY)


def _sign(original: Any) -> Any:
    """For the signers of botocore and aiobotocore; the latter's method is a coroutine function."""

    def sign(self: Any, operation_name: str, request: AWSRequest, *args: Any, **kwargs: Any) -> Any:
        mock = running.mock
        if mock is None:
            return original(self, operation_name, request, *args, **kwargs)
        mock.look_again()
        signer = self if _may_sign(self, request, mock) else _signing_as_nobody(self)
        return original(signer, operation_name, request, *args, **kwargs)

    return sign


def _may_sign(signer: Any, request: AWSRequest, mock: running.Rules) -> bool:
    """Whether the signer may use its own credentials: they are at hand, or the request needs them."""
    credentials = signer._credentials
    if credentials is not None and not isinstance(credentials, RefreshableCredentials):
        return True
    service = signer._service_id.hyphenize()
    if service == SERVICE_ID:
        return False
    if credentials is not None and not credentials.refresh_needed():
        return True
    return may_leave(service, request.url, mock) or _are_motos(credentials)


def _are_motos(credentials: Any) -> bool:
    """Whether moto can supply the credentials, such as those of a role, but not those of the machine."""
    return credentials is not None and credentials.method not in _OF_THE_MACHINE and beside_moto.answers()


def _signing_as_nobody(signer: Any) -> Any:
    signer = copy.copy(signer)
    signer._credentials = DUMMY
    return signer


def _account_id(original: property) -> property:
    """Don't refresh for the account id, which botocore needs for a host name even before it signs."""

    def account_id(self: Any) -> Any:
        return original.__get__(self) if running.mock is None else self._account_id

    return property(account_id, original.fset)


def _get_account_id(original: Any) -> Any:
    async def get_account_id(self: Any) -> Any:
        return await original(self) if running.mock is None else self._account_id

    return get_account_id


def _assert_enabled(original: Any) -> Any:
    def assert_enabled(self: Any) -> None:
        if _is_metadata_refused():
            raise self._RETRIES_EXCEEDED_ERROR_CLS
        original(self)

    return assert_enabled


def _retrieve_credentials(original: Any) -> Any:
    """For the fetchers of botocore and aiobotocore; the latter's method is a coroutine function."""

    def retrieve_credentials(self: Any, full_url: str, *args: Any, **kwargs: Any) -> Any:
        if _is_metadata_refused() and not is_loopback(full_url):
            raise MetadataRetrievalError(
                error_msg="mock_secrets is active, so no credentials are fetched from the container"
            )
        return original(self, full_url, *args, **kwargs)

    return retrieve_credentials


def _is_metadata_refused() -> bool:
    mock = running.mock
    # Calls that may leave need real credentials.
    return mock is not None and not mock.passthrough


PATCHES = [
    Patch("botocore.session", "Session", "get_credentials", _get_credentials),
    Patch("aiobotocore.session", "AioSession", "get_credentials", _get_credentials_async),
    Patch("botocore.credentials", "EnvProvider", "load", _load),
    Patch("aiobotocore.credentials", "AioEnvProvider", "load", _load_async),
    Patch("botocore.signers", "RequestSigner", "sign", _sign),
    Patch("aiobotocore.signers", "AioRequestSigner", "sign", _sign),
    Patch("botocore.credentials", "RefreshableCredentials", "account_id", _account_id),
    Patch("aiobotocore.credentials", "AioRefreshableCredentials", "get_account_id", _get_account_id),
    Patch("botocore.utils", "IMDSFetcher", "_assert_enabled", _assert_enabled),
    Patch("botocore.utils", "ContainerMetadataFetcher", "_retrieve_credentials", _retrieve_credentials),
    Patch("aiobotocore.utils", "AioContainerMetadataFetcher", "_retrieve_credentials", _retrieve_credentials),
]
