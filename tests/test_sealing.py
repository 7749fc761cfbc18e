from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path

import pandas as pd
import pytest

from hub.errors import ConfigError
from hub.sealing import MARK, add_key, identity_fields, seals

NUMBER = "630102198001010019"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "landing.json"


def column(*texts: str | None) -> pd.Series:
    return pd.Series(texts, dtype="str")


@pytest.mark.parametrize(
    "texts", [(), (None,), (NUMBER,), (NUMBER, None, "", "张三", NUMBER, "\x1f", "enc:x", "𠮷" * 9)]
)
def test_what_is_sealed_opens_as_it_was_said(file: Path, texts: tuple[str | None, ...]) -> None:
    said = column(*texts)
    sealed = seals(file).seal(said)
    assert list(sealed.isna()) == list(said.isna())
    assert all(text.startswith(MARK) and NUMBER not in text for text in sealed.dropna())
    pd.testing.assert_series_equal(seals(file).open(sealed), said)


def test_equal_texts_have_equal_seals_so_that_they_can_be_compared(file: Path) -> None:
    first, second = seals(file).seal(column(NUMBER)), seals(file).seal(column("x", NUMBER))
    assert first[0] == second[1] != second[0]


def test_what_looks_sealed_already_is_sealed_like_anything_else(file: Path) -> None:
    once = seals(file).seal(column(NUMBER))
    twice = seals(file).seal(once)
    assert twice[0] != once[0]
    assert seals(file).open(twice)[0] == once[0]


def test_what_only_looks_sealed_is_shown_as_it_is(file: Path) -> None:
    fakes = [f"{MARK}00000000:AAAA", f"{MARK}{seals(file).newest}:AAAA", MARK, f"{MARK}:"]
    assert [seals(file).as_said(fake) for fake in fakes] == fakes


def test_a_new_key_seals_and_the_old_one_still_opens(file: Path) -> None:
    before = seals(file).seal(column(NUMBER))
    prints = seals(file).fingerprints([b"row"])
    fresh = add_key(file)
    after = seals(file).seal(column(NUMBER))
    assert after[0].startswith(f"{MARK}{fresh}:")
    assert list(seals(file).open(pd.concat([before, after]))) == [NUMBER, NUMBER]
    # Rows are known again by their fingerprints: a new key makes no source look changed.
    assert seals(file).fingerprints([b"row"]) == prints


def test_a_key_that_is_lost_is_named_and_no_value_with_it(file: Path, tmp_path: Path) -> None:
    sealed = seals(file).seal(column(NUMBER))
    with pytest.raises(ConfigError, match=r"the key [0-9a-f]{8} that sealed a row is not in"):
        seals(tmp_path / "other.json").open(sealed)


def test_a_seal_that_was_changed_does_not_open(file: Path) -> None:
    (sealed,) = seals(file).seal(column(NUMBER))
    changed = sealed[:-8] + ("AAAA" if sealed[-8:-4] != "AAAA" else "BBBB") + sealed[-4:]
    with pytest.raises(ConfigError, match="is not as key"):
        seals(file).open(column(changed))


def test_fingerprints_cannot_be_tried_out_without_the_key(file: Path, tmp_path: Path) -> None:
    (found,) = seals(file).fingerprints([NUMBER.encode()])
    assert found != blake2b(NUMBER.encode(), digest_size=16).hexdigest()
    assert [found] != seals(tmp_path / "other.json").fingerprints([NUMBER.encode()])
    assert [found] == seals(file).fingerprints([NUMBER.encode()])


def test_nobody_else_reads_the_keys(file: Path) -> None:
    seals(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        seals(file)


def test_all_who_need_keys_at_once_get_the_same(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: seals(file).newest, range(8)))
    assert len(set(found)) == 1
    assert os.listdir(file.parent) == [file.name]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": {}, "hash": ""}', b"\xff"])
def test_a_file_without_keys_is_one_line(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="does not hold the keys of a hub"):
        seals(file)


def test_kinds_say_which_fields_hold_identity_numbers() -> None:
    assert identity_fields("person") == {"citizen_id_no", "id_document_no"}
    assert identity_fields("house") == {"owner_id_no"}
    assert not identity_fields("camera")
