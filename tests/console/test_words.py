"""Every text comes from the catalogue, in both languages, and the catalogue holds nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from hub.golden import RULES
from hub.jobs.forms import words
from hub.store import corrections, deliveries
from hub.store.visible import ROLES
from hub.web import console
from hub.web.console import errors, filling, records
from hub.web.console.navigation import PLACES
from hub.web.console.words import LANGUAGES, Words, _catalogue
from hub.web.described import Mark
from schemas import MODELS
from schemas.field import Authority

FOLDER = Path(console.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").glob("*.html"))
#: Keys that are put together where they are used: the beginning, and how they may go on.
FAMILIES = {
    "language.": LANGUAGES,
    "language.tag.": LANGUAGES,
    "role.": ROLES,
    "type.": tuple(MODELS),
    "part.": (*(key for parts in records.PARTS.values() for key in parts), records.OTHERS),
    "mark.": get_args(Mark),
    "rule.": RULES,
    "cause.": (*records.CAUSES, "other"),
    "authority.": get_args(Authority),
    "delivery.": deliveries.STATES,
    "correction.": corrections.STATES,
    "components.kind.": ("plain", "good", "warning", "bad"),
    "welcome.wrong_": ("password", "again"),
    "forms.how.": get_args(words.How),
    "forms.teach.": filling.TAUGHT,
}
MADE = {
    *(f"{start}{end}" for start, ends in FAMILIES.items() for end in ends),
    *(f"mark.{mark}.means" for mark in get_args(Mark)),
    *(f"error.{status}.{part}" for status in errors.TOLD for part in ("title", "text")),
    *(f"relation.{role}.{end}" for role in (*records.ROLES, "other") for end in ("from", "to")),
    *(place.key for place in PLACES),
    "value.yes",
    "value.no",
}


def sources() -> Iterator[tuple[Path, str]]:
    for file in [*TEMPLATES, *sorted(FOLDER.glob("*.py")), FOLDER.parent / "api" / "login.py"]:
        yield file, file.read_text(encoding="utf-8")


def used() -> set[str]:
    """Return the keys that stand in templates and code as they are."""
    known = set(_catalogue("zh"))
    quoted = {
        key for _, text in sources() for key in re.findall(r'"([a-z_]+(?:\.[a-z0-9_]+)+)"', text)
    }
    called = {key for _, text in sources() for key in re.findall(r'\bt\("([^"]+)"\s*[,)]', text)}
    return called | (quoted & known)


def test_both_languages_have_the_same_texts() -> None:
    zh, en = (_catalogue(language) for language in LANGUAGES)
    assert set(zh) == set(en)
    for key, text in zh.items():
        named = (set(re.findall(r"\{[a-z]+\}", said)) for said in (text, en[key]))
        assert len(set(map(frozenset, named))) == 1, key
    untranslated = [key for key, text in en.items() if re.search("[\u3400-\u9fff]", text)]
    assert untranslated == ["language.zh"]
    plain = [key for key, text in zh.items() if not re.search("[\u3400-\u9fff]", text)]
    names = ["language.en", "language.tag.en", "language.tag.zh"]
    assert sorted(plain) == [*names, "record.between"]


def test_every_key_that_is_used_is_there_and_every_one_there_is_used() -> None:
    known = set(_catalogue("zh"))
    assert (used() | MADE) - known == set()
    assert known - used() - MADE == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_templates_hold_no_text_of_their_own(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    attributes = re.findall(r'\b(?:alt|title|placeholder|aria-label)="([^"]+)"', text)
    said = re.sub(r'<[^>]*>|[a-z-]+="[^"]*"', "", text)
    assert re.findall("[A-Za-z\u3400-\u9fff]+", said) == []
    assert [one for one in attributes if one.strip()] == []


def test_code_holds_no_text_for_people() -> None:
    for file in FOLDER.glob("*.py"):
        assert not re.search("[\u3400-\u9fff]", file.read_text(encoding="utf-8")), file.name


def test_half_of_a_rule_s_message_is_in_the_language_asked_for() -> None:
    both = "手机号不可读 The telephone number cannot be read"
    assert Words("zh").half(both) == "手机号不可读"
    assert Words("en").half(both) == "The telephone number cannot be read"
    assert Words("zh").half("nothing is said") == "nothing is said"
