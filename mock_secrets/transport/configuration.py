"""What botocore sessions, new or old, find while a mock is active: a region, no files, and only the user's endpoint.

A session keeps what it has read, but what it finds here it forgets when the mock ends. The stand-ins replace private
parts of botocore, so a contract test guards them.
"""

import copy
import os
from typing import Any
from weakref import WeakSet

from botocore.exceptions import ProfileNotFound
from botocore.loaders import Loader
from botocore.session import Session

from mock_secrets.kernel.notes import add_note
from mock_secrets.kernel.profiles import Profile
from mock_secrets.transport import running
from mock_secrets.transport.locks import one_at_a_time
from mock_secrets.transport.patches import Patch

_FILES = ("config_file", "credentials_file")
_REAL_FILES = {name: Session.SESSION_VARIABLES[name][2] for name in _FILES}

_ANY_ENDPOINT = "AWS_ENDPOINT_URL"

# botocore's data files, read once per process.
_data: dict[Any, Any] = {}

_readers: WeakSet[Any] = WeakSet()


def has_own_files(session: Any) -> bool:
    """Whether the user has named configuration files since the mock started."""
    return any(session.get_config_variable(name) != os.devnull for name in _FILES)


def forget() -> None:
    """Make sessions read their files again, now that the mock has ended."""
    for session in list(_readers):
        session._config = session._profile_map = None
    _readers.clear()


def share_data(loader: Loader, search_path: str | None) -> Loader:
    """Make a loader use the process-wide cache.

    boto3 appends to the search path of its session's loader, so each session has its own loader; only data from the
    default paths is shared.
    """
    if not search_path:
        loader._cache = _data
    return loader


def _create_loader(original: Any) -> Any:
    def create_loader(search_path_string: str | None = None) -> Loader:
        loader = original(search_path_string)
        return loader if running.mock is None else share_data(loader, search_path_string)

    return create_loader


def profile_of(session: Any) -> Profile | None:
    """The mock's profile that a session uses, by its own parameter or by the environment; None if there is none."""
    mock = running.mock
    if mock is None or not mock.profiles:
        return None
    return mock.profiles.get(session.get_config_variable("profile"))


def _region(session: Any, value: Any, mock: running.Rules) -> Any:
    """The region of a session for which botocore itself found ``value``."""
    if value not in (None, mock.region) or session.instance_variables().get("region"):
        return value
    # The region in the environment is the mock's own, so the profile's takes precedence.
    profile = profile_of(session)
    return (profile and profile.region) or mock.region


def _get_config_variable(original: Any) -> Any:
    def get_config_variable(self: Any, logical_name: str, methods: Any = None) -> Any:
        value = original(self, logical_name, methods)
        mock = running.mock
        if mock is None:
            return value
        if logical_name == "region":
            return _region(self, value, mock)
        if logical_name in _FILES:
            # Also noted for a session that started to read before the mock started.
            _readers.add(self)
            # If a test has cleared the environment, botocore falls back to the real files.
            return os.devnull if value == _REAL_FILES[logical_name] else value
        return value

    return get_config_variable


def _full_config(original: property) -> property:
    def full_config(self: Any) -> Any:
        mock = running.mock
        if mock is not None:
            # Creating a client always passes through here, whatever session creates it.
            mock.look_again()
        config = self._config
        return _read(self, original.__get__) if config is None else config

    return property(full_config)


def _build_profile_map(original: Any) -> Any:
    def build_profile_map(self: Any) -> Any:
        profile_map = self._profile_map
        return _read(self, original) if profile_map is None else profile_map

    return build_profile_map


def _read(session: Any, original: Any) -> Any:
    # Not while a mock starts or ends: the session would keep what it should forget.
    with one_at_a_time():
        _readers.add(session)
        read = original(session)
        if running.mock is not None:
            # Forgotten together with what the session has read.
            session._config["profiles"].update({name: {} for name in running.mock.profiles})
        return read


def _get_scoped_config(original: Any) -> Any:
    def get_scoped_config(self: Any) -> Any:
        try:
            return original(self)
        except ProfileNotFound as error:
            if running.mock is not None:
                name = self.get_config_variable("profile")
                add_note(
                    error,
                    "mock_secrets reads no configuration files: define the profile with"
                    f" mock_secrets(profiles=[{name!r}])",
                )
            raise

    return get_scoped_config


def _provide(original: Any) -> Any:
    """Hide the mock's own endpoint variable, which is meant for other processes, from clients of this process."""

    def provide(self: Any) -> Any:
        found, mock = original(self), running.mock
        if found is None or mock is None or found != mock.endpoint_of_others:
            return found
        without_ours = copy.copy(self)
        # The only other variable that botocore reads here.
        without_ours._environ = {name: os.environ[name] for name in (_ANY_ENDPOINT,) if name in os.environ}
        return original(without_ours)

    return provide


PATCHES = [
    Patch("botocore.session", "", "create_loader", _create_loader),
    Patch("botocore.session", "Session", "get_config_variable", _get_config_variable),
    Patch("botocore.session", "Session", "full_config", _full_config),
    Patch("botocore.session", "Session", "_build_profile_map", _build_profile_map),
    Patch("botocore.session", "Session", "get_scoped_config", _get_scoped_config),
    Patch("botocore.configprovider", "ConfiguredEndpointProvider", "provide", _provide),
]
