"""The parts of a workbook that somebody has sent, read so that none can do harm by its size.

A workbook is a ZIP archive of XML parts. What is too large, would unpack to too much, declares
entities of its own or brings programs is refused before any of it is read as XML.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from xml.etree import ElementTree

from hub.parse.cells import Unreadable

#: Bytes of a form as it comes, and of all its parts unpacked.
MOST_BYTES, MOST_UNPACKED = 8 * 2**20, 64 * 2**20
_MOST_PARTS = 1_000
_ENCRYPTED = 0x1
_XML = (".xml", ".rels", ".vml")
_DECLARING = (b"<!DOCTYPE", b"<!ENTITY")

#: Part names with what they hold, in the order of the archive.
Parts = dict[str, bytes]


def unpacked(content: bytes) -> Parts:
    """Return the parts of a workbook; raise Unreadable where it is none or may not be trusted."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"a form holds at most {MOST_BYTES // 2**20} MiB")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check(archive.infolist())
            parts = {about.filename: archive.read(about) for about in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError):
        raise Unreadable("this is not an XLSX workbook") from None
    for name, part in parts.items():
        _check_part(name, part)
    return parts


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return a workbook of these parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def tree(parts: Mapping[str, bytes], name: str) -> ElementTree.Element:
    """Return a part as a tree; raise Unreadable where it is missing or broken."""
    try:
        return ElementTree.fromstring(parts[name])
    except (KeyError, ElementTree.ParseError):
        raise Unreadable("a part of the workbook is missing or broken") from None


def local(tag: str) -> str:
    """Return a name without its namespace or prefix."""
    return tag.rpartition("}")[2].rpartition(":")[2]


def relations(parts: Mapping[str, bytes], name: str) -> dict[str, tuple[str, str]]:
    """Return what a part refers to inside the workbook: by id the kind and the part's name."""
    folder, file = posixpath.split(name)
    path = posixpath.join(folder, "_rels", f"{file}.rels")
    if path not in parts:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for one in tree(parts, path):
        if one.get("TargetMode") == "External":
            continue
        target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))
        kind = one.get("Type", "").rpartition("/")[2]
        found[one.get("Id", "")] = (kind, target.lstrip("/"))
    return found


def _check(listed: list[zipfile.ZipInfo]) -> None:
    names = [about.filename for about in listed]
    if len(names) > _MOST_PARTS or len(set(names)) < len(names):
        raise Unreadable("the workbook has too many parts, or two of one name")
    if any(about.flag_bits & _ENCRYPTED for about in listed):
        raise Unreadable("the workbook is locked by a password")
    if sum(about.file_size for about in listed) > MOST_UNPACKED:
        raise Unreadable(f"the workbook unpacks to more than {MOST_UNPACKED // 2**20} MiB")


def _check_part(name: str, part: bytes) -> None:
    if posixpath.basename(name).lower() == "vbaproject.bin":
        raise Unreadable("the workbook brings programs (macros); save it as XLSX")
    if not name.lower().endswith(_XML):
        return
    # In another encoding a declaration could hide from the look below.
    if b"\0" in part or any(word in part for word in _DECLARING):
        raise Unreadable("a part of the workbook is not plain XML in UTF-8")
