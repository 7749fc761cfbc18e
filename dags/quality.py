"""Measure every night how good the golden records are."""

from __future__ import annotations

from airflow.sdk import DAG, task

from dags import COMMON, timed
from hub.config import load_settings


@task
def measure() -> dict[str, dict[str, int]]:
    """Return for each record type how many values break which expectation; never a value."""
    from hub.jobs.quality import measure

    return {
        report.record_type: {
            f"{check.field or '*'} {check.rule}": check.unexpected for check in report.found
        }
        for report in measure(load_settings())
    }


with DAG(
    "quality",
    schedule=timed("0 4 * * *"),
    dag_display_name="质量报告 Quality report",
    doc_md=__doc__,
    tags=["quality"],
    **COMMON,
):
    measure()
