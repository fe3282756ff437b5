"""Names and messages, made safe for a terminal or a page."""


def printable(text: str) -> str:
    """Escape characters that would be more than text: colour codes, direction marks, line breaks."""
    return text if text.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
