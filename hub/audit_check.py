"""Check an export of the hub's audit, with nothing but Python: audit_check.py EXPORT [ROOTS].

An export is one JSON object a line: {"entry": [number, time, caller, action, purpose, record type,
entities, fields, about, origin], "hash": …}, {"root": [day, number, hash]} where a day ended and
where the export begins, {"head": [number, hash]} at its end. The hash of an entry is the SHA-256
of the hash before it (32 zero bytes at first) and of the entry as `json.dumps` writes it.
ROOTS are the daily roots as kept elsewhere: lines of day,number,hash.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any


def hashed(before: str, entry: list[Any]) -> str:
    """Return the hash of an entry that follows the one of this hash."""
    said = json.dumps(entry, ensure_ascii=False).encode()
    return hashlib.sha256(bytes.fromhex(before) + said).hexdigest()


def faults(lines: Iterable[Mapping[str, Any]], roots: Mapping[int, str]) -> Iterator[str]:
    """Yield what was deleted, changed or reordered, and where; nothing where nothing was."""
    number, last, again, odd, end, ended = 0, "00" * 32, "00" * 32, [], 0, False
    for place, line in enumerate(lines):
        if "entry" in line:
            entry, kept = line["entry"], line["hash"]
            if entry[0] <= number:
                yield f"entry {entry[0]} stands behind entry {number}: reordered"
                continue
            follows = entry[0] == number + 1
            if not follows:
                yield f"{_named(number + 1, entry[0] - 1)} missing: deleted"
            elif kept not in (hashed(last, entry), hashed(again, entry)):
                odd.append((entry, kept, last))
            if roots.get(entry[0], kept) != kept:
                yield f"entry {entry[0]} is not the one that its day's root was made of: changed"
            number, last, again = entry[0], kept, hashed(last, entry) if follows else kept
        elif "root" in line and place == 0:
            _, number, last = line["root"]
            again = last
        elif "root" in line:
            end = max(end, line["root"][1])
            if end <= number and line["root"][1:] != [number, last]:
                yield f"the root of {line['root'][0]} does not fit entry {number}: changed"
        elif "head" in line:
            end, ended = max(end, *line["head"][:1]), True
            if end <= number and line["head"] != [number, last] and last == again:
                yield f"entry {number} is not the last that was written: changed"
    if end > number:
        yield f"{_named(number + 1, end)} missing at the end: deleted"
    if not ended:
        yield f"nothing says that entry {number} is the last: cut off"
    yield from _judged(odd)


def _judged(odd: list[tuple[list[Any], str, str]]) -> Iterator[str]:
    """Tell entries that were changed from those that changed places, and from their neighbours."""
    hashes = {kept for _, kept, _ in odd}
    befores = hashes | {before for *_, before in odd}
    places = [entry[:2] for entry, *_ in odd] if len(odd) <= 20 else []
    for entry, _, _ in odd:
        said = [[number, at, *entry[2:]] for number, _ in places for _, at in places]
        fit = [one[0] for one in said if any(hashed(one_, one) in hashes for one_ in befores)]
        if entry[0] not in fit:
            before = f"stood at {fit[0]}: reordered" if fit else "is not as it was written: changed"
            yield f"entry {entry[0]} {before}"


def _named(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as export:
        rows = [line.split(",") for path in sys.argv[2:] for line in Path(path).read_text().split()]
        found = list(faults(map(json.loads, export), {int(n): kept for _, n, kept in rows}))
    print("\n".join(found) or "every entry is as it was written")  # noqa: T201
    sys.exit(bool(found))
