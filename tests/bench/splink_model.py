"""The model that Splink is given: the usual comparisons and blocks for Chinese registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from hub.matching.features import Features

#: Pairs that are surely of one person, and how many of all such pairs they find.
SURE = ("l.number = r.number", "l.name = r.name and l.birth = r.birth")
SURE_RECALL = 0.75
#: The blocks in which it learns.
PASSES = (("name", "birth"), ("phone_1", "birth"), ("name", "phone_1"))

_BLOCKS = (
    "l.number = r.number",
    "l.ends = r.ends and l.surname = r.surname",
    "l.name = r.name and l.birth = r.birth",
    "l.sound = r.sound and l.birth = r.birth",
    "l.phone_1 = r.phone_1 and l.surname = r.surname",
    "l.room = r.room and l.surname = r.surname",
    "l.name = r.name and l.building = r.building",
    "l.birth = r.birth and l.room = r.room",
    "l.name = r.name and l.phone_1 = r.phone_1",
)
_ALIKE = "list_has_any(string_split(slips_l, '|'), string_split(slips_r, '|'))"


def columns(features: Features) -> pd.DataFrame:
    """Give what is compared; the hub's own cleaning is Splink's too."""
    frame = features.frame.assign(record_id=features.record_ids)
    for place in ("room", "building", "compound"):
        frame[place] = frame[f"{place}_1"].fillna(frame[f"{place}_2"])
    ends = frame["digits"].str[:6] + frame["digits"].str[14:]
    return frame.assign(ends=ends.where(~ends.str.contains("?", regex=False, na=True)))


def model() -> dict[str, Any]:
    """Return the settings: which columns agree how far."""
    comparisons = [
        _levels("name_c", "name", "name_l = name_r", "sound_l = sound_r",
                f"surname_l = surname_r and {_ALIKE}", "surname_l = surname_r", rare="name"),
        _levels("birth_c", "birth", "birth_l = birth_r",
                "damerau_levenshtein(birth_l, birth_r) <= 1"),
        _levels("address_c", "compound", "room_l = room_r", "building_l = building_r",
                "compound_l = compound_r"),
        _levels("phone_c", "phone_1", "phone_1_l = phone_1_r"),
        _levels("sex_c", "sex", "sex_l = sex_r"),
        _levels("digits_c", "digits", "digits_l = digits_r", "ends_l = ends_r",
                "damerau_levenshtein(digits_l, digits_r) <= 2"),
    ]  # fmt: skip
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": list(_BLOCKS),
    }


def _levels(name: str, column: str, *conditions: str, rare: str | None = None) -> dict[str, Any]:
    """Compare by levels; nothing is said where one side's column is empty."""
    absent = f"{column}_l is null or {column}_r is null"
    levels: list[dict[str, Any]] = [{"sql_condition": one} for one in (*conditions, "ELSE")]
    if rare:
        levels[0]["tf_adjustment_column"] = rare
    first = {"sql_condition": absent, "is_null_level": True}
    return {"output_column_name": name, "comparison_levels": [first, *levels]}
