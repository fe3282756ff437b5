"""Files of the repository that pages link to, as pages of the site: a hook of MkDocs.

A page links to `../tests/conformance/FIDELITY.md` or `../examples/test_rotation.py`, which is where the repository has it.
The site has such a file under `repository/`: Markdown as it is, anything else as a block of code.
"""

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SUFFIXES = {".py": "python", ".json": "json", ".toml": "toml", ".ini": "ini"}

# Neither an image nor anything in a block of code.
_LINK = re.compile(r"(?<!!)(?P<before>\]\(|^\[[^\]]+\]: )(?P<target>[^)\s]+)", re.MULTILINE)
_FENCED = re.compile(r"(^ *```.*?^ *```|`[^`\n]*`)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what pages link to, and what those link to."""
    todo = [Path(file.abs_src_path) for file in files.documentation_pages()]
    while todo:
        source = todo.pop()
        for target in _outside(source, source.read_text(encoding="utf-8")):
            uri = _uri(target)
            if files.get_file_from_path(uri) is None:
                files.append(_generated(config, uri, target))
                if target.suffix == ".md":
                    todo.append(target)
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Have links lead to where the site has what they are for."""
    here = PurePosixPath(page.file.src_uri)
    source = ROOT / here.relative_to("repository") if here.parts[0] == "repository" else DOCS / here
    if source.name.removesuffix(".md") != source.name and not source.exists():
        source = source.with_name(source.name.removesuffix(".md"))

    def moved(link: re.Match[str]) -> str:
        target = _target(source, link["target"])
        if target is None:
            return link[0]
        fragment = urlsplit(link["target"]).fragment
        path = os.path.relpath(_uri(target), here.parent)
        return f"{link['before']}{path}{'#' if fragment else ''}{fragment}"

    return "".join(
        part if part.startswith("`") or part.lstrip().startswith("```") else _LINK.sub(moved, part)
        for part in _FENCED.split(markdown)
    )


def _outside(source: Path, markdown: str) -> list[Path]:
    prose = _FENCED.sub("", markdown)
    targets = [_target(source, link["target"]) for link in _LINK.finditer(prose)]
    return [target for target in targets if target is not None and DOCS not in target.parents]


def _target(source: Path, link: str) -> Path | None:
    """The file of the repository that a link leads to; None for another site, an anchor, or a file that is not there."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or not parts.path:
        return None
    target = (source.parent / parts.path).resolve()
    return target if target.is_file() and ROOT in target.parents else None


def _uri(target: Path) -> str:
    if DOCS in target.parents:
        return target.relative_to(DOCS).as_posix()
    suffix = "" if target.suffix == ".md" else ".md"
    return f"repository/{target.relative_to(ROOT).as_posix()}{suffix}"


def _generated(config: MkDocsConfig, uri: str, target: Path) -> File:
    text = target.read_text(encoding="utf-8")
    if target.suffix != ".md":
        name = target.relative_to(ROOT).as_posix()
        text = f"# {name}\n\n````{SUFFIXES.get(target.suffix, 'text')}\n{text}````\n"
    return File.generated(config, uri, content=text, inclusion=InclusionLevel.NOT_IN_NAV)
