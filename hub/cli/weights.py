"""Commands about matching: `hub match weights` shows what each level of agreement is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from hub.cli.printing import Json, show, table

if TYPE_CHECKING:
    from hub.matching.weights import Weights

match = typer.Typer(no_args_is_help=True, help="比对. How records are matched.")

_COLUMNS = ("aspect", "level", "m", "u", "bits", "rarity")


@match.command("weights")
def weights(as_json: Json = False) -> None:
    """比对权重. Show the table by which two persons' records are weighed.

    m: how often one person's records agree so; u: how often two people's do; bits: log2(m/u),
    what the level adds to a pair's weight. Rarity: a rare one adds more than a common one.
    """
    from hub.matching.weights import shipped_weights

    shipped = shipped_weights()
    lines = _lines(shipped)
    said = {
        "version": shipped.version,
        "trained": shipped.trained,
        "prior": shipped.prior,
        "start": round(shipped.start, 2),
        "link": shipped.link,
        "review": shipped.review,
        "levels": lines,
    }
    show(said, as_json, *_laid_out(shipped, lines))


def _lines(shipped: Weights) -> list[dict[str, Any]]:
    from hub.matching.compare import COMPARISONS

    return [
        {
            "aspect": comparison.name,
            "aspect_zh": comparison.zh,
            "level": level.name,
            "level_zh": level.zh,
            **dict(zip(("m", "u"), shipped.levels[comparison.name][level.name], strict=True)),
            "bits": round(float(bits), 2),
            "rarity": level.rarity,
        }
        for comparison, weighed in zip(COMPARISONS, shipped.tables, strict=True)
        for level, bits in zip(comparison.levels, weighed, strict=True)
        if not level.silent
    ]


def _laid_out(shipped: Weights, lines: list[dict[str, Any]]) -> tuple[Any, ...]:
    rows = [
        (
            f"{line['aspect_zh']} {line['aspect']}",
            f"{line['level_zh']} {line['level']}",
            f"{line['m']:.3g}",
            f"{line['u']:.3g}",
            f"{line['bits']:+.2f}",
            line["rarity"],
        )
        for line in lines
    ]
    trained = ", ".join(f"{name} {value}" for name, value in shipped.trained.items())
    return (
        table(_COLUMNS, rows, f"比对权重 Weights {shipped.version} ({trained})"),
        f"任意两条记录 any two records: {shipped.start:+.2f} bits (prior {shipped.prior:.3g}); "
        f"自动合并 linked from {shipped.link:+.2f}; 人工复核 reviewed from {shipped.review:+.2f}",
    )
