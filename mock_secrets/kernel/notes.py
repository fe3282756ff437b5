"""Exception notes (PEP 678), also for Python 3.10, where pytest reads them too."""


def add_note(error: BaseException, note: str) -> None:
    """Add a note to an error, unless it already has it."""
    notes = getattr(error, "__notes__", [])
    if note not in notes:
        error.__notes__ = [*notes, note]  # type: ignore[attr-defined, unused-ignore]
