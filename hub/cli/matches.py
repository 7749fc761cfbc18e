"""Commands for matches and judgements: what waits for a steward, why, and the steward's word."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.printing import Json, progress, show, table
from hub.cli.weights import match

if TYPE_CHECKING:
    from hub.jobs.judgements import Heeded, RecordKey
    from hub.jobs.preview import Affected, Effect
    from hub.store.judgements import Judgement
    from hub.store.match_reads import Party

judgement = typer.Typer(no_args_is_help=True, help="判定. Stewards' words on pairs of records.")

Collection = Annotated[
    str | None, typer.Option("--collection", help="Of one collection only, such as persons.")
]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="So many at most.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]
_PAIR = ("left", "right", "weight", "review", "linked", "verdict")
_STEP = ("aspect", "level", "weight", "total")
_AFFECTED = ("collection", "id", "becomes", "into", "records before", "records after", "fields")
_WORD = ("judgement_id", "left", "right", "verdict", "said_by", "said_at", "ended_at", "against")


@match.command("list")
def list_matches(
    zone: Annotated[str, typer.Option(help="waiting, review, link or all.")] = "waiting",
    collection: Collection = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """列出配对. List scored pairs, the heaviest first; those that wait for a word unless told."""
    from hub.config import load_settings
    from hub.jobs.explanation import read_matches

    found = read_matches(load_settings(), zone, _types(collection), limit)
    said = [
        {
            "id": f"{one.left.record_id}-{one.right.record_id}",
            "left": _name(one.left),
            "right": _name(one.right),
            "weight": one.weight,
            "review": one.review,
            "linked": one.linked,
            "verdict": one.verdict,
        }
        for one in found
    ]
    show({"matches": said}, as_json, table(("id", *_PAIR), (each.values() for each in said)))


@match.command("show")
def show_match(
    pair: Annotated[str, typer.Argument(metavar="ID", help="As listed, such as 17-42.")],
    as_json: Json = False,
) -> None:
    """解释. Show how a pair comes to its weight; what the records say stays in the hub."""
    from hub.config import load_settings
    from hub.jobs.explanation import explain_match

    found, explanation = explain_match(load_settings(), pair)
    steps = [
        {
            "aspect": f"{step.title} {step.aspect}",
            "level": f"{step.level_zh} {step.level}",
            "weight": step.weight,
            "total": step.total,
        }
        for step in (explanation.steps if explanation else ())
    ]
    parties = [_name(one) for one in (found.left, found.right)]
    said = dict(zip(("left", "right"), parties, strict=True)) | {"steps": steps}
    title = " ／ ".join(parties)
    show(said, as_json, table(_STEP, (each.values() for each in steps), title))


@match.command("preview")
def preview(
    link: Annotated[float | None, typer.Option(help="Link from so many bits on.")] = None,
    review: Annotated[float | None, typer.Option(help="Ask from so many bits on.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Another table of weights.")] = None,
    most: Annotated[int, typer.Option(min=0, max=10_000, help="Show so many entities.")] = 20,
    as_json: Json = False,
) -> None:
    """试算. Say which people other weights would make; resolve everything and undo it."""
    from hub.config import load_settings
    from hub.jobs.preview import other_weights, try_weights

    chosen = other_weights(weights, link=link, review=review)
    with progress("preview") as watch:
        effect = try_weights(load_settings(), chosen, most=most, watch=watch)
    _show_effect(effect, as_json)


@judgement.command("list")
def list_judgements(
    contradicted: Annotated[
        bool, typer.Option("--contradicted", help="Those that something stands against.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="With those that count no more.")] = False,
    collection: Collection = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """列出判定. List judgements, newest first."""
    from hub.config import load_settings
    from hub.jobs.judgements import read_judgements
    from hub.store.judgements import Asked

    asked = Asked(live=None if every else True, contradicted=contradicted)
    found = read_judgements(load_settings(), asked, _types(collection), limit)
    said = [_word(one) for one in found]
    show({"judgements": said}, as_json, table(_WORD, (each.values() for each in said)))


_RECORD = "SOURCE/DATASET/KEY"


@judgement.command("add")
def judge(
    collection: Annotated[str, typer.Argument(help="Such as persons.")],
    left: Annotated[str, typer.Argument(metavar=_RECORD)],
    right: Annotated[str, typer.Argument(metavar=_RECORD)],
    verdict: Annotated[str, typer.Argument(help="same, different or unsure.")],
    reason: Annotated[str, typer.Option(prompt=True, help="Why.")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """判定. Say whether two records speak of the same thing; the hub heeds it at once."""
    from hub.config import load_settings
    from hub.jobs import judgements

    settings, (record_type,) = load_settings(), _types(collection)
    sides = _record(left), _record(right)
    word = judgements.Word(record_type, *sides, verdict, reason, _steward())
    if dry_run:
        _show_effect(judgements.try_judgement(settings, word, {}), as_json)
    else:
        _show_heeded(lambda: judgements.judged(settings, word), as_json)


@judgement.command("revert")
def revert(
    judgement_id: Annotated[int, typer.Argument(metavar="ID", min=1)],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """撤回. Take a word back; former ids return."""
    from hub.config import load_settings
    from hub.jobs import judgements

    settings = load_settings()
    if dry_run:
        _show_effect(judgements.try_taking_back(settings, judgement_id, {}), as_json)
    else:
        _show_heeded(lambda: judgements.taken_back(settings, judgement_id, _steward()), as_json)


def _show_heeded(
    act: Callable[[], AbstractContextManager[tuple[Any, Heeded]]], as_json: bool
) -> None:
    with act() as (_, heeded):
        found = heeded
    said = _word(found.judgement) | {
        "changes": [
            {"id": one.entity_id, "change": one.change, "fields": list(one.fields)}
            for one in found.told
        ]
    }
    changes = (each.values() for each in said["changes"])
    lines = table(_WORD, [list(said.values())[: len(_WORD)]])
    show(said, as_json, lines, table(("id", "change", "fields"), changes, "变化 Changes"))


def _show_effect(effect: Effect, as_json: bool) -> None:
    entities = [_affected(one) for one in effect.entities]
    said = {"counts": effect.counts, "entities": entities, "sources": effect.sources}
    counts = table(("becomes", "entities"), effect.counts.items(), "试算 Preview")
    rows = (each.values() for each in entities)
    heard = f"涉及部门 departments that would hear of it: {', '.join(effect.sources) or '-'}"
    show(said, as_json, counts, table(_AFFECTED, rows), heard)


def _affected(one: Affected) -> dict[str, object]:
    from schemas import MODELS

    return {
        "collection": MODELS[one.record_type].collection,
        "id": one.entity_id or "(new)",
        "becomes": one.becomes,
        "into": ", ".join(part or "(new)" for part in one.into),
        "before": ", ".join(map(_name, one.before)),
        "after": ", ".join(map(_name, one.after)),
        "fields": ", ".join(flip.name for flip in one.flips),
    }


def _word(one: Judgement) -> dict[str, Any]:
    return {
        "judgement_id": one.judgement_id,
        "left": _name(one.left),
        "right": _name(one.right),
        "verdict": one.verdict,
        "said_by": one.said_by,
        "said_at": one.said_at,
        "ended_at": one.ended_at,
        "against": one.contradiction and one.contradiction.kind,
    }


def _name(party: Party) -> str:
    return f"{party.source}/{party.dataset}/{party.key}"


def _record(said: str) -> RecordKey:
    from hub.errors import WrongUse
    from hub.jobs.judgements import RecordKey

    parts = said.split("/", 2)
    if len(parts) < 3:
        raise WrongUse(f"a record is named as {_RECORD}")
    return RecordKey(*parts)


def _types(collection: str | None) -> list[str]:
    from hub.errors import NotFound
    from schemas import COLLECTIONS, MODELS

    if collection is None:
        return list(MODELS)
    if collection not in COLLECTIONS:
        raise NotFound(f"there is no collection {collection}; there are {', '.join(COLLECTIONS)}")
    return [COLLECTIONS[collection].record_type]


def _steward() -> str:
    return f"hub judgement ({getpass.getuser()})"
