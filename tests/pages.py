"""The code of the pages under docs/, and the project that a reader makes of it."""

import itertools
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))

_BLOCK = re.compile(
    r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<code>.*?)^```$', re.MULTILINE | re.DOTALL
)
_FENCED = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code.

    :ivar title: the file that the reader puts it in; None for a part of the page's own file.
    :ivar line: where its code begins in the page, from 1.
    """

    language: str
    title: str | None
    code: str
    line: int

    @property
    def commands(self) -> list[list[str]]:
        """What is to be typed, each as its words."""
        return [shlex.split(line, comments=True) for line in self.code.replace("\\\n", " ").splitlines() if line]


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(match["language"], match["title"], match["code"], text.count("\n", 0, match.start("code")) + 1)
        for match in _BLOCK.finditer(text)
    ]


def links(page: Path) -> list[str]:
    """Where its links lead, but for those to other sites."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    targets = [inline or by_name for inline, by_name in _LINK.findall(text)]
    return [target for target in targets if not urlsplit(target).scheme]


def anchors(page: Path) -> set[str]:
    """The anchors of its headings, as a repository's web view makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


class Reader:
    """The project of a reader who follows a page from its top, one block after the other.

    A block of Python without a title goes into a file of the page's name, at the line that it has in the page: an error
    then names the line to mend. One with a title goes to the end of that file.
    """

    def __init__(self, folder: Path, page: Path) -> None:
        self._folder = folder
        self.own = folder / f"test_{page.stem.replace('-', '_')}.py"
        self._own: list[str] = []

    def add_own(self, block: Block) -> None:
        self._own += [""] * (block.line - 1 - len(self._own)) + block.code.splitlines()
        self.own.write_text("\n".join([*self._own, ""]), encoding="utf-8")

    def add(self, block: Block) -> None:
        file = self._folder / str(block.title)
        file.parent.mkdir(parents=True, exist_ok=True)
        there = file.read_text(encoding="utf-8") + "\n\n" if file.exists() else ""
        file.write_text(there + block.code, encoding="utf-8")


def is_shown(shown: str, printed: str) -> bool:
    """Whether a page shows what is printed: the same lines, one after the other, but for what `...` leaves out.

    Durations, the widths of rules, and blanks at the ends of lines may differ.
    """
    rest = _even(printed)
    for part in _even(shown).split("..."):
        found = rest.find(part.strip())
        if found < 0:
            return False
        rest = rest[found + len(part.strip()) :]
    return True


def _even(text: str) -> str:
    text = re.sub(r"in \d+\.\d+s", "in N s", text)
    text = re.sub(r"([-=_])\1{3,}", r"\1\1\1\1", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def environments() -> set[str]:
    """The environments that tox.ini names, `async-{newest,oldest}` as each of them."""
    headers = re.findall(r"^\[testenv:(.+)\]$", (ROOT / "tox.ini").read_text(encoding="utf-8"), re.MULTILINE)
    return {name for header in headers for name in _expanded(header)}


def _expanded(header: str) -> list[str]:
    parts = [part.strip("{}").split(",") for part in re.split(r"(\{[^}]*\})", header)]
    return ["".join(chosen) for chosen in itertools.product(*parts)]
