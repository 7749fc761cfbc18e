"""Finding golden records by what is known of them: a number, a name, a telephone, an address.

Numbers and telephones are compared as their kinds write them. Names and addresses are looked for
in tiers, the exact one first: only where it finds too little is anything blurred.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import WrongUse
from hub.store.golden_reads import GoldenRecord, golden_record
from hub.store.visible import Denied, View, golden_table
from schemas import Section, field

#: For each record type, the fields that a criterion is about.
SOUGHT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "person": {
        "id_number": ("citizen_id_no", "id_document_no"),
        "name": ("person_name", "former_name"),
        "phone": ("contact_phone",),
        "address": ("standard_address",),
    },
    "house": {
        "id_number": ("house_code", "owner_id_no"),
        "name": ("owner_name",),
        "phone": ("owner_phone",),
        "address": ("standard_address",),
    },
    "address": {
        "id_number": ("address_code",),
        "name": ("compound_name",),
        "address": ("standard_address",),
    },
    "grid": {
        "id_number": ("grid_code", "unit_grid_code"),
        "name": ("grid_name",),
        "phone": ("grid_leader_phone",),
    },
    "component": {"id_number": ("component_id",), "name": ("component_name",)},
    "camera": {"id_number": ("device_code",), "name": ("device_name",)},
    "geo_entity": {"id_number": ("geo_entity_id",), "name": ("geo_entity_name",)},
    "building": {"id_number": ("model_object_id", "building_code")},
}

#: What people call by a name of three characters, and may mistype: people, owners, compounds.
CALLED = frozenset({"person", "house", "address", "geo_entity"})

#: Of more candidates than this, some are not looked at: who searched said too little.
MOST_CANDIDATES = 500
#: Below this a name is another name: two of three Chinese characters in a row are above it.
ALIKE = 0.4

_ALIKE = sa.text("SELECT set_config('pg_trgm.similarity_threshold', :alike, true)")

_THREE = re.compile("[\u3400-\u9fff]{3}")
_ENTITY_ID = re.compile("[A-Z][0-9a-f]{32}")
# Province, city and district stand before nearly every address: the index gains nothing by them.
_DIVISION = re.compile(
    "^([^0-9]{2,8}?(省|自治区))?([^0-9]{2,6}?(市|自治州))?([^0-9小社]{2,6}?(区|县))?"
)
# Words between two numbers of an address that every department writes differently.
_CLASSIFIER = re.compile("(号楼|号院|号|栋|幢|座|楼|单元|门|层|室|户|#|-|—|/)+")


class NothingToSeek(WrongUse):
    """A criterion cannot be looked for in this record type, or says too little."""

    status = 422

    def __init__(self, criterion: str, message: str) -> None:
        super().__init__(message)
        self.criterion = criterion


@dataclass(frozen=True, slots=True, repr=False)
class Criteria:
    """What is known of the records sought; not shown, since it is personal itself."""

    id_number: str | None = None
    name: str | None = None
    phone: str | None = None
    address: str | None = None
    q: str | None = None

    def given(self) -> dict[str, str]:
        """Return the criteria that say something."""
        said = {name: getattr(self, name) for name in Criteria.__slots__}
        return {name: text.strip() for name, text in said.items() if text and text.strip()}

    def names_somebody(self) -> bool:
        """Tell whether a word may be a name of three characters, as most Chinese names are."""
        return any(map(_THREE.fullmatch, f"{self.name or ''} {self.q or ''}".split()))


@dataclass(frozen=True, slots=True)
class Hit:
    """A golden record found, and how well it fits: 1 is exact."""

    score: float
    record: GoldenRecord


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave: hits, best first, and the rules that criteria break, by criterion."""

    hits: list[Hit]
    broken: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Tier:
    """One way to look: the condition, and how well what meets it fits."""

    condition: sa.ColumnElement[bool]
    score: sa.ColumnElement[float]

    def and_(self, other: _Tier) -> _Tier:
        return _Tier(sa.and_(self.condition, other.condition), self.score * other.score)


_SURE = sa.cast(sa.literal(1.0), sa.Float)


def sought_fields(model: type[Section], criteria: Criteria) -> frozenset[str]:
    """Return the fields that a search looks into: searching by a value is reading it."""
    known = SOUGHT[model.record_type]
    asked = known if criteria.q else criteria.given()
    return frozenset(name for criterion in asked for name in known.get(criterion, ()))


def search(
    connection: Connection, view: View, seeking: View, criteria: Criteria, limit: int
) -> Found:
    """Find golden records that meet all criteria.

    ``view`` says what is shown of them, ``seeking`` what may be looked into.
    """
    if not criteria.given():
        raise NothingToSeek("", "at least one criterion has to say something")
    if not criteria.given().keys().isdisjoint({"name", "q"}):
        connection.execute(_ALIKE, {"alike": str(ALIKE)})
    seeker = _Seeker(seeking)
    hits = _hits(connection, view, seeker, criteria, limit)
    if not hits and seeking.model.record_type in CALLED and criteria.names_somebody():
        # Dear, since the index has only the surname to go by: for what is found nowhere else.
        hits = _hits(connection, view, _Seeker(seeking, doubtful=True), criteria, limit)
    best = sorted(hits.values(), key=lambda hit: (-hit.score, hit.record.id))
    return Found(best[:limit], {} if best else seeker.broken)


def _hits(
    connection: Connection, view: View, seeker: _Seeker, criteria: Criteria, limit: int
) -> dict[str, Hit]:
    """Look in tiers, the strictest first, until enough is found."""
    ways: list[list[_Tier]] = [seeker.ways(*said) for said in criteria.given().items()]
    hits: dict[str, Hit] = {}
    for tiers in sorted(product(*map(enumerate, ways)), key=lambda way: sum(n for n, _ in way)):
        tier = _joined(tier for _, tier in tiers)
        for hit in _run(connection, view, _within(tier, seeker.view, criteria), limit):
            hits.setdefault(hit.record.id, hit)
        if len(hits) >= limit:
            break
    return hits


def _joined(tiers: Iterable[_Tier]) -> _Tier:
    first, *others = tiers
    for tier in others:
        first = first.and_(tier)
    return first


def _within(tier: _Tier, seeking: View, criteria: Criteria) -> _Tier:
    """Look only where the fields that are looked into were granted."""
    looked_into = sought_fields(seeking.model, criteria)
    granted = seeking.sought(looked_into, golden_table(seeking).c.entity_id)
    return _Tier(sa.and_(tier.condition, granted), tier.score)


def _run(connection: Connection, view: View, tier: _Tier, limit: int) -> list[Hit]:
    table = golden_table(view)
    candidates = (
        sa.select(table.c.entity_id, tier.score.label("score"))
        .where(tier.condition, table.c.retired_at.is_(None), view.rows(table.c.entity_id))
        .limit(MOST_CANDIDATES)
        .subquery()
    )
    best = (
        sa.select(candidates)
        .order_by(candidates.c.score.desc(), candidates.c.entity_id)
        .limit(limit)
        .subquery()
    )
    query = sa.select(
        best.c.score,
        table.c.entity_id,
        table.c.version,
        table.c.updated_at,
        table.c.marks.label("golden_marks"),
        *view.columns(table),
    ).join(best, best.c.entity_id == table.c.entity_id)
    found = connection.execute(query).all()
    return [Hit(round(float(row.score), 3), golden_record(view, row._mapping)) for row in found]


class _Seeker:
    """Turns criteria into tiers of conditions on one record type."""

    def __init__(self, view: View, *, doubtful: bool = False) -> None:
        self.view = view
        #: Whether the middle character of a name may be wrong as well.
        self.doubtful = doubtful
        self.model = view.model
        self.table = golden_table(view)
        self.broken: dict[str, str] = {}

    def ways(self, criterion: str, text: str) -> list[_Tier]:
        """Return the ways to look for a criterion, the strictest first."""
        if criterion == "q":
            return [self._anything(text)]
        names = self._names(criterion)
        if criterion in ("id_number", "phone"):
            return [self._equal(criterion, names, text)]
        if criterion == "address":
            return [self._placed(names, text)]
        if len(text) < 2:
            raise NothingToSeek("name", "a name of one character says too little")
        return [self._named(names, text), self._alike(names, text)]

    def _names(self, criterion: str) -> tuple[str, ...]:
        names = SOUGHT[self.model.record_type].get(criterion, ())
        if not names:
            raise NothingToSeek(criterion, f"{self.model.collection} have no {criterion}")
        shown = tuple(name for name in names if self.view.searchable(name))
        if not shown:
            raise Denied(f"searching by {criterion} is reading it, which is not granted")
        return shown

    def _equal(self, criterion: str, names: Sequence[str], text: str) -> _Tier:
        parts = []
        for name in names:
            value, rule = canonical(self.model, name, text)
            if value is not None:
                parts.append(self.table.c[name] == value)
            elif rule is not None:
                self.broken.setdefault(criterion, rule)
        return _Tier(sa.or_(sa.false(), *parts), _SURE)

    def _named(self, names: Sequence[str], text: str) -> _Tier:
        known = {name: canonical(self.model, name, text)[0] or text for name in names}
        return _Tier(sa.or_(*(self.table.c[name] == known[name] for name in names)), _SURE)

    def _alike(self, names: Sequence[str], text: str) -> _Tier:
        # Only the first of them has an index of its text: the others are found by exact value.
        columns = [self.table.c[name] for name in names[:1]]
        folded = unicodedata.normalize("NFKC", text)
        near: list[sa.ColumnElement[bool]] = [column.op("%")(folded) for column in columns]
        if len(folded) > 2:
            # Three characters are a trigram: only then has the index something to go by.
            near += [column.contains(folded, autoescape=True) for column in columns]
        if _THREE.fullmatch(folded):
            # One of three characters mistyped leaves too few trigrams alike to be near by them.
            forms = _mistyped(folded, middle=self.doubtful)
            near += [column.like(form) for column in columns for form in forms]
        scores = [sa.func.coalesce(sa.func.similarity(column, folded), 0.0) for column in columns]
        return _Tier(sa.or_(*near), sa.func.greatest(*scores))

    def _placed(self, names: Sequence[str], text: str) -> _Tier:
        parts = address_parts(text)
        below = _DIVISION.sub("", "".join(text.split()))
        parts = address_parts(below) if _telling(below) else parts
        if not _telling(text):
            message = "an address needs three characters in a row to be looked for"
            raise NothingToSeek("address", message)
        return self._along(names, parts)

    def _along(self, names: Sequence[str], parts: Sequence[str]) -> _Tier:
        """Look for the parts of an address in their order, numbers as whole numbers."""
        pattern = "%" + "%".join(map(_like, parts)) + "%"
        exact = ".*".join(map(_whole, parts))
        columns = [self.table.c[name] for name in names]
        found = [
            sa.and_(column.like(pattern, escape="\\"), column.regexp_match(exact))
            for column in columns
        ]
        said = "".join(parts)
        nearness = (sa.func.word_similarity(said, column) for column in columns)
        scores = [sa.func.coalesce(near, 0.0) for near in nearness]
        return _Tier(sa.or_(*found), sa.func.greatest(*scores))

    def _anything(self, text: str) -> _Tier:
        """Look for words of any meaning, each of which has to be found somewhere."""
        words = text.split()[:6]
        # "3号楼" says too little by itself, but something beside a name.
        alone = not any(_telling(word) for word in words)
        return _joined(self._word(word, alone=alone) for word in words)

    def _word(self, word: str, *, alone: bool) -> _Tier:
        if _ENTITY_ID.fullmatch(word):
            return _Tier(self.table.c.entity_id == word, _SURE)
        known = SOUGHT[self.model.record_type]
        shown = {
            criterion: [name for name in known[criterion] if self.view.searchable(name)]
            for criterion in known
        }
        numbers = [*shown.get("id_number", ()), *shown.get("phone", ())]
        equal = self._equal("q", numbers, word)
        self.broken.clear()
        if re.search("[0-9]{4}", word) and not isinstance(equal.condition, sa.False_):
            return equal
        parts = address_parts(word)
        ways = []
        if shown.get("name") and len(word) > 1:
            ways += [self._named(shown["name"], word), self._alike(shown["name"], word)]
        if shown.get("address") and parts and (_telling(word) or not alone):
            ways.append(self._along(shown["address"], parts))
        if not ways:
            raise NothingToSeek("q", "this says too little to be looked for")
        conditions = [way.condition for way in ways]
        scores = [sa.case((way.condition, way.score), else_=0.0) for way in ways]
        return _Tier(sa.or_(*conditions), sa.func.greatest(*scores))


def _mistyped(name: str, *, middle: bool) -> list[str]:
    """Write patterns for a name of three characters, one of which is wrong."""
    ends = [f"{name[:2]}_", f"_{name[1:]}"]
    return [*ends, f"{name[0]}_{name[2]}"] if middle else ends


def canonical(model: type[Section], name: str, text: str) -> tuple[str | None, str | None]:
    """Write a value as the field's kind writes it, or name the rule that it breaks."""
    verdict = field(model, name).kind.judge_one(text)
    return verdict.value, verdict.rule


def _telling(text: str) -> bool:
    """Tell whether the index has something to go by: three characters in a row."""
    return any(len(part) > 2 for part in address_parts(text))


def address_parts(text: str) -> list[str]:
    """Split an address into names and numbers, without the words that only count storeys."""
    folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    parts = re.findall("[0-9]+|[^0-9]+", folded)
    return [part for part in parts if not _CLASSIFIER.fullmatch(part)]


def lies_at(said: str, address: str) -> bool:
    """Tell whether an address has the parts of another in their order, numbers as whole numbers."""
    below = _DIVISION.sub("", "".join(said.split()))
    parts = address_parts(below)
    if not (_telling(below) and any(map(str.isdigit, parts))):
        return False
    return re.search(".*".join(map(_whole, parts)), "".join(address_parts(address))) is not None


def _like(part: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", part)


def _whole(part: str) -> str:
    """Write a regular expression for a part; 3 must not be found in 13 or 30."""
    return f"(?<![0-9]){part}(?![0-9])" if part.isdigit() else re.escape(part)
