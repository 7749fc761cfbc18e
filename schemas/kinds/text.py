"""Running text, names of persons, addresses of resources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from schemas.chinese import HAN, folded, has_private_character, settled, written_name
from schemas.kinds.kind import SILENT, Kind, Verdict


@dataclass(frozen=True)
class Text(Kind):
    """Running text of limited length, normalised; optionally without spaces, of one pattern."""

    max_length: int
    form: Literal["NFC", "NFKC"] = "NFC"
    pattern: str | None = None
    spaces: bool = True

    def verdict(self, said: str) -> Verdict:
        """Normalise form and white space; blank what is too long or does not fit the pattern."""
        text = settled(said, self.form, self.spaces)
        if not text or text in ("0", "０"):
            return SILENT
        if len(text) > self.max_length:
            return Verdict(None, "text.too_long")
        if self.pattern and re.fullmatch(self.pattern, text) is None:
            return Verdict(None, "text.unreadable")
        return Verdict(text, note="text.private_character" if has_private_character(text) else None)

    def json_schema(self) -> dict[str, Any]:
        """Describe the text: its length and, where there is one, its pattern."""
        schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": self.max_length}
        return schema | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


#: Names that stand for nobody; a person named so has no name.
PLACEHOLDER_NAMES = frozenset({
    "无名氏", "无名", "佚名", "某人", "业主", "住户", "待补充", "空置",
    "无姓名", "某某", "某某某", "测试", "测试人员", "测试用户", "测试数据",
    "未命名", "未知姓名", "姓名", "姓名不详", "不知道", "待定", "待补", "待核实", "未登记",
    "未提供", "空户", "空房", "无人", "匿名", "TEST", "TESTER", "XXX", "XX", "XXXX", "ADMIN",
})  # fmt: skip
_PLACEHOLDER = re.compile(r"(?:测试|TEST|无名氏)[人员用户姓名]*[A-Z0-9一二三四五六七八九十]*")
#: Han characters that no normalisation changes: nine names in ten, seen at once.
_PLAIN_NAME = re.compile("[\u4e00-\u9fff]{2,4}")
_HAN_SIGN = re.compile(f"[{HAN}]")


@dataclass(frozen=True)
class PersonName(Kind):
    """The name of a person as on the document; no character of it is ever replaced."""

    max_length: int = 50

    def verdict(self, said: str) -> Verdict:
        """Mend middle dots, widths and spaces; blank placeholders and what is no name."""
        if _PLAIN_NAME.fullmatch(said) and said[0] not in "测无" and said not in PLACEHOLDER_NAMES:
            return Verdict(said)
        name = written_name(said)
        if not name or name == "0":
            return SILENT
        if is_placeholder_name(name):
            return Verdict(None, "person_name.placeholder")
        if not _has_letter(name):
            return Verdict(None, "person_name.unreadable")
        if len(name) > self.max_length:
            return Verdict(None, "person_name.too_long")
        return Verdict(name, note=_doubt(name))

    def json_schema(self) -> dict[str, Any]:
        """Describe the name: text of limited length."""
        return {"type": "string", "minLength": 1, "maxLength": self.max_length}


def is_placeholder_name(name: str) -> bool:
    """Tell whether a name stands for nobody, such as 无名氏 or 测试1."""
    word = folded(name)
    return word in PLACEHOLDER_NAMES or _PLACEHOLDER.fullmatch(word) is not None


def _has_letter(name: str) -> bool:
    # `\w` would take a superscript digit for a letter; PostgreSQL does not.
    return _HAN_SIGN.search(name) is not None or any(map(str.isalpha, name))


def _doubt(name: str) -> str | None:
    if has_private_character(name):
        return "person_name.private_character"
    return "person_name.lost_character" if "?" in name or "\ufffd" in name else None


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(.*)", re.DOTALL)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:@\[\]]+)(?::[0-9]{0,5})?")
_ACCOUNT = re.compile(
    r"(?:(?<=[?&;/,])|^)(?:user(?:name)?|usr|account|login|pass(?:word|wd)?|pwd|psw|token|auth|"
    r"secret|api_?key|access_?key)=[^&;/?#,]*[&;,]?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Uri(Kind):
    """The address of a resource inside the government network, never with an account in it."""

    max_length: int = 500
    _safe: ClassVar[str] = "%:/?#[]@!$&'()*+,;=~-._"

    def verdict(self, said: str) -> Verdict:
        """Cut off credentials; blank what is no absolute address."""
        text = settled(said, "NFKC", spaces=False)
        # An authority that is no host, before a later @, is an account with a slash in it.
        clean = without_account(text)
        found = _SCHEME.fullmatch(clean)
        if found is None or _HOST.fullmatch(found.group(2)) is None or "@" in found.group(2):
            return Verdict(None, "uri.unreadable")
        address = quote(clean, safe=self._safe)
        if len(address) > self.max_length:
            return Verdict(None, "text.too_long")
        return Verdict(address, note=None if clean == text else "uri.credentials_removed")

    def json_schema(self) -> dict[str, Any]:
        """Describe the address: a URI of limited length."""
        return {"type": "string", "format": "uri", "maxLength": self.max_length}


def without_account(text: str) -> str:
    """Cut user names, passwords and tokens out of the address of a resource."""
    before = None
    while text != before:
        before = text
        found = _SCHEME.fullmatch(text)
        if found is None:
            return text
        scheme, authority, rest = found.groups()
        if "@" not in authority and "@" in rest and _HOST.fullmatch(authority) is None:
            authority, rest = "@", rest.rpartition("@")[2]
            authority, slash, rest = rest.partition("/")
            rest = slash + rest
        text = f"{scheme}://{authority.rpartition('@')[2]}{_ACCOUNT.sub('', rest)}"
    return text
