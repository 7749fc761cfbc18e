"""How address text is spelt: one width, no spaces, one dash, brackets told apart."""

from __future__ import annotations

import re

from schemas.chinese import settled

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−─~〜﹣_", "-"),
        **dict(zip("○◯棟號樓層園區門單", "〇〇栋号楼层园区门单", strict=True)),
        **dict(zip("[]{}【】〔〕〈〉《》", "()()()()()()", strict=True)),
        **dict.fromkeys(",;:。；：，", "、"),
    }
)
_DASHES = re.compile("-{2,}")
_SLASH = re.compile("(?<=[0-9A-Z])/(?=[0-9A-Z])")
_BRACKETS = re.compile(r"\(([^()]*)\)")
# What brackets hold is part of the name when it names a part of the compound, else an aside.
_PART_OF_NAME = re.compile(
    "[^0-9]{0,6}[东南西北中]|.{0,7}(?:区|期|苑|院|园|村|里|弄|栋|幢|座|号楼|单元)"
)
_ENDS = "、.-/·*?\"'“”‘’!"


def spelt(text: str) -> tuple[str, str]:
    """Give an address in its one spelling, and what stood in brackets beside it."""
    text = settled(text, "NFKC", spaces=False).upper().translate(_SIGNS)
    text = _DASHES.sub("-", _SLASH.sub("-", text))
    if "(" not in text:
        return text.strip(_ENDS), ""
    asides: list[str] = []

    def sort_out(found: re.Match[str]) -> str:
        inner = found.group(1).strip(_ENDS)
        if _PART_OF_NAME.fullmatch(inner):
            return inner
        if inner:
            asides.append(f"({inner})")
        return ""

    text = _BRACKETS.sub(sort_out, text).strip(_ENDS)
    return text, "".join(asides)
