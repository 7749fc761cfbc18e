"""What a masked value still shows: enough to recognise it, not enough to use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import sqlalchemy as sa

Text = sa.ColumnElement[str]


def _number(value: Text) -> Text:
    hidden = sa.func.repeat("*", sa.func.greatest(sa.func.length(value) - 10, 4))
    ends = _joined(sa.func.left(value, 6), hidden, sa.func.right(value, 4))
    short = sa.func.repeat("*", sa.func.length(value))
    return sa.case((sa.func.length(value) > 12, ends), else_=short)


def _phone(value: Text) -> Text:
    return _joined(sa.func.left(value, 3), sa.literal("****"), sa.func.right(value, 4))


def _name(value: Text) -> Text:
    stars = sa.func.repeat("*", sa.func.greatest(sa.func.length(value) - 1, 1))
    return _joined(sa.func.left(value, 1), stars)


def _joined(*parts: sa.ColumnElement[Any]) -> Text:
    """Join texts; of what is missing nothing is shown, where ``concat`` would show stars."""
    return reduce(lambda left, right: left.op("||", return_type=sa.Text())(right), parts)


MASKS: Mapping[str, Callable[[Text], Text]] = {
    "citizen_id_no": _number,
    "id_document_no": _number,
    "owner_id_no": _number,
    "contact_phone": _phone,
    "emergency_contact_phone": _phone,
    "owner_phone": _phone,
    "person_name": _name,
    "former_name": _name,
    "emergency_contact_name": _name,
    "owner_name": _name,
}

#: Fields that are ever shown in part only; answers with a mask do not fit the field's own form.
MASKABLE = frozenset(MASKS)
