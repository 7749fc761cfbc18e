"""Matches and judgements as the API shows them: the shapes of answers, and writing them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from hub.jobs.explanation import Step
from hub.jobs.judgements import Heeded
from hub.jobs.preview import Affected, Becomes, Effect
from hub.store.judgements import Contradiction, Judgement, Verdict
from hub.store.match_reads import Match, Party
from hub.web.access import Access
from schemas import MODELS, Person


class Record(BaseModel):
    """A record by the name its source gives it, and the entity it belongs to."""

    source: str
    dataset: str
    key: str
    golden_id: str | None


class Matched(BaseModel):
    """A scored pair of records."""

    id: str = Field(examples=["17-42"])
    collection: str
    left: Record
    right: Record
    weight: float | None = Field(description="Bits for their being the same; null: never compared.")
    review: str | None = Field(description="Why a steward is asked; null: nobody is.")
    linked: bool = Field(description="Whether both belong to one entity.")
    judgement_id: int | None
    verdict: Verdict | None = Field(description="What a steward last said of them.")


class Sides(BaseModel):
    """What both records say of one field."""

    left: Any
    right: Any


class Stepped(BaseModel):
    """One step of the way to a pair's weight."""

    aspect: str = Field(examples=["name"])
    title: str
    left: str | None = Field(description="What was compared, as far as the caller may see it.")
    right: str | None
    level: str
    level_zh: str
    weight: float = Field(description="Bits that this step adds.")
    total: float


class Compared(Matched):
    """A pair of records side by side, and how it comes to its weight."""

    fields: dict[str, Sides]
    masked: list[str] = Field(description="Fields of which the caller sees only a part.")
    link: float | None = Field(description="From so many bits on a pair is linked.")
    ask: float | None = Field(description="From so many bits on a steward is asked.")
    steps: list[Stepped] = Field(description="Add up to the weight; the first is where all begin.")
    picture: str = Field(description="The same as a picture.", examples=["/v1/matches/…"])


class Against(BaseModel):
    """What stands against a judgement."""

    kind: Literal["apart", "together", "between"] = Field(
        description="`apart`: same, and yet two entities. `together`: different, and yet one. "
        "`between`: different, and yet further records are, or look, the same as both."
    )
    judgement_ids: list[int] = Field(description="Judgements that say otherwise.")
    records: list[Record] = Field(description="The records between.")


class Judged(BaseModel):
    """A steward's word on two records."""

    judgement_id: int
    collection: str
    left: Record
    right: Record
    verdict: Verdict
    reason: str
    said_by: str
    said_at: datetime
    ended_at: datetime | None = Field(description="When it was superseded or taken back.")
    ended_by: str | None
    contradiction: Against | None


class Moved(BaseModel):
    """What a judgement has done to an entity."""

    id: str
    collection: str
    change: str = Field(examples=["merged"])
    fields: list[str]
    members: list[str] = Field(description="Of a merge or split: the ids that it concerns.")


class Done(Judged):
    """A judgement that was heeded, and what it has changed."""

    changes: list[Moved]


class Flipped(BaseModel):
    """A golden field that would change."""

    before: Any
    after: Any


class Touched(BaseModel):
    """What would become of an entity."""

    id: str | None = Field(description="null: the entity would begin, with an id of its own.")
    collection: str
    becomes: Becomes
    into: list[str | None] = Field(description="Where its records would go.")
    before: list[Record]
    after: list[Record]
    fields: dict[str, Flipped]


class Previewed(BaseModel):
    """What something would change; nothing was changed."""

    dry_run: Literal[True]
    counts: dict[Becomes, int]
    entities: list[Touched]
    sources: list[str] = Field(description="Departments with a record of what would change.")


def tell_persons(
    access: Access, connection: Connection, action: str, about: Iterable[Party]
) -> None:
    """Write into the audit whose ids were shown: a person's id is a personal field itself."""
    letter = Person.letter
    shown = {one.golden_id for one in about if one.golden_id and one.golden_id[0] == letter}
    if shown:
        view = access.view(Person, {"person_id"}, values=False)
        access.tell(connection, action, view, sorted(shown), fields=["person_id"])


def record(party: Party) -> dict[str, Any]:
    """Write a record's name."""
    return {name: getattr(party, name) for name in Record.model_fields}


def match_id(match: Match) -> str:
    """Return the id of a pair."""
    return f"{match.left.record_id}-{match.right.record_id}"


def match_document(match: Match) -> dict[str, Any]:
    """Write a pair."""
    return {
        "id": match_id(match),
        "collection": MODELS[match.record_type].collection,
        "left": record(match.left),
        "right": record(match.right),
        "weight": match.weight,
        "review": match.review,
        "linked": match.linked,
        "judgement_id": match.judgement_id,
        "verdict": match.verdict,
    }


def step_document(step: Step, left: str | None, right: str | None) -> dict[str, Any]:
    """Write a step with what of it the caller may see."""
    return {
        "aspect": step.aspect,
        "title": step.title,
        "left": left,
        "right": right,
        "level": step.level,
        "level_zh": step.level_zh,
        "weight": step.weight,
        "total": step.total,
    }


def judgement_document(judgement: Judgement) -> dict[str, Any]:
    """Write a judgement."""
    plain = ("verdict", "reason", "said_by", "said_at", "ended_at", "ended_by")
    return {
        "judgement_id": judgement.judgement_id,
        "collection": MODELS[judgement.record_type].collection,
        "left": record(judgement.left),
        "right": record(judgement.right),
        **{name: getattr(judgement, name) for name in plain},
        "contradiction": judgement.contradiction and _against(judgement.contradiction),
    }


def _against(found: Contradiction) -> dict[str, Any]:
    records = [record(party) for party in found.thirds]
    return {"kind": found.kind, "judgement_ids": list(found.judgement_ids), "records": records}


def heeded_document(heeded: Heeded) -> dict[str, Any]:
    """Write a judgement with what it has changed; times as text, since the answer is kept."""
    said = judgement_document(heeded.judgement)
    for name in ("said_at", "ended_at"):
        said[name] = said[name] and said[name].isoformat()
    changes = [
        {
            "id": one.entity_id,
            "collection": MODELS[one.record_type].collection,
            "change": one.change,
            "fields": list(one.fields),
            "members": list(one.members),
        }
        for one in heeded.told
    ]
    return {**said, "changes": changes}


def preview_document(effect: Effect) -> dict[str, Any]:
    """Write what would change."""
    return {
        "dry_run": True,
        "counts": {name: effect.counts.get(name, 0) for name in get_args(Becomes)},
        "entities": [_touched(one) for one in effect.entities],
        "sources": list(effect.sources),
    }


def _touched(one: Affected) -> dict[str, Any]:
    return {
        "id": one.entity_id,
        "collection": MODELS[one.record_type].collection,
        "becomes": one.becomes,
        "into": list(one.into),
        "before": [record(party) for party in one.before],
        "after": [_after(party, one) for party in one.after],
        "fields": {flip.name: {"before": flip.before, "after": flip.after} for flip in one.flips},
    }


def _after(party: Party, one: Affected) -> dict[str, Any]:
    # An id that was made up for the preview alone would never be found again.
    return record(party) | {"golden_id": one.entity_id}
