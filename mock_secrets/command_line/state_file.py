"""``--state FILE``: keeps a backend's state in a file, from one run of the server to the next."""

import json
import os
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from mock_secrets.command_line.failure import Failure
from mock_secrets.kernel.call import Call
from mock_secrets.kernel.plain import Damaged
from mock_secrets.operations import OPERATIONS
from mock_secrets.service.path import Service
from mock_secrets.service.saved_state import load, save


class StateFile:
    """The state file, and what of the state it already holds.

    It contains values, so only its owner can read it. It is replaced as a whole, so that it is never half written.
    """

    def __init__(self, path: Path) -> None:
        # The target of a symbolic link is replaced, not the link.
        self.path = path.resolve()
        self._service: Service | None = None
        self._last: object = None
        self._is_new = False
        self._state: dict[str, Any] = {}
        self._mark: tuple[int, ...] | None = None

    def load(self, service: Service, *, is_timeless: bool) -> None:
        """Load the file into a new backend, if it exists, and save that backend's state from now on.

        :param is_timeless: whether to ignore the time that passed while no server ran.
        :raises Failure: if the file can't be read, or is damaged.
        """
        text = self._read()
        if text is not None:
            try:
                data = json.loads(text)
                passed = timedelta(0) if is_timeless else _passed(data)
                load(service, data, passed)
            except (Damaged, ValueError, RecursionError) as error:
                reason = error if isinstance(error, Damaged) else "it is not JSON"
                raise Failure(
                    f"the state in {self.path} can't be read: {reason}. The file was not changed; move it away to"
                    " start afresh"
                ) from None
        self.turn_to(service)

    def turn_to(self, service: Service) -> None:
        """Save the state of this backend from now on."""
        self._service, self._last, self._is_new = service, None, True

    def keep(self) -> None:
        """Write the file if the state has changed.

        :raises Failure: if it can't be written, or another program has written it.
        """
        if self._service is not None and (self._is_new or self._has_changed(self._service)):
            self.write()

    def write(self) -> None:
        """Write the file.

        :raises Failure: if it can't be written, or another program has written it.
        """
        if self._service is None:
            return
        with self._service.lock:
            self._last, self._is_new = _latest(self._service), False
            state = save(self._service)
        if state != self._state:
            self._replace(json.dumps({**state, "written": datetime.now(timezone.utc).isoformat()}, indent=1))
            self._state = state

    def _has_changed(self, service: Service) -> bool:
        with service.lock:
            for happened in reversed(service.state.history):
                if happened is self._last:
                    break
                if not _only_reads(happened):
                    return True
            self._last = _latest(service)
        return False

    def _read(self) -> str | None:
        """Read the file, and remember which state of it was read.

        :returns: None if there is no file.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
            self._mark = self._mark_of_file()
        except FileNotFoundError:
            self._check_folder()
            return None
        except UnicodeDecodeError:
            return ""
        except OSError as error:
            raise Failure(f"the state in {self.path} can't be read: {error.strerror}") from None
        return text

    def _check_folder(self) -> None:
        if not self.path.parent.is_dir():
            raise Failure(f"the state can't be saved in {self.path}: its folder does not exist")

    def _replace(self, text: str) -> None:
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            if self._mark_of_file() != self._mark:
                raise Failure(
                    f"another program has changed {self.path}, perhaps a second server. The state of this server was"
                    " not saved"
                )
            # A server that was killed while writing may have left it behind.
            beside.unlink(missing_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
            self._mark = self._mark_of_file()
        except OSError as error:
            raise Failure(f"the state can't be saved in {self.path}: {error.strerror}") from None
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def _mark_of_file(self) -> tuple[int, ...] | None:
        """A mark by which to recognise the file written last; None if there is no file."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _passed(data: Any) -> timedelta:
    """The real time since the file was written; zero if the machine's clock was set back."""
    try:
        written = datetime.fromisoformat(data["written"])
        return max(timedelta(0), datetime.now(timezone.utc) - written)
    except (TypeError, KeyError, ValueError):
        # Loading the rest of the file reports what is wrong with it.
        return timedelta(0)


def _latest(service: Service) -> object:
    return service.state.history[-1] if service.state.history else None


def _only_reads(happened: object) -> bool:
    if not isinstance(happened, Call):
        return False
    operation = OPERATIONS.get(happened.operation)
    return happened.error is not None or operation is None or operation.reads
