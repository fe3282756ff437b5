"""Names, numbers and messages as people read them, made safe for a terminal or a page."""


def printable(text: str) -> str:
    """Escape characters that would be more than text: colour codes, direction marks, line breaks."""
    return text if text.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is one."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
