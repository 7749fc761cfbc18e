"""Every text comes from the catalogue, in both languages, and the catalogue holds nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from hub.golden import RULES
from hub.jobs.forms import words
from hub.jobs.preview import Becomes
from hub.store import (
    care,
    corrections,
    deliveries,
    quality_figures,
    resident_requests,
    runs,
    share_requests,
)
from hub.store.judgements import VERDICTS, Against
from hub.store.share_materials import PARTS, Mode
from hub.store.visible import ROLES
from hub.web import console
from hub.web.api.sharing import DECISIONS
from hub.web.console import errors, filling, formats, maps, records
from hub.web.console.desk import audit, batches, home, labels, matches, requests, sharing
from hub.web.console.desk import corrections as desk_corrections
from hub.web.console.desk.places import DESK
from hub.web.console.navigation import PLACES
from hub.web.console.words import LANGUAGES, Language, Words, _catalogue, meanings
from hub.web.described import Mark
from schemas import MODELS, fields
from schemas.field import Authority, Sharing

FOLDER = Path(console.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))


def spelt(said: Iterable[str]) -> tuple[str, ...]:
    """Write words as they stand in keys."""
    return tuple(one.replace(" ", "_") for one in said)


#: Keys that are put together where they are used: the beginning, and how they may go on.
FAMILIES = {
    "language.": LANGUAGES,
    "language.tag.": LANGUAGES,
    "role.": ROLES,
    "type.": tuple(MODELS),
    "types.": tuple(MODELS),
    "part.": (*(key for parts in records.PARTS.values() for key in parts), records.OTHERS),
    "mark.": get_args(Mark),
    "rule.": RULES,
    "cause.": (*records.CAUSES, "other"),
    "authority.": get_args(Authority),
    "delivery.": deliveries.STATES,
    "correction.": corrections.STATES,
    "desk.todo.": (
        *(task.name for task in home.TASKS),
        *(f"{task.name}.hint" for task in home.TASKS),
    ),
    "desk.lasting.": ("days", "hours", "minutes", "seconds"),
    "run.state.": get_args(runs.State),
    "batch.state.": labels.STATES,
    "ledger.": batches.LEDGER,
    "fate.": (*labels.FATES, "unused"),
    "expectation.": labels.EXPECTATIONS,
    "quarantine.state.": ("open", "released"),
    "signal.state.": ("open", "closed"),
    "measure.": quality_figures.MEASURES,
    "catalogue.sharing.": get_args(Sharing),
    "today.": (*care.NEEDS, "due"),
    "count.": ("people", *maps.COUNTED, *(need.name for need in care.TO_VISIT)),
    "map.layer.": maps.DRAWN,
    "components.kind.": ("plain", "good", "warning", "bad"),
    "resident.kind.": resident_requests.KINDS,
    "resident.state.": resident_requests.STATES,
    "resident.step.": (*resident_requests.STATES, "source_erased", "source_kept"),
    "resident.by.": get_args(resident_requests.AskedBy),
    "resident.channel.": requests.CHANNELS,
    "resident.ask.": get_args(resident_requests.AskState),
    "resident.do.": requests.STEPS,
    "resident.means.": requests.STEPS,
    "resident.outcome.": ("changed", "words", "kept"),
    "verdict.": VERDICTS,
    "compare.": ("same", "different", "one_side", "masked"),
    "review.": (*spelt(matches.REVIEWS), "other"),
    "match.try.": ("same", "different"),
    "becomes.": (*get_args(Becomes), *(f"{one}.count" for one in get_args(Becomes))),
    "against.": get_args(Against),
    "check.": desk_corrections.ANSWERS,
    "share.state.": share_requests.STATES,
    "share.step.": (
        *("asked", "supplemented", "incomplete", "approved", "refused", "extended"),
        *("delivered", "withdrawn", "revoked"),
    ),
    "share.part.": PARTS,
    "share.mode.": get_args(Mode),
    "share.do.": DECISIONS,
    "share.means.": DECISIONS,
    "grant.state.": spelt(sharing.GRANT_STATES),
    "sent.kind.": (deliveries.UPDATE, deliveries.CORRECTION),
    "people.state.": ("let_in", "invited", "locked", "shut_out"),
    "people.": ("link", "lock", "unlock"),
    "action.": spelt(audit.ACTIONS),
    "about.": spelt((*audit.ABOUT, *audit.COUNTED)),
    "welcome.wrong_": ("password", "again"),
    "form.kind.": formats.KINDS,
    "form.field.": formats.FIELDS,
    "forms.how.": get_args(words.How),
    "forms.teach.": filling.TAUGHT,
}
MADE = {
    *(f"{start}{end}" for start, ends in FAMILIES.items() for end in ends),
    *(f"mark.{mark}.means" for mark in get_args(Mark)),
    *(f"error.{status}.{part}" for status in errors.TOLD for part in ("title", "text")),
    *(f"relation.{role}.{end}" for role in (*records.ROLES, "other") for end in ("from", "to")),
    *(place.key for place in (*PLACES, *DESK)),
    "value.yes",
    "value.no",
}


def sources() -> Iterator[tuple[Path, str]]:
    api = (FOLDER.parent / "api" / name for name in ("login.py", "matches.py"))
    for file in [*TEMPLATES, *sorted(FOLDER.rglob("*.py")), *api]:
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


def test_the_waterfall_s_picture_holds_no_text_of_its_own() -> None:
    for file in (FOLDER.parent / "waterfall.py", FOLDER.parent / "api" / "matches.py"):
        assert not re.search(
            '"[^"]*[\u3400-\u9fff]', file.read_text(encoding="utf-8").replace("Noto", "")
        )


def test_every_field_and_record_type_is_explained_in_chinese() -> None:
    known = {spec.name for model in MODELS.values() for spec in fields(model)}
    assert set(meanings()) == known | set(MODELS)
    assert [
        name for name, text in meanings().items() if not re.search("[\u3400-\u9fff].*。$", text)
    ] == []


def test_code_holds_no_text_for_people() -> None:
    for file in FOLDER.rglob("*.py"):
        assert not re.search("[\u3400-\u9fff]", file.read_text(encoding="utf-8")), file.name


def test_half_of_a_rule_s_message_is_in_the_language_asked_for() -> None:
    both = "手机号不可读 The telephone number cannot be read"
    assert Words("zh").half(both) == "手机号不可读"
    assert Words("en").half(both) == "The telephone number cannot be read"
    assert Words("zh").half("nothing is said") == "nothing is said"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_form_of_a_value_is_told_as_a_pattern(language: Language) -> None:
    t = Words(language)
    for model in MODELS.values():
        for spec in fields(model):
            told = formats.form_of(t, spec)
            assert not re.search(r"[\^$\[\]{}*+?\\|]", told), spec.name
            assert told not in (t("form.pattern"), t("form.any")), spec.name


def test_the_audit_has_words_for_whatever_is_written_into_it() -> None:
    """Actions that are written out where the audit is told; what is put together stands there."""
    written = {
        said
        for file in FOLDER.parents[1].rglob("*.py")
        for found in re.findall(
            r'(?:\.tell|_tell)\(\s*(?:access,\s*)?connection,\s*(?:access,\s*)?"([^"]+)"'
            r'|[( .]Entry\(\s*\w+,\s*"([a-z ]+)"',
            file.read_text(encoding="utf-8"),
        )
        for said in found
        if said
    }
    assert len(written) > 30
    assert written - set(audit.ACTIONS) == set()


@pytest.mark.parametrize(
    ("about", "zh", "en"),
    [
        ("20 grids", "20 个网格", "20 grids"),
        ("share request 7", "共享申请 7", "share request 7"),
        ("match 73-75", "配对 73-75", "match 73-75"),
        ("entry 3: contact_phone", "entry 3: contact_phone", "entry 3: contact_phone"),
        ("entries 1 to 3", "第 1 至 3 条", "entries 1 to 3"),
        (
            "read at 2026-11-22T04:05:06.789123+00:00",
            "读取于 2026-11-22 12:05",
            "read 2026-11-22 12:05",
        ),
    ],
)
def test_what_the_audit_is_about_is_said_in_the_reader_s_language(
    about: str, zh: str, en: str
) -> None:
    assert (audit.about_told(Words("zh"), about), audit.about_told(Words("en"), about)) == (zh, en)
