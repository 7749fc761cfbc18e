"""Keys find whom to compare: stable for ever, each once, none that too many records hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hub.hashes import text_hash
from hub.matching.candidates import LARGEST, Ids, Keys, block_keys, candidate_pairs, phone_keys
from hub.matching.coded import column_of
from hub.matching.features import CROWDED, read_features
from tests.matching.pairs_of_people import AT_HOME, MA, MAN, PHONE, caller, frame_of, police
from tests.matching.test_grow import a_household


def keys_of(records: pd.DataFrame) -> tuple[Ids, Keys]:
    return block_keys(read_features(records))


def test_keys_are_those_that_were_stored_yesterday() -> None:
    said = police(**MAN, **AT_HOME, citizen_id_no=MA, contact_phone=PHONE, household_no="H1")
    keys = sorted(keys_of(frame_of(said))[1].tolist())
    assert len(keys) == 17
    assert text_hash(",".join(map(str, keys))) == "f978241f06b3d337a1dd9b719a9a2aaf"


def test_a_record_holds_a_key_once() -> None:
    same_everywhere = caller(
        person_name="马海明",
        former_name="马海明",
        birth_date="1980-01-01",
        tied_address_key="康乐|3|1|501",
        **AT_HOME,
    )
    households = [one for seed in range(20) for one in a_household(seed)]
    held = [*zip(*keys_of(frame_of(same_everywhere, *households)), strict=True)]
    assert len(held) == len(set(held))


@pytest.mark.parametrize("said", ["telephone", "anything else"])
def test_a_key_pairs_no_more_records_than_may_hold_it(said: str) -> None:
    phones = phone_keys(column_of([PHONE]))
    key, most = (phones[0], CROWDED) if said == "telephone" else (2, LARGEST)
    for holders, pairs in ((most, most * (most - 1) // 2), (most + 1, 0)):
        left, _ = candidate_pairs(np.arange(holders), np.full(holders, key))
        assert len(left) == pairs


def test_the_pairs_are_the_same_however_few_keys_are_looked_through_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = frame_of(*(one for seed in range(20) for one in a_household(seed)))
    records["key"] = "K" + records["record_id"]
    keys = keys_of(records)
    whole = np.stack(candidate_pairs(*keys))
    monkeypatch.setattr("hub.matching.candidates._AT_ONCE", 7)
    assert np.array_equal(np.stack(candidate_pairs(*keys)), whole)
    assert whole.shape[1] > len(records)


def test_no_keys_find_nobody() -> None:
    nothing = keys_of(frame_of().reset_index(drop=True))
    assert not any(map(len, nothing))
    assert not any(map(len, candidate_pairs(*nothing)))
