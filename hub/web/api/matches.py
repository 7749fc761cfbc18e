"""Matches: pairs that wait for a steward, and why a pair weighs what it weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Header, Path, Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from hub.jobs.explanation import Explanation, Step, explain_pair
from hub.store.match_reads import Asked as Wanted
from hub.store.match_reads import Match, Zone, get_match, list_matches, numbers_of, pair_type
from hub.store.provenance_reads import witnesses
from hub.store.visible import View, need_matches, visible_rows
from hub.web.access import Access, Reader
from hub.web.api.judgements import RecordAsked
from hub.web.asked import EntityId, Words, read_cursor
from hub.web.console.shown import source_title
from hub.web.console.words import Words as Texts
from hub.web.console.words import words_of
from hub.web.described import page_model
from hub.web.matched import (
    Compared,
    Matched,
    match_document,
    match_id,
    step_document,
    tell_persons,
)
from hub.web.routes import answer, answers, page, router
from hub.web.waterfall import Bar, Labels, picture
from schemas import MODELS

routes = router("matching")

MatchId = Annotated[
    str,
    Path(pattern="^[1-9][0-9]{0,17}-[1-9][0-9]{0,17}$", examples=["17-42"], description="A pair."),
]


class MatchesAsked(RecordAsked):
    """Parameters of the list of matches."""

    zone: Zone = Field(
        "waiting",
        description="`waiting` for a steward's word; `review`: whatever a steward is asked about; "
        "`link`: within one entity; `all`.",
    )
    review: Words | None = Field(None, max_length=40, description="Why a steward is asked.")
    min_weight: float | None = Field(None, allow_inf_nan=False, description="Bits.")
    entity: EntityId | None = Field(None, max_length=40, description="Pairs with its records.")


@routes.get(
    "/matches",
    operation_id="list_matches",
    summary="List scored pairs, first of all those that wait for a steward",
    responses=answers(page_model("MatchPage", Matched)),
)
def matches(request: Request, asked: Annotated[MatchesAsked, Query()], access: Reader) -> Response:
    """List pairs of records, the heaviest first; what they say is told pair by pair."""
    shown, cursor = listed(access, asked)
    return page(request, [match_document(one) for one in shown], cursor)


def listed(
    access: Access, asked: MatchesAsked, behind: Match | None = None
) -> tuple[list[Match], str | None]:
    """Return a page of pairs, those behind one of them if told so, and the next one's cursor."""
    need_matches(access.caller)
    types, named = asked.types(), asked.named()
    views = {name: access.view(MODELS[name], values=False) for name in types}
    signatures = tuple(view.signature for view in views.values())
    bound = ("matches", asked.model_copy(update={"limit": 1, "cursor": None}), signatures)
    place = read_cursor(access, asked.cursor, bound) if behind is None else _place(behind)
    with access.transaction(snapshot=True) as connection:
        record_ids = None if named is None else numbers_of(connection, *named)
        wanted = Wanted(asked.zone, asked.review, asked.min_weight, asked.entity, record_ids)
        after = None if place is None else (place[0], place[1], place[2])
        found = list_matches(connection, views, wanted, after=after, limit=asked.limit + 1)
        shown = found[: asked.limit]
        parties = [party for one in shown for party in (one.left, one.right)]
        tell_persons(access, connection, "list matches", parties)
    cursor = None
    if len(found) > asked.limit:
        cursor = access.hub.cursors.write(_place(shown[-1]), *bound)
    return shown, cursor


def _place(match: Match) -> list[Any] | None:
    pair = (match.left.record_id, match.right.record_id)
    return None if match.weight is None else [match.weight, *pair]


@routes.get(
    "/matches/{match_id}",
    operation_id="get_match",
    summary="Read two records side by side, and how they come to their weight",
    responses=answers(Compared),
)
def match(match_id: MatchId, access: Reader) -> Response:
    """Compare two records of one type, whether or not the hub found them worth comparing."""
    seen = compare(access, match_id, "match")
    explanation = seen.explanation
    return answer(
        {
            **match_document(seen.match),
            "fields": seen.fields(),
            "masked": sorted(seen.view.masked),
            "link": explanation and explanation.link,
            "ask": explanation and explanation.review,
            "steps": [step_document(step, *seen.said(step)) for step in seen.steps],
            "picture": f"/v1/matches/{match_id}/waterfall.svg",
        }
    )


@routes.get(
    "/matches/{match_id}/waterfall.svg",
    operation_id="get_match_picture",
    summary="See how two records come to their weight",
    responses=answers()
    | {200: {"description": "A picture", "content": {"image/svg+xml": {"schema": {}}}}},
)
def waterfall(
    match_id: MatchId,
    access: Reader,
    accept_language: Annotated[str | None, Header(description="`en`, or else Chinese.")] = None,
) -> Response:
    """Draw the steps of a pair's weight, from where all pairs begin to where this one ends."""
    seen = compare(access, match_id, "match picture")
    return drawn(seen, words_of((accept_language or "")[:2].lower()))


def drawn(seen: Seen, t: Texts) -> Response:
    """Answer with the picture of a pair's weight, in one language."""
    bars = [
        Bar(
            t.pick(step.title, step.aspect),
            t.pick(step.level_zh, step.level),
            left or "",
            right or "",
            step.weight,
        )
        for step in seen.steps
        for left, right in (seen.said(step),)
    ]
    parties = (seen.match.left, seen.match.right)
    title = " / ".join(f"{source_title(t, one.source)} {one.key}" for one in parties)
    total = sum(bar.weight for bar in bars)
    summary = t("match.picture_of", pair=title, weight=f"{total:+.1f}")
    explanation = seen.explanation
    zones = (
        {t("match.picture_ask"): explanation.review, t("match.picture_link"): explanation.link}
        if explanation
        else {}
    )
    headers = {
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Hub-Purpose, Accept-Language, Cookie",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    labels = Labels(t.tag, title, summary, t("match.picture_total"))
    return Response(picture(labels, bars, zones), 200, headers, "image/svg+xml")


@dataclass(frozen=True)
class Seen:
    """A pair as one caller sees it."""

    match: Match
    view: View
    values: tuple[Mapping[str, object], Mapping[str, object]]
    explanation: Explanation | None
    #: Whether the caller sees the rows of both sources as they were sent.
    rows: bool

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps to the pair's weight."""
        return self.explanation.steps if self.explanation else ()

    def fields(self) -> dict[str, Any]:
        """Return what both records say of each field that either speaks of."""
        left, right = self.values
        said = (name for name in self.view.names if name in left or name in right)
        return {name: {"left": left.get(name), "right": right.get(name)} for name in said}

    def said(self, step: Step) -> tuple[str | None, str | None]:
        """Return what was compared; in public fields where the caller sees no more than those.

        What is compared was read off rows as they were sent, facts that are not public among it.
        """
        fields = step.fields or ()
        whole = set(fields) <= set(self.view.names) - self.view.masked
        if step.fields == () or (self.rows and whole):
            return step.left or None, step.right or None
        left, right = (
            "、".join(str(side[name]) for name in fields if name in side) for side in self.values
        )
        return left or None, right or None


def compare(access: Access, said: str, action: str) -> Seen:
    """Read two records side by side as a caller sees them; the audit is told of the action."""
    need_matches(access.caller)
    with access.transaction(snapshot=True) as connection:
        view, found = find(connection, access, said)
        left, right = found.left.record_id, found.right.record_id
        told = witnesses(connection, view, (left, right))
        explanation = explain_pair(connection, found)
        ids = [one.golden_id for one in (found.left, found.right) if one.golden_id]
        access.tell(connection, action, view, ids, about=f"match {match_id(found)}")
    whose, types = visible_rows(access.caller), [found.record_type]
    rows = all(whose.shows_rows(one.source, types) for one in (found.left, found.right))
    return Seen(found, view, (told[left].fields, told[right].fields), explanation, rows)


def find(connection: Connection, access: Access, said: str) -> tuple[View, Match]:
    """Return a pair by its id, and what the caller sees of its records."""
    left, right = (int(number) for number in said.split("-"))
    view = access.view(MODELS[pair_type(connection, left, right)])
    return view, get_match(connection, view, left, right)
