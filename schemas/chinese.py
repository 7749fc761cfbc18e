"""How Chinese text is written: widths, spaces, middle dots, numerals, names.

Plain functions of one text, called once for each distinct value, and match keys of whole
columns. Nothing here knows of a field or a rule.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from schemas.distinct import Said, read_each

#: Han characters, private-use characters that stand for rare ones, and the ideographic zero.
HAN = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ue000-\uf8ff"
    "\U00020000-\U0003ffff\U000f0000-\U0010fffd"
)
#: The middle dot of names such as 买买提·艾力.
MIDDLE_DOT = "\u00b7"

# Zero-width characters, joiners, direction marks, soft hyphens, byte-order marks, controls.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\ud800-\udfff]"
)
#: What falls away at the ends of a value: white space of any kind and invisible characters.
EDGES = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DOTS = re.compile("[\u00b7\u0387\u2022\u2027\u2219\u22c5\u30fb\uff65\u2024\u25cf\u25aa]+")
_FULL_STOP_IN_NAME = re.compile(rf"(?<=[{HAN}])[.．﹒](?=[{HAN}])")
_SPACES_AT_DOT = re.compile(rf"\s*{MIDDLE_DOT}+\s*")
_SPACE_IN_HAN = re.compile(rf"(?<=[{HAN}?\ufffd])\s+(?=[{HAN}?\ufffd])")

_DIGITS = {
    **dict(zip("零〇○一二三四五六七八九", (0, 0, 0, *range(1, 10)), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖两", (*range(1, 10), 2), strict=True)),
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_NUMERAL = re.compile(f"[{''.join(_DIGITS)}{''.join(_UNITS)}廿卅]+")


def visible(text: str) -> str:
    """Drop characters that nobody sees and nobody meant."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def half_width(text: str) -> str:
    """Turn full-width Latin letters, digits and signs into plain ones; keep all else."""
    return text if text.isascii() else text.translate(_HALF_WIDTH)


def folded(text: str) -> str:
    """Fold a code, number or identifier: NFKC, nothing invisible, no white space, upper case."""
    if text.isascii() and text.isprintable():
        return "".join(text.split()).upper()
    before = None
    # Upper case and missing spaces make new neighbours that compose, hence the loop.
    while text != before:
        before = text
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        text = "".join(text.split()).upper()
    return text


def settled(text: str, form: Any = "NFC", spaces: bool = True) -> str:
    """Normalise running text until nothing changes: form, invisible characters, white space.

    Without ``spaces`` all white space goes, otherwise each run of it becomes one space.
    """
    if text.isascii() and text.isprintable() and "  " not in text and (spaces or " " not in text):
        return text.strip()
    joint = " " if spaces else ""
    if unicodedata.is_normalized(form, text) and _INVISIBLE.search(text) is None:
        words = text.split()
        if spaces or len(words) == 1:
            return joint.join(words)
    before = None
    # Removing one thing can bring others together that then compose, hence the loop.
    while text != before:
        before = text
        text = joint.join(unicodedata.normalize(form, _INVISIBLE.sub("", text)).split())
    return text


def has_private_character(text: str) -> bool:
    """Tell whether a character stands in the private-use area, as rare ones often do."""
    return not text.isascii() and _PRIVATE.search(text) is not None


def written_name(text: str) -> str:
    """Write a person's name in one way without replacing any character of it.

    Middle dots become U+00B7, spaces go between Han characters and stay single between words
    of Latin letters.
    """
    before = None
    while text != before:
        before = text
        text = settled(half_width(text))
        text = _FULL_STOP_IN_NAME.sub(MIDDLE_DOT, _DOTS.sub(MIDDLE_DOT, text))
        text = _SPACE_IN_HAN.sub("", _SPACES_AT_DOT.sub(MIDDLE_DOT, text)).strip(MIDDLE_DOT + " ")
    return text


def numeral(text: str) -> int | None:
    """Read a Chinese numeral: 十二, 一百零三, 五〇一; None if it is none."""
    if not text or _NUMERAL.fullmatch(text) is None:
        return None
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not any(sign in _UNITS for sign in text):
        return int("".join(str(_DIGITS[sign]) for sign in text))
    return _with_units(text)


def arabic(text: str) -> str:
    """Write every Chinese numeral in a text with Arabic digits: 三号楼 becomes 3号楼."""
    return text if text.isascii() else _NUMERAL.sub(lambda found: _arabic(found.group()), text)


def fold_names(names: Said) -> Said:
    """Make match keys of names: simplified, lower case, without dots, spaces and widths.

    Only for comparing: 昇 and 升 get one key, so a key is never shown and never stored as a name.
    """
    return read_each(names, _name_key)


def _with_units(text: str) -> int | None:
    total, digit = 0, None
    for sign in text:
        if sign in _UNITS:
            total += _UNITS[sign] * (1 if digit is None else digit)
            digit = None
        elif digit in (None, 0):
            digit = _DIGITS[sign]
        else:  # Two digits side by side beside units are no number: 三五十.
            return None
    return total + (digit or 0)


def _arabic(text: str) -> str:
    if any(sign in _UNITS for sign in text) or "廿" in text or "卅" in text:
        value = numeral(text)
        return text if value is None else str(value)
    return "".join(str(_DIGITS[sign]) for sign in text)


def _name_key(name: str) -> str:
    name = unicodedata.normalize("NFKC", written_name(name)).casefold()
    return "".join(_to_simplified().convert(name).replace(MIDDLE_DOT, "").split())


@cache
def _to_simplified() -> Any:
    # The dictionaries take a moment to load, and only matching needs them.
    from opencc import OpenCC

    return OpenCC("t2s")
