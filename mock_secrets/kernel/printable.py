"""Names and messages as a terminal or a page may show them."""


def printable(text: str) -> str:
    """A text but for what would be taken for more than a text: colours, marks of direction, the end of a line."""
    return text if text.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
