"""SQL for what neither a pattern nor a range can say: check digits, calendars, lists, shapes.

Each function takes the name of a column and returns a condition that is NULL where the column
is. The conditions become columns of the view that is validated, so the one query that counts
everything evaluates them too. They hold no sub-query: PostgreSQL would give up working in
parallel.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import singledispatch

from schemas.chinese import HAN
from schemas.frames import EAST, NORTH, SOUTH, WEST
from schemas.kinds import (
    CitizenId,
    Date,
    DocumentNo,
    Floor,
    Geometry,
    Kind,
    ListOf,
    Number,
    OwnerId,
    PersonName,
    Text,
    Uri,
    Uscc,
)
from schemas.kinds.dates import EARLIEST
from schemas.kinds.text import PLACEHOLDER_NAMES

#: Today where the hub is, whatever the time zone of the server.
TODAY = "CAST(now() AT TIME ZONE 'Asia/Shanghai' AS date)"

_CREDIT_SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(3**place % 31 for place in range(17))
_CREDIT_CODE = f"^[{_CREDIT_SYMBOLS}]{{2}}[0-9]{{6}}[{_CREDIT_SYMBOLS}]{{10}}$"

_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY = "^[1-9][0-9]{16}[0-9X]$"
_LAST_DAYS = "312931303130313130313031"

_LETTER = f"[{HAN}[:alpha:]]"
_ACCOUNT_IN_URI = "(^|[?&;/,])(user(name)?|usr|account|login|pass(word|wd)?|pwd|token|secret)="
_URI = r"^[A-Za-z][A-Za-z0-9+.-]*://([^]\s@/?#:[]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{0,5})?([/?#]|$)"

_POSITIONS = {"Point": "", "Polygon": "[*][*]", "MultiPolygon": "[*][*][*]"}


@singledispatch
def predicate(_kind: Kind, _column: str) -> tuple[str, str] | None:
    """Return a rule's name and its condition on a column, where a kind needs SQL to say it."""
    return None


@predicate.register
def _(_kind: CitizenId, column: str) -> tuple[str, str]:
    return "checksum", _unless_null(column, identity_number(column))


@predicate.register
def _(_kind: Uscc, column: str) -> tuple[str, str]:
    return "checksum", _unless_null(column, credit_code(column))


@predicate.register
def _(_kind: OwnerId, column: str) -> tuple[str, str]:
    return "checksum", (
        f"CASE WHEN {column} IS NULL THEN NULL"
        f" WHEN {credit_code(column)} THEN {column} !~ '^[1-9][0-9]{{14}}000$'"
        f" WHEN {column} ~ '^[1-9][0-9]{{16}}[0-9X]$' THEN {identity_number(column)}"
        f" WHEN {column} ~ '{_CREDIT_CODE}' THEN false"
        f" WHEN {column} ~ '^(0{{6}}[0-9]{{11}}[0-9X]|123456789012345.*"
        f"|[0-9]{{1,14}}X{{3,}}[0-9]{{0,6}}X?|[0-9]{{1,14}}X{{3,}})$' THEN false"
        f" ELSE {_not_one_sign(column)} END"
    )


@predicate.register
def _(_kind: DocumentNo, column: str) -> tuple[str, str]:
    return "placeholder", _not_one_sign(column)


@predicate.register
def _(kind: Date, column: str) -> tuple[str, str]:
    latest = "'2099-12-31'" if kind.future else TODAY
    return "calendar", f"{column} BETWEEN '{EARLIEST}' AND {latest} AND {column} <> '1900-01-01'"


@predicate.register
def _(kind: Number, column: str) -> tuple[str, str] | None:
    if kind.decimals is None:
        return None
    return "decimals", f"{column} = round({column}, {kind.decimals})"


@predicate.register
def _(_kind: Floor, column: str) -> tuple[str, str]:
    return "zero", f"{column} <> 0"


@predicate.register
def _(kind: Text, column: str) -> tuple[str, str]:
    spaces = "" if kind.spaces else rf" AND {column} !~ '\s'"
    return "form", f"{column} IS {kind.form} NORMALIZED{spaces}"


@predicate.register
def _(_kind: PersonName, column: str) -> tuple[str, str]:
    word = f"upper(replace(normalize({column}, NFKC), ' ', ''))"
    names = ", ".join(f"'{name}'" for name in sorted(PLACEHOLDER_NAMES))
    return "placeholder", (
        f"{column} ~ '{_LETTER}' AND {word} NOT IN ({names})"
        f" AND {word} !~ '^(测试|TEST|无名氏)[人员用户姓名]*[A-Z0-9一二三四五六七八九十]*$'"
    )


@predicate.register
def _(_kind: Uri, column: str) -> tuple[str, str]:
    return "address", f"{column} ~ '{_URI}' AND {column} !~* '{_ACCOUNT_IN_URI}'"


@predicate.register
def _(kind: ListOf, column: str) -> tuple[str, str]:
    strange = f'(@.type() != "string" || !({_item_condition(kind.item)}))'
    return "items", (
        f"CASE WHEN {column} IS NULL THEN NULL WHEN jsonb_typeof({column}) <> 'array' THEN false"
        f" ELSE jsonb_array_length({column}) <= {kind.max_items}"
        f" AND NOT jsonb_path_exists({column}, {_quoted(f'strict $[*] ? {strange}')}) END"
    )


@predicate.register
def _(kind: Geometry, column: str) -> tuple[str, str]:
    cases = (
        f"WHEN {_quoted(name)} THEN {_shape(name, column, placed=not kind.anywhere)}"
        for name in kind.types
    )
    return "shape", (
        f"CASE WHEN {column} IS NULL THEN NULL"
        f" ELSE CASE {column} ->> 'type' {' '.join(cases)} ELSE false END END"
    )


def identity_number(column: str) -> str:
    """Say that a citizen's number has a birth date that can be and the right check character."""
    total = _weighted(column, _IDENTITY_WEIGHTS, lambda sign: f"(ascii({sign}) - 48)")
    return (
        f"CASE WHEN {column} ~ '{_IDENTITY}'"
        f" THEN substr('10X98765432', 1 + ({total}) % 11, 1) = substr({column}, 18, 1)"
        f" AND substr({column}, 16, 3) <> '000'"
        f" AND {_can_be_birth(f'substr({column}, 7, 8)')} ELSE false END"
    )


def _can_be_birth(digits: str) -> str:
    """Say that eight digits are a day of the calendar, from the earliest to today."""
    month, day = f"substr({digits}, 5, 2)", f"substr({digits}, 7, 2)"
    year = f"CAST(left({digits}, 4) AS integer)"
    last = f"substr('{_LAST_DAYS}', 2 * CAST({month} AS integer) - 1, 2)"
    leap = f"({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
    return (
        f"{digits} BETWEEN '{EARLIEST:%Y%m%d}' AND to_char({TODAY}, 'YYYYMMDD')"
        f" AND {month} BETWEEN '01' AND '12' AND {day} BETWEEN '01' AND {last}"
        f" AND (right({digits}, 4) <> '0229' OR {leap})"
    )


def credit_code(column: str) -> str:
    """Say that a unified social credit code has the right check character."""
    symbols = f"'{_CREDIT_SYMBOLS}'"
    total = _weighted(column, _CREDIT_WEIGHTS, lambda sign: f"(strpos({symbols}, {sign}) - 1)")
    return (
        f"CASE WHEN {column} ~ '{_CREDIT_CODE}'"
        f" THEN substr({symbols}, 1 + (31 - ({total}) % 31) % 31, 1) = substr({column}, 18, 1)"
        f" AND {_not_one_sign(column)} ELSE false END"
    )


def _weighted(column: str, weights: Sequence[int], value: Callable[[str], str]) -> str:
    return " + ".join(
        f"{weight} * {value(f'substr({column}, {place}, 1)')}"
        for place, weight in enumerate(weights, start=1)
    )


def _not_one_sign(column: str) -> str:
    return f"{column} <> repeat(left({column}, 1), length({column}))"


def _unless_null(column: str, condition: str) -> str:
    return f"CASE WHEN {column} IS NULL THEN NULL ELSE {condition} END"


def _item_condition(item: Kind) -> str:
    """Say in SQL/JSON path that ``@`` is a value of a list."""
    schema = item.json_schema()
    if "enum" in schema:
        return " || ".join(f"@ == {json.dumps(code)}" for code in schema["enum"])
    pattern = schema.get("pattern", f"^.{{{schema['minLength']},{schema['maxLength']}}}$")
    letter = f" && @ like_regex {json.dumps(_LETTER)}" if isinstance(item, PersonName) else ""
    return f'@ like_regex {json.dumps(pattern)} flag "s"{letter}'


def _shape(name: str, column: str, *, placed: bool) -> str:
    """Say that coordinates are nested as the type wants, of two numbers each, and in China."""
    positions = f"$.coordinates{_POSITIONS[name]}"
    box = f"@[0] >= {WEST} && @[0] <= {EAST} && @[1] >= {SOUTH} && @[1] <= {NORTH}"
    numbers = '@[0].type() == "number" && @[1].type() == "number"'
    sound = f"@.size() == 2 && {box if placed else numbers}"
    strange = f"strict {positions} ? (({sound}) is unknown || !({sound}))"
    rings = f"strict {positions.removesuffix('[*]')} ? (@.size() < 4)"
    conditions = [f"jsonb_path_exists({column}, '{positions}')", _no(column, strange)]
    if name != "Point":
        conditions.append(_no(column, rings))
    return f"({' AND '.join(conditions)})"


def _no(column: str, path: str) -> str:
    # Coordinates nested too flatly make a strict path fail, which silence turns into NULL.
    return f"coalesce(NOT jsonb_path_exists({column}, '{path}', '{{}}', true), false)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
