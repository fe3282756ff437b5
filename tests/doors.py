"""Ways into the mock that need some preparation."""

from botocore import handlers


class without_hook:  # noqa: N801 - read as a phrase
    """A session made inside is like one that is older than the first import of mock_secrets."""

    def __enter__(self) -> None:
        self._before = list(handlers.BUILTIN_HANDLERS)
        handlers.BUILTIN_HANDLERS[:] = [entry for entry in self._before if entry[0] != "before-send.secrets-manager"]

    def __exit__(self, *_: object) -> None:
        handlers.BUILTIN_HANDLERS[:] = self._before
