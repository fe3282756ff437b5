"""Frames of the call stack: which line of the user's code led here, and which frames a report must not show."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import NamedTuple

_OURS = ("mock_secrets.",)
_BOTOCORE = ("botocore.", "aiobotocore.")
# Includes libraries that pass an application's calls on: the line that calls them says more than their own lines.
_BETWEEN = (
    *("botocore", "boto3", "aiobotocore", "s3transfer", "mock_secrets"),
    *("aws_secretsmanager_caching", "aws_lambda_powertools", "asyncio"),
)
# Modules that enter a block on behalf of another line: ExitStack, and TestCase.enterContext.
_ENTERING = ("contextlib", "unittest.case")
# The name of every client method inside botocore.
_METHOD = "_api_call"


class Line(NamedTuple):
    """A line of source code: ``file``, ``number`` and ``function``."""

    file: str
    number: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number} in {self.function}"


_is_elsewhere: ContextVar[bool] = ContextVar("_is_elsewhere", default=False)


@contextmanager
def called_from_elsewhere() -> Iterator[None]:
    """Note that the call comes from another process, so no line of this process led to it."""
    token = _is_elsewhere.set(True)
    try:
        yield
    finally:
        _is_elsewhere.reset(token)


def line_of_call() -> Line | None:
    """The line that called the client method being answered; None if another process called it.

    Looking at frames is slow, and the number of frames between a client method and here is nearly always the same, so
    the method is first looked for at the depth where it was last found. Use this only below a client method.
    """
    if _is_elsewhere.get():
        return None
    depth, method = _way
    try:
        frame = sys._getframe(depth)
    except ValueError:
        return _line_and_way()
    return _line_from(frame.f_back) if frame.f_code is method else _line_and_way()


_way: tuple[int, CodeType | None] = (0, None)


def _line_and_way() -> Line:
    global _way  # noqa: PLW0603 - one for the process
    frame: FrameType | None = sys._getframe(1)
    depth = 0
    while frame is not None and _known[frame.f_code.co_filename]:
        if frame.f_code.co_name == _METHOD:
            _way = depth, frame.f_code
            break
        frame = frame.f_back
        depth += 1
    return _line_from(frame)


def line_in_this_process() -> Line | None:
    """The same as :func:`calling_line`; None if another process made the call."""
    return None if _is_elsewhere.get() else calling_line()


def calling_line() -> Line:
    """The innermost line that belongs to neither the SDK nor this library."""
    return _line_from(sys._getframe(1))


def _line_from(frame: FrameType | None) -> Line:
    while frame is not None:
        file = frame.f_code.co_filename
        if not _known[file]:
            return Line(file, frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back
    return Line("<unknown>", 1, "<unknown>")


def is_between(file: str) -> bool:
    """Whether a file belongs to the SDK or this library."""
    return _known[file]


class _Known(dict[str, bool]):
    """A cache by file, since each call to the service walks over some twenty frames."""

    def __missing__(self, file: str) -> bool:
        self[file] = file.startswith(tuple(filter(None, [*map(_folder, _BETWEEN), *map(_file, _ENTERING)])))
        return self[file]


_known = _Known()


def own_part(error: BaseException) -> TracebackType | None:
    """The traceback of an error, from the first frame that belongs to neither the SDK nor this library."""
    part = error.__traceback__
    while part is not None and is_between(part.tb_frame.f_code.co_filename):
        part = part.tb_next
    return part


def _file(module: str) -> str | None:
    file: str | None = getattr(sys.modules.get(module), "__file__", None)
    return file


def _folder(package: str) -> str | None:
    file = _file(package)
    return f"{Path(file).parent}/" if file else None


def hide_frames(error: BaseException) -> None:
    """Make pytest leave out the frames that tell the reader nothing.

    These are the frames of this library, and those of botocore if the error passed through a call to Secrets Manager or
    comes from the network guard.
    """
    for frames in _tracebacks(error):
        is_ours = any(map(calls_secrets_manager, frames)) or (frames and _package(frames[-1]).startswith(_OURS))
        hidden = (*_OURS, *_BOTOCORE) if is_ours else _OURS
        for frame in frames:
            if _package(frame).startswith(hidden):
                frame.f_locals["__tracebackhide__"] = True


def client_calls(error: BaseException) -> list[FrameType]:
    """The frames of the Secrets Manager calls through which an error passed. They hold the arguments."""
    return [frame for frames in _tracebacks(error) for frame in frames if calls_secrets_manager(frame)]


def calls_secrets_manager(frame: FrameType) -> bool:
    """Whether it is the frame of a Secrets Manager client method, such as ``create_secret``."""
    if frame.f_code.co_name != _METHOD or not _package(frame).startswith(_BOTOCORE):
        return False
    meta = getattr(frame.f_locals.get("self"), "meta", None)
    model = getattr(meta, "service_model", None)
    return getattr(model, "service_name", None) == "secretsmanager"


def _package(frame: FrameType) -> str:
    """The module of a frame, with a dot at the end, like the package names in this module."""
    return f"{frame.f_globals.get('__name__')}."


def _tracebacks(error: BaseException) -> Iterator[list[FrameType]]:
    """The frames of an error, and of every error that led to it or is in its group."""
    seen: set[int] = set()
    errors: list[BaseException | None] = [error]
    while errors:
        one = errors.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        errors += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
        yield [frame for frame, _ in traceback.walk_tb(one.__traceback__)]
