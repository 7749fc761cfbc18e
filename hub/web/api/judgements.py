"""Stewards' judgements: said, listed, taken back; tried out first, if wanted."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import Response

from hub.jobs import judgements as jobs
from hub.jobs.explanation import link_weights
from hub.jobs.preview import Effect
from hub.store.judgements import Asked as Wanted
from hub.store.judgements import Judgement, Verdict, get_judgement, list_judgements
from hub.store.match_reads import Party, numbers_of
from hub.store.visible import View, may_judge, need_matches
from hub.web.access import Access, Reader, Writer
from hub.web.asked import Asked, CursorText, Limit, Number, Words, read_cursor
from hub.web.described import page_model
from hub.web.matched import (
    Done,
    Judged,
    Previewed,
    heeded_document,
    judgement_document,
    preview_document,
    tell_persons,
)
from hub.web.once import Answer, MaybeIdempotencyKey, once
from hub.web.problems import Problem, invalid
from hub.web.routes import answer, answers, page, router
from schemas import COLLECTIONS, MODELS

routes = router("matching")

_COLLECTIONS: dict[str, JsonValue] = {"enum": [*COLLECTIONS]}


class RecordAsked(Asked):
    """Parameters of lists that can be narrowed down to one record of a source."""

    collection: str | None = Field(None, json_schema_extra=_COLLECTIONS)
    source: Words | None = Field(None, max_length=60)
    dataset: Words | None = Field(None, max_length=60)
    key: Words | None = Field(
        None, max_length=400, description="Key of a record or its row, with source and dataset."
    )
    limit: Limit = 100
    cursor: CursorText | None = None

    def types(self) -> list[str]:
        """Return the record types that are asked for."""
        if self.collection is None:
            return list(MODELS)
        if self.collection not in COLLECTIONS:
            raise invalid("there is no such collection", parameter="collection")
        return [COLLECTIONS[self.collection].record_type]

    def named(self) -> tuple[str, str, str] | None:
        """Return the record that is asked for, named in full, or None."""
        said = (self.source, self.dataset, self.key)
        if None not in said:
            return str(self.source), str(self.dataset), str(self.key)
        if any(said):
            raise invalid("a record is named by source, dataset and key", parameter="key")
        return None


class JudgementsAsked(RecordAsked):
    """Parameters of the list of judgements."""

    live: bool | None = Field(None, description="Only those that count, or only former ones.")
    verdict: Verdict | None = None
    said_by: Words | None = Field(None, max_length=80)
    contradicted: bool = Field(False, description="Only those that something stands against.")


class Named(BaseModel):
    """A record by the name its source gives it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    source: Words = Field(max_length=60, examples=["street_office"])
    dataset: Words = Field(max_length=60, examples=["residents"])
    key: Words = Field(max_length=400, examples=["SQ001-000001"])


class Said(BaseModel):
    """A word on two records."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    collection: Words = Field(examples=["persons"], json_schema_extra=_COLLECTIONS)
    left: Named
    right: Named
    verdict: Verdict
    reason: Words = Field(min_length=1, max_length=1_000, examples=["同名不同人，证件照不符"])


class TryAsked(Asked):
    """Parameters of what can be tried first."""

    dry_run: bool = Field(False, description="Say what would change, and change nothing.")


@routes.post(
    "/judgements",
    operation_id="judge",
    summary="Say whether two records speak of the same thing",
    responses=answers(Previewed, 409, said="What would change (`dry_run`)")
    | {201: {"model": Done, "description": "Heeded"}},
)
def judge(
    said: Said,
    asked: Annotated[TryAsked, Query()],
    access: Writer,
    idempotency_key: MaybeIdempotencyKey = None,
) -> Response:
    """Say `same`, `different` or `unsure` of two records; a former word on them is superseded.

    The answer comes when both are resolved again. The word outranks the model from then on.
    """
    if asked.dry_run:
        return answer(preview_document(previewed(access, said)))
    return say(access, said, idempotency_key)


def say(access: Access, said: Said, key: str | None) -> Response:
    """Write a word down and heed it, once for each key; answer with what it has changed."""
    word = _word(access, said)

    def effect_of(keep: Any) -> Answer:
        with jobs.judged(access.hub.settings, word) as (connection, heeded):
            number = heeded.judgement.judgement_id
            place = f"/v1/judgements/{number}"
            made = Answer(201, heeded_document(heeded), {"Location": place})
            keep(connection, made)
            _tell(access, connection, "judge", heeded)
        return made

    return once(access, "judgements", key, (said.model_dump_json(),), effect_of)


@routes.post(
    "/judgements/{judgement_id}/revert",
    operation_id="revert_judgement",
    summary="Take a judgement back",
    responses=answers(None, 409)
    | {
        200: {
            "description": "Taken back; or what would change (`dry_run`)",
            "content": {
                "application/json": {
                    "schema": {
                        "anyOf": [
                            {"$ref": "#/components/schemas/Done"},
                            {"$ref": "#/components/schemas/Previewed"},
                        ]
                    }
                }
            },
        }
    },
)
def revert(
    judgement_id: Number,
    asked: Annotated[TryAsked, Query()],
    access: Writer,
    idempotency_key: MaybeIdempotencyKey = None,
) -> Response:
    """Take a word back: the records are as the model has them, and former ids return."""
    if asked.dry_run:
        return answer(preview_document(previewed(access, judgement_id)))
    return take_back(access, judgement_id, idempotency_key)


def take_back(access: Access, judgement_id: int, key: str | None) -> Response:
    """Take a word back, once for each key; answer with what that has changed."""
    _check_steward(access)

    def effect_of(keep: Any) -> Answer:
        by, settings = access.caller.client_id, access.hub.settings
        with jobs.taken_back(settings, judgement_id, by) as (connection, heeded):
            made = Answer(200, heeded_document(heeded), {})
            keep(connection, made)
            _tell(access, connection, "revert judgement", heeded)
        return made

    return once(access, f"revert {judgement_id}", key, (), effect_of)


def _word(access: Access, said: Said) -> jobs.Word:
    _check_steward(access)
    model = COLLECTIONS.get(said.collection)
    if model is None:
        raise invalid("there is no such collection", pointer="/collection")
    left, right = (jobs.RecordKey(**named.model_dump()) for named in (said.left, said.right))
    by = access.caller.client_id
    return jobs.Word(model.record_type, left, right, said.verdict, said.reason, by)


def _check_steward(access: Access) -> None:
    if not may_judge(access.caller):
        raise Problem("forbidden", "judgements are for stewards")


def previewed(access: Access, what: Said | int) -> Effect:
    """Say what a word, or taking back the word of a number, would change."""
    _check_steward(access)
    settings = access.hub.settings
    views = {name: access.view(model) for name, model in MODELS.items()}
    if isinstance(what, Said):
        effect = jobs.try_judgement(settings, _word(access, what), views)
    else:
        effect = jobs.try_taking_back(settings, what, views)
    _tell_preview(access, views, effect)
    return effect


def _tell_preview(access: Access, views: dict[str, View], effect: Effect) -> None:
    with access.transaction() as connection:
        for name, view in views.items():
            touched = (one for one in effect.entities if one.record_type == name)
            ids = sorted({one.entity_id for one in touched if one.entity_id})
            if ids:
                access.tell(connection, "preview judgement", view, ids)


def _tell(access: Access, connection: Any, action: str, heeded: jobs.Heeded) -> None:
    judgement = heeded.judgement
    ids = {one.entity_id for one in heeded.told}
    ids |= {one.golden_id for one in _of(judgement) if one.golden_id}
    about = f"judgement {judgement.judgement_id} {judgement.verdict}"
    access.tell(connection, action, ids=sorted(ids), about=about)


@routes.get(
    "/judgements",
    operation_id="list_judgements",
    summary="List judgements, and what stands against them",
    responses=answers(page_model("JudgementPage", Judged)),
)
def judgements(
    request: Request, asked: Annotated[JudgementsAsked, Query()], access: Reader
) -> Response:
    """List judgements, newest first; `contradicted=true` for those somebody has to look at."""
    shown, cursor = listed(access, asked)
    return page(request, [judgement_document(one) for one in shown], cursor)


def listed(access: Access, asked: JudgementsAsked) -> tuple[list[Judgement], str | None]:
    """Return a page of judgements, and the cursor of the next one."""
    need_matches(access.caller)
    types, named = asked.types(), asked.named()
    bound = ("judgements", asked.model_copy(update={"limit": 1, "cursor": None}))
    before = read_cursor(access, asked.cursor, bound)
    with access.transaction(snapshot=True) as connection:
        record_ids = None if named is None else numbers_of(connection, *named)
        wanted = Wanted(
            asked.live,
            verdict=asked.verdict,
            said_by=asked.said_by,
            record_ids=record_ids,
            contradicted=asked.contradicted,
        )
        found = list_judgements(
            connection, types, wanted, link_weights(), before=before, limit=asked.limit + 1
        )
        shown = found[: asked.limit]
        tell_persons(access, connection, "list judgements", [p for one in shown for p in _of(one)])
    more = len(found) > asked.limit
    cursor = access.hub.cursors.write(shown[-1].judgement_id, *bound) if more else None
    return shown, cursor


@routes.get(
    "/judgements/{judgement_id}",
    operation_id="get_judgement",
    summary="Read a judgement, and what stands against it",
    responses=answers(Judged),
)
def judgement(judgement_id: Number, access: Reader) -> Response:
    """Read one judgement, also one that counts no more."""
    return answer(judgement_document(read(access, judgement_id)))


def read(access: Access, judgement_id: int) -> Judgement:
    """Return a judgement; the audit is told."""
    need_matches(access.caller)
    with access.transaction(snapshot=True) as connection:
        found = get_judgement(connection, judgement_id, link_weights())
        tell_persons(access, connection, "read judgement", _of(found))
    return found


def _of(judgement: Judgement) -> tuple[Party, ...]:
    thirds = judgement.contradiction.thirds if judgement.contradiction else ()
    return (judgement.left, judgement.right, *thirds)
