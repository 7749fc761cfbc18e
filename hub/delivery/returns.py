"""Changes as workbooks in a folder (回流), confirmed by receipts (回执) in the same place."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from hub.delivery.parcel import SENDER, Answering, Outcome, Parcel, Reply, Target

_OUTBOX = "outbox"
_HEADER = ("数据集", "编号", "字段", "原值", "新值", "来源", "时间")
_DONE = "已更新"


class Returns(Target, Answering):
    """A folder that workbooks are put into, one a delivery."""

    def __init__(self, folder: Path) -> None:
        self._outbox = folder / _OUTBOX

    def close(self) -> None:
        """Let go of nothing: files are not kept open."""

    def send(self, parcel: Parcel) -> Outcome:
        """Put a workbook into the folder, whole or not at all."""
        file = self._outbox / f"回流_{parcel.delivery_id}.xlsx"
        draft = file.with_name(f".{file.name}.part")
        try:
            if not file.exists():
                _write(draft, _workbook(parcel))
                draft.replace(file)
        except OSError as error:
            draft.unlink(missing_ok=True)
            return Outcome(
                "failed", f"the folder cannot be written to: {error.strerror}", down=True
            )
        return Outcome("handed")

    def replies(self, parcels: Sequence[Parcel]) -> dict[str, Reply]:
        """Read the receipts that are there and speak of all that was sent."""
        found = ((parcel, self._receipt(parcel)) for parcel in parcels)
        return {parcel.delivery_id: reply for parcel, reply in found if reply is not None}

    def _receipt(self, parcel: Parcel) -> Reply | None:
        try:
            text = (self._outbox / f"回执_{parcel.delivery_id}.csv").read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
        said = {row.get("字段"): row for row in csv.DictReader(io.StringIO(text))}
        if not parcel.cells.keys() <= said.keys():
            return None
        refused = [said[name] for name in parcel.cells if said[name].get("结果") != _DONE]
        reasons = (row.get("原因") or row.get("结果") or "" for row in refused)
        return Reply(done=not refused, reason="；".join(reasons) or None, shown=True)


def _workbook(parcel: Parcel) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(_HEADER)
    source = f"{SENDER} {parcel.basis}".strip()
    at = f"{parcel.at:%Y-%m-%d %H:%M:%S}"
    for column, (now, wanted) in sorted(parcel.cells.items()):
        sheet.append([parcel.dataset.name, parcel.key, column, now or "", wanted, source, at])
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            # What begins like a formula is text like any other.
            cell.data_type = "s"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
