"""Matches to judge: two records side by side, why they look alike, and a steward's word on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from difflib import SequenceMatcher
from secrets import token_hex
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from hub.jobs.resolve import CHINA
from hub.store.desk_reads import matches_to_judge
from hub.store.judgements import VERDICTS
from hub.store.match_reads import Match, Party
from hub.store.visible import may_judge
from hub.web.access import Access
from hub.web.api import judgements as words_api
from hub.web.api import matches as api
from hub.web.api.judgements import Named, Said
from hub.web.api.matches import MatchesAsked, MatchId, Seen
from hub.web.asked import Asked, Number, Words
from hub.web.console import shown
from hub.web.console.desk.effects import effect_told
from hub.web.console.desk.listed import Filters, Form, ways
from hub.web.console.desk.parties import Said as Told
from hub.web.console.desk.parties import party_told, said_by, side_told
from hub.web.console.desk.places import desk_page
from hub.web.console.forms import Sent
from hub.web.console.pages import is_part, words
from hub.web.console.records import path_of
from hub.web.console.static import address_of
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words as Texts
from hub.web.matched import match_id as id_of
from hub.web.problems import Problem
from hub.web.routes import router
from schemas import COLLECTIONS, MODELS, FieldSpec

routes = router("console")
QUEUE = "/console/desk/matches"
_PAIR = QUEUE + "/{match_id}"
#: Why a steward is asked, as far as there are words for it.
REVIEWS = ("weak", "fits two", "apart", "whole and part")
#: Keys that stand for the buttons, while nobody types.
KEYS: Mapping[str, str] = {"same": "1", "different": "2", "unsure": "3"}
#: Record types that are compared at all.
COMPARED = ("person", "house", "geo_entity")


class QueueAsked(Filters, MatchesAsked):
    """Parameters of the queue; ``after``: the word that was said right before."""

    after: Number | None = None


class PairAsked(Asked):
    """What part of the queue a pair is looked at in, and the word that was said right before."""

    collection: Words | None = None
    review: Words | None = None
    after: Number | None = None

    @property
    def query(self) -> str:
        """Return the part of the queue as it stands in addresses."""
        said = {"collection": self.collection, "review": self.review}
        return urlencode({name: value for name, value in said.items() if value})


@routes.get(QUEUE, operation_id="show_matches", include_in_schema=False)
def queue(request: Request, asked: Annotated[QueueAsked, Query()], access: Reading) -> Response:
    """Show the pairs that wait for a word, the heaviest first."""
    t = words(request)
    found, cursor = api.listed(access, asked)
    with access.transaction() as connection:
        left = matches_to_judge(connection, datetime.now(CHINA).date())
        parties = ((one.record_type, side) for one in found for side in (one.left, one.right))
        said = said_by(t, access, connection, "list matches", parties)
    part = PairAsked(collection=asked.collection, review=asked.review)
    return desk_page(
        request,
        "desk/matches.html",
        pairs=[_line(t, one, part, said) for one in found],
        left=left,
        asked=asked,
        types=_types(t),
        reviews=[(one, review_told(t, one)) for one in REVIEWS],
        ways=ways(request, cursor),
        may_judge=may_judge(access.caller),
        done=_done(t, access, asked.after),
        filtered=bool(part.query),
        keys_script=address_of("keys.js"),
    )


def _line(t: Texts, match: Match, part: PairAsked, said: Told) -> dict[str, Any]:
    return {
        "path": _place(id_of(match), part),
        "kind": shown.type_title(t, MODELS[match.record_type]),
        "sides": [side_told(t, one, said) for one in (match.left, match.right)],
        "weight": _bits(match.weight),
        "review": review_told(t, match.review),
        "verdict": match.verdict,
    }


def _types(t: Texts) -> list[tuple[str, str]]:
    return [(MODELS[name].collection, shown.types_title(t, MODELS[name])) for name in COMPARED]


def review_told(t: Texts, review: str | None) -> str:
    """Say why a steward is asked."""
    known = review if review in REVIEWS else "other"
    return t("review." + known.replace(" ", "_")) if review else ""


def _bits(weight: float | None) -> str:
    return "" if weight is None else f"{weight:+.1f}"


def _place(match_id: str, part: PairAsked, after: object = None) -> str:
    query = "&".join(filter(None, (part.query, f"after={after}" if after else "")))
    return f"{QUEUE}/{match_id}" + (f"?{query}" if query else "")


@routes.get(_PAIR, operation_id="show_match", include_in_schema=False)
def pair(
    request: Request, match_id: MatchId, asked: Annotated[PairAsked, Query()], access: Reading
) -> Response:
    """Show two records side by side, where they differ, and how they come to their weight."""
    return _pair_page(request, access, match_id, asked, Sent({}))


def _pair_page(
    request: Request,
    access: Access,
    match_id: str,
    asked: PairAsked,
    sent: Sent,
    effect: Mapping[str, Any] | None = None,
) -> Response:
    t, access = words(request), access.reading()
    seen = api.compare(access, match_id, "match")
    match, explanation = seen.match, seen.explanation
    return desk_page(
        request,
        "desk/match.html",
        back=_place(match_id, asked),
        path=f"{QUEUE}/{match_id}",
        part=asked,
        kind=shown.type_title(t, MODELS[match.record_type]),
        sides=[_side(t, one) for one in (match.left, match.right)],
        rows=[_row(t, seen, spec) for spec in _spoken_of(seen)],
        weight=_bits(match.weight),
        link=explanation and _bits(explanation.link),
        ask=explanation and _bits(explanation.review),
        steps=_steps(t, seen),
        review=review_told(t, match.review),
        linked=match.linked,
        verdict=match.verdict,
        judgement_id=match.judgement_id,
        may_judge=may_judge(access.caller),
        keys=KEYS,
        done=_done(t, access, asked.after),
        effect=effect,
        reason=sent.one("reason"),
        chosen=sent.one("verdict"),
        key=token_hex(16),
        keys_script=address_of("keys.js"),
    )


def _side(t: Texts, party: Party) -> dict[str, str]:
    letters = {model.letter: model for model in MODELS.values()}
    home = party.golden_id
    path = path_of(letters[home[0]], home) if home else ""
    return {"told": party_told(t, party), "path": path}


def _spoken_of(seen: Seen) -> list[FieldSpec]:
    left, right = seen.values
    return [spec for spec in seen.view.specs if spec.name in left or spec.name in right]


def _row(t: Texts, seen: Seen, spec: FieldSpec) -> dict[str, Any]:
    """Compare what both records say of a field."""
    left, right = (shown.written(t, spec, side.get(spec.name)) for side in seen.values)
    state = "same" if left == right else "different" if left and right else "one_side"
    if state == "same" and spec.name in seen.view.masked:
        state = "masked"
    sides = _marked(left, right) if state == "different" else ([(left, False)], [(right, False)])
    return {"title": shown.title_of(t, spec), "state": state, "sides": sides}


Parts = list[tuple[str, bool]]


def _marked(left: str, right: str) -> tuple[Parts, Parts]:
    """Cut two texts into parts, each with whether the other text lacks it there."""
    one, other = list[tuple[str, bool]](), list[tuple[str, bool]]()
    for what, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        one.append((left[a:b], what != "equal"))
        other.append((right[c:d], what != "equal"))
    return [part for part in one if part[0]], [part for part in other if part[0]]


def _steps(t: Texts, seen: Seen) -> list[dict[str, Any]]:
    return [
        {
            "title": t.pick(step.title, step.aspect),
            "level": t.pick(step.level_zh, step.level),
            "said": [said or "" for said in seen.said(step)],
            "weight": _bits(step.weight),
            "total": _bits(step.total),
        }
        for step in seen.steps
    ]


def _done(t: Texts, access: Access, judgement_id: int | None) -> dict[str, Any] | None:
    """Tell of the word that was said right before, which can be taken back at once."""
    if judgement_id is None or not may_judge(access.caller):
        return None
    said = words_api.read(access, judgement_id)
    if said.ended_at is not None:
        return None
    pair = f"{said.left.record_id}-{said.right.record_id}"
    parties = ((said.record_type, one) for one in (said.left, said.right))
    with access.transaction() as connection:
        told = said_by(t, access, connection, "read judgement", parties)
    number = said.judgement_id
    return {
        "number": number,
        "verdict": said.verdict,
        "sides": [side_told(t, one, told) for one in (said.left, said.right)],
        "pair": pair,
        "key": token_hex(16),
    }


@routes.get(f"{_PAIR}/waterfall.svg", operation_id="show_match_picture", include_in_schema=False)
def picture(request: Request, match_id: MatchId, access: Reading) -> Response:
    """Draw how two records come to their weight."""
    return api.drawn(api.compare(access, match_id, "match picture"), words(request))


@routes.get(f"{_PAIR}/next", operation_id="skip_match", include_in_schema=False)
def skip(match_id: MatchId, asked: Annotated[PairAsked, Query()], access: Reading) -> Response:
    """Lead to the next pair; this one goes on waiting."""
    with access.transaction() as connection:
        _, match = api.find(connection, access, match_id)
    return RedirectResponse(_onward(access, match, asked), 303)


def _onward(access: Access, behind: Match, part: PairAsked, after: object = None) -> str:
    """Return the address of the next pair that waits, or of the queue where none does."""
    wanted = MatchesAsked(collection=part.collection, review=part.review, limit=2)
    here = id_of(behind)
    for place in (behind, None):
        found, _ = api.listed(access, wanted, place)
        others = [id_of(one) for one in found if id_of(one) != here]
        if others:
            return _place(others[0], part, after)
    query = "&".join(filter(None, (part.query, f"after={after}" if after else "")))
    return QUEUE + (f"?{query}" if query else "")


@routes.post(f"{_PAIR}/preview", operation_id="preview_match", include_in_schema=False)
def preview(request: Request, match_id: MatchId, sent: Form, access: Writing) -> Response:
    """Say what a word would change; a part of the page where htmx asks."""
    t = words(request)
    told = effect_told(t, words_api.previewed(access, _word(t, access, match_id, sent)))
    if is_part(request):
        return desk_page(request, "desk/effect.html", effect=told)
    return _pair_page(request, access, match_id, _part(sent), sent, told)


@routes.post(_PAIR, operation_id="judge_match", include_in_schema=False)
def judge(request: Request, match_id: MatchId, sent: Form, access: Writing) -> Response:
    """Write a word down, heed it, and lead to the next pair."""
    word = _word(words(request), access, match_id, sent)
    answered = words_api.say(access, word, sent.one("key") or token_hex(16))
    number, access = orjson.loads(bytes(answered.body))["judgement_id"], access.reading()
    with access.transaction() as connection:
        _, match = api.find(connection, access, match_id)
    return RedirectResponse(_onward(access, match, _part(sent), number), 303)


def _part(sent: Sent) -> PairAsked:
    collection = sent.one("collection")
    return PairAsked(
        collection=collection if collection in COLLECTIONS else None,
        review=sent.one("review") or None,
    )


def _word(t: Texts, access: Access, match_id: str, sent: Sent) -> Said:
    verdict = next((one for one in VERDICTS if one == sent.one("verdict")), None)
    if verdict is None:
        raise Problem("invalid", "there is no such verdict")
    with access.transaction() as connection:
        _, match = api.find(connection, access, match_id)
    left, right = (
        Named(source=one.source, dataset=one.dataset, key=one.key)
        for one in (match.left, match.right)
    )
    reason = sent.one("reason") or t("match.usual_reason")
    collection = MODELS[match.record_type].collection
    return Said(collection=collection, left=left, right=right, verdict=verdict, reason=reason)
