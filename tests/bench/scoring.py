"""How good clusters are, by the truth: all true pairs, found pairs, and those that are both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int64]

#: People who are hard to tell apart or to recognise; *no id*: the record bears no valid number.
CLASSES = ("no id", "homonyms", "twins", "married", "two homes", "foreigners")

#: What may tell people apart beside their names; a dwelling may stand in either of two columns.
_PLACES = dict.fromkeys(("address_key", "tied_address_key"), ("address_key", "tied_address_key"))
TELLING = (
    *("citizen_id_no", "id_document_no", "birth_date", "contact_phone", "compound_key"),
    *("household_no", "household_register_address", *_PLACES),
)


def figures(truth: pd.Series, labels: pd.Series) -> dict[str, float]:
    """Return pairwise precision, recall and F1, and B-cubed precision, recall and F1."""
    both = truth.astype("str") + "|" + labels.astype("str")
    together, real, claimed = (_sizes(one) for one in (both, truth, labels))
    pairs = [float((sizes - 1).sum()) for sizes in (together, claimed, real)]
    return {
        **_rates("", *pairs),
        **_rates("b3_", 1.0, 1 / (together / claimed).mean(), 1 / (together / real).mean()),
    }


def by_class(
    truth: pd.Series, flags: pd.DataFrame, labels: pd.Series
) -> dict[str, dict[str, float]]:
    """Return figures over the pairs with at least one record of each hard class."""
    real, claimed = same_pairs(truth), same_pairs(labels)
    together = np.intersect1d(real, claimed)
    found = {}
    for name in CLASSES:
        flagged = flags[name].to_numpy(dtype=bool)
        counts = [_touching(pairs, flagged) for pairs in (together, claimed, real)]
        found[name] = {"pairs": counts[2], **_rates("", *counts)}
    return found


def missed(
    truth: pd.Series,
    labels: pd.Series,
    records: pd.DataFrame,
    compared: pd.DataFrame,
    reviews: pd.DataFrame,
) -> tuple[float, dict[str, int]]:
    """Return blocking recall, and how many true pairs were not found for which reason.

    ``compared`` has the record ids ``left``, ``right`` and the ``fate`` of what was not linked;
    ``reviews`` those that a steward is asked about. ``records`` stand in the order of the truth.
    """
    real = same_pairs(truth)
    lost = np.setdiff1d(real, same_pairs(labels))
    fates = pd.Series(compared["fate"].to_numpy(), index=_codes(truth, compared))
    reasons = fates.reindex(lost).fillna("not compared").to_numpy(dtype=object, copy=True)
    alone = (reasons == "not compared") & ~_in_common(records, lost)
    reasons[alone] = "at most the name in common"
    groups = pd.Series(pd.factorize(labels)[0])
    # A steward is asked once about two clusters, whichever of their records are shown.
    lost_groups = _groups(groups, lost)
    reasons[np.isin(lost_groups, _groups(groups, _codes(truth, reviews)))] = "a steward is asked"
    counts = pd.Series(reasons, dtype="str").value_counts()
    recall = float(np.isin(real, fates.index).mean()) if len(real) else 1.0
    return recall, {str(name): int(count) for name, count in counts.items()}


def same_pairs(groups: pd.Series) -> Codes:
    """List the pairs of rows of one group, each as first row times number of rows plus second."""
    rows = pd.DataFrame({"group": groups.to_numpy(), "row": np.arange(len(groups))})
    pairs = rows.merge(rows, on="group")
    pairs = pairs[pairs["row_x"] < pairs["row_y"]]
    return np.sort((pairs["row_x"] * len(groups) + pairs["row_y"]).to_numpy(np.int64))


def means(
    lines: Sequence[Mapping[str, object]], by: Sequence[str], of: Sequence[str]
) -> pd.DataFrame:
    """Average figures over seeds."""
    return pd.DataFrame(lines).groupby(list(by), sort=False)[list(of)].mean().reset_index()


def _in_common(records: pd.DataFrame, pairs: Codes) -> npt.NDArray[np.bool_]:
    """Tell which pairs say the same of anything but their names."""
    left, right = (records[list(TELLING)].iloc[one] for one in np.divmod(pairs, len(records)))
    same = [
        (left[one].to_numpy() == right[other].to_numpy()) & left[one].notna().to_numpy()
        for one in TELLING
        for other in _PLACES.get(one, (one,))
    ]
    return np.asarray(np.logical_or.reduce(same), dtype=np.bool_)


def _codes(truth: pd.Series, pairs: pd.DataFrame) -> Codes:
    """Write pairs of record ids as `same_pairs` does."""
    row = pd.Series(np.arange(len(truth)), index=truth.index)
    sides = np.sort(np.stack([row[pairs[side]].to_numpy() for side in ("left", "right")]), axis=0)
    return np.asarray(sides[0] * len(truth) + sides[1], dtype=np.int64)


def _groups(groups: pd.Series, pairs: Codes) -> Codes:
    """Write the groups of pairs of rows, whichever comes first."""
    members = groups.to_numpy(np.int64)
    sides = np.sort(np.stack([members[one] for one in np.divmod(pairs, len(groups))]), axis=0)
    return np.asarray(sides[0] * len(groups) + sides[1], dtype=np.int64)


def _touching(pairs: Codes, flagged: npt.NDArray[np.bool_]) -> int:
    left, right = np.divmod(pairs, len(flagged))
    return int((flagged[left] | flagged[right]).sum())


def _rates(prefix: str, together: float, claimed: float, real: float) -> dict[str, float]:
    precision = together / claimed if claimed else 1.0
    recall = together / real if real else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    named = {"precision": precision, "recall": recall, "f1": f1}
    return {f"{prefix}{name}": round(rate, 6) for name, rate in named.items()}


def _sizes(groups: pd.Series) -> Codes:
    codes, _ = pd.factorize(groups)
    return np.bincount(codes)[codes].astype(np.int64)
