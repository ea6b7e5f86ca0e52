"""Links between the texts lead somewhere: files, headings, pictures. What is elsewhere is not asked for."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

import pytest

from tests.docs.places import ROOT, made_pages, texts

FENCE = re.compile(r"^(`{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = ("http://", "https://", "mailto:")
MADE = {(ROOT / "docs" / "reference" / name).resolve() for name in made_pages()}


def prose(path: Path) -> str:
    """A text without its code, which only shows links."""
    return CODE.sub("", FENCE.sub("", path.read_text(encoding="utf-8")))


def anchors(path: Path) -> set[str]:
    """What its headings are called in addresses, as GitHub and Python-Markdown make it of ordinary headings."""
    plain = FENCE.sub("", path.read_text(encoding="utf-8"))
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", head).strip().lower()) for head in HEADING.findall(plain)}


def broken(path: Path) -> list[str]:
    """Links of a text that lead nowhere."""
    found = []
    for link in LINK.findall(prose(path)):
        if link.startswith(ELSEWHERE):
            continue
        place, _, anchor = urllib.parse.unquote(link).partition("#")
        target = (path.parent / place).resolve() if place else path
        if target in MADE and path.parent.name == "reference":
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("path", texts(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert broken(path) == []


def test_a_broken_link_would_be_seen(tmp_path: Path) -> None:
    text = tmp_path / "text.md"
    text.write_text("# A title, here\n[x](#a-title-here) [y](gone.md) ![z](text.md#nowhere) `[c](no.md)`\n")
    assert broken(text) == ["gone.md", "text.md#nowhere"]


def test_every_picture_is_shown_and_they_are_light() -> None:
    pictures = [*(ROOT / "docs").rglob("*.webp"), *(ROOT / "docs").rglob("*.png"), *(ROOT / "docs").rglob("*.svg")]
    shown = {(path.parent / link).resolve() for path in texts() for link in LINK.findall(prose(path))}
    assert set(pictures) <= shown
    assert sum(path.stat().st_size for path in pictures) < 4_000_000


def test_the_readme_takes_two_minutes() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 7 * 1024
