"""Merges Parquet files into PostgreSQL with dlt: run in dlt's own environment.

    python dlt_merge.py URL STATE_FOLDER ROWS_FOLDER arrow|rows

Each file is a table whose column `key` is the primary key. It is handed over as it is, as an Arrow
table, or row by row, as what REST servers, workbooks and pushes say reaches dlt.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import dlt
import pyarrow.parquet as pq

AT_A_TIME = 10_000


def one_by_one(table: pq.Table) -> Iterator[list[dict[str, Any]]]:
    """Give a table's rows, some thousands at a time as dlt likes it."""
    for batch in table.to_batches(AT_A_TIME):
        yield batch.to_pylist()


def main(url: str, state: str, rows: str, handed: str) -> None:
    tables = {file.stem: pq.read_table(file) for file in sorted(Path(rows).glob("*.parquet"))}
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=state,
        destination=dlt.destinations.postgres(url),
        dataset_name="merged",
    )
    resources = [
        dlt.resource(
            one_by_one(table) if handed == "rows" else table,
            name=name,
            primary_key="key",
            write_disposition="merge",
        )
        for name, table in tables.items()
    ]
    began = perf_counter()
    # CSV by COPY is dlt's quickest way into PostgreSQL.
    pipeline.run(resources, loader_file_format="csv").raise_on_failed_jobs()
    seconds = perf_counter() - began
    count = sum(len(table) for table in tables.values())
    sys.stdout.write(json.dumps({"seconds": seconds, "rows": count}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
