"""What a judgement would change, in words: entities, their fields, and who would hear of it."""

from __future__ import annotations

from typing import Any

from hub.jobs.preview import Affected, Effect, Flip
from hub.store.match_reads import Party
from hub.web.console import shown
from hub.web.console.records import path_of
from hub.web.console.words import Words
from schemas import MODELS, Section, field


def effect_told(t: Words, effect: Effect) -> dict[str, Any]:
    """Write what would change."""
    counts = [
        t("becomes." + name + ".count", count=count)
        for name, count in effect.counts.items()
        if count
    ]
    return {
        "counts": counts,
        "entities": [_entity(t, one) for one in effect.entities],
        "sources": [shown.source_title(t, one) for one in effect.sources],
        "more": sum(effect.counts.values()) > len(effect.entities),
    }


def _entity(t: Words, one: Affected) -> dict[str, Any]:
    model = MODELS[one.record_type]
    return {
        "becomes": one.becomes,
        "kind": shown.type_title(t, model),
        "path": path_of(model, one.entity_id) if one.entity_id else None,
        "before": _parties(t, one.before),
        "after": _parties(t, one.after),
        "flips": [_flip(t, model, flip) for flip in one.flips if flip.before != flip.after],
        # Who says it, or whether others differ, changes there; the value does not.
        "marked": [_flip(t, model, flip)[0] for flip in one.flips if flip.before == flip.after],
    }


def _parties(t: Words, parties: tuple[Party, ...]) -> list[str]:
    return [f"{shown.source_title(t, one.source)} {one.key}" for one in parties]


def _flip(t: Words, model: type[Section], flip: Flip) -> tuple[str, str, str]:
    spec = field(model, flip.name)
    before, after = (shown.written(t, spec, value) for value in (flip.before, flip.after))
    return shown.title_of(t, spec), before, after
