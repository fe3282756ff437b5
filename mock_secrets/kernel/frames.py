"""Frames of the call stack: whose line of code led here, and which of them a report must not show."""

import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import NamedTuple

_BETWEEN = ("botocore", "boto3", "aiobotocore", "s3transfer", "mock_secrets")
# Modules that enter a block on behalf of a line: an ExitStack, a TestCase's enterContext.
_ENTERING = ("contextlib", "unittest.case")


class Line(NamedTuple):
    """A place in somebody's source."""

    file: str
    number: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number} in {self.function}"


def calling_line() -> Line:
    """The innermost line that is neither the SDK's nor this library's."""
    places = tuple(filter(None, [*map(_folder, _BETWEEN), *map(_file, _ENTERING)]))
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(places):
        frame = frame.f_back
    if frame is None:
        return Line("<unknown>", 1, "<unknown>")
    return Line(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def _file(module: str) -> str | None:
    file: str | None = getattr(sys.modules.get(module), "__file__", None)
    return file


def _folder(package: str) -> str | None:
    file = _file(package)
    return f"{Path(file).parent}/" if file else None


def hide_frames(error: BaseException) -> None:
    """Have pytest leave the frames out of its report whose arguments may hold a secret value.

    Those of this library; and those of botocore, where the error passed through a call of Secrets Manager.
    """
    seen: set[int] = set()
    errors: list[BaseException | None] = [error]
    while errors:
        one = errors.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        errors += [one.__cause__, one.__context__]
        frames = [frame for frame, _ in traceback.walk_tb(one.__traceback__)]
        hidden = ("mock_secrets.", "botocore.") if any(map(_calls_secrets_manager, frames)) else ("mock_secrets.",)
        for frame in frames:
            if str(frame.f_globals.get("__name__")).startswith(hidden):
                frame.f_locals["__tracebackhide__"] = True


def _calls_secrets_manager(frame: FrameType) -> bool:
    meta = getattr(frame.f_locals.get("self"), "meta", None)
    model = getattr(meta, "service_model", None)
    return frame.f_code.co_name == "_make_api_call" and getattr(model, "service_name", None) == "secretsmanager"
