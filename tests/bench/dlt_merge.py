"""Merges Parquet files into PostgreSQL with dlt: run in dlt's own environment.

    python dlt_merge.py URL STATE_FOLDER ROWS_FOLDER

Each file is a table whose column `key` is the primary key.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

import dlt
import pyarrow.parquet as pq


def main(url: str, state: str, rows: str) -> None:
    tables = {file.stem: pq.read_table(file) for file in sorted(Path(rows).glob("*.parquet"))}
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=state,
        destination=dlt.destinations.postgres(url),
        dataset_name="merged",
    )
    resources = [
        dlt.resource(table, name=name, primary_key="key", write_disposition="merge")
        for name, table in tables.items()
    ]
    began = perf_counter()
    # Arrow tables as CSV by COPY are dlt's quickest way into PostgreSQL.
    pipeline.run(resources, loader_file_format="csv").raise_on_failed_jobs()
    seconds = perf_counter() - began
    count = sum(len(table) for table in tables.values())
    sys.stdout.write(json.dumps({"seconds": seconds, "rows": count}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
