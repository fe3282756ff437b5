"""Notes of exceptions (PEP 678), also on Python 3.10, where pytest reads them as well."""


def add_note(error: BaseException, note: str) -> None:
    """Give an error a note, unless it has it already."""
    notes = getattr(error, "__notes__", [])
    if note not in notes:
        error.__notes__ = [*notes, note]  # type: ignore[attr-defined, unused-ignore]
