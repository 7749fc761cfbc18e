"""The message catalogue: every text of the console, Chinese first.

Texts live in `messages/<language>/*.json`, one file for each part of the console. What the hub's
declarations name already (fields, codes, sources, purposes) is taken from there, in both languages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from hub.model import Title

Language = Literal["zh", "en"]
#: The first one is what everybody gets who has not chosen.
LANGUAGES: tuple[Language, ...] = ("zh", "en")
#: How a language is named to browsers.
TAGS: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language."""

    language: Language

    @property
    def tag(self) -> str:
        """Return the language as HTML names it."""
        return TAGS[self.language]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return a text of the catalogue, with the values that it names put in."""
        text = _catalogue(self.language)[key]
        return text.format_map(values) if values else text

    def title(self, title: Title) -> str:
        """Return a title that is declared in both languages."""
        return title.zh if self.language == "zh" else title.en

    def pick(self, zh: str, en: str) -> str:
        """Return the one of two texts that is in this language."""
        return zh if self.language == "zh" else en

    def half(self, both: str) -> str:
        """Return this language's half of a text that says the same in Chinese, then in English."""
        zh, mark, en = both.partition(" ")
        return self.pick(zh, en) if mark and not zh.isascii() else both


def words_of(said: str | None) -> Words:
    """Return the texts of the language asked for, or of the first one."""
    return Words(next((one for one in LANGUAGES if one == said), LANGUAGES[0]))


@cache
def meanings() -> Mapping[str, str]:
    """Return in Chinese what each public field and record type means; English is declared."""
    file = files("hub.web.console") / "messages" / "meanings.json"
    return MappingProxyType(json.loads(file.read_text(encoding="utf-8")))


@cache
def _catalogue(language: Language) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    folder = files("hub.web.console") / "messages" / language
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".json"):
            texts |= json.loads(file.read_text(encoding="utf-8"))
    return MappingProxyType(texts)
