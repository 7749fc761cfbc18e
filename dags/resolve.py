"""Link and publish: after any source has brought something, on a timer, and wholly at night.

What a source has brought is a hint only, and hints get lost; the hub's own queue says what is to
be done, and the timer sees to it.
"""

from __future__ import annotations

from airflow.sdk import DAG, AssetAny, AssetOrTimeSchedule, task

from connectors import CONNECTORS
from dags import COMMON, asset, timed
from hub.config import load_settings


@task
def resolve(*, full: bool) -> dict[str, float]:
    """Return what was done, in numbers."""
    from dataclasses import asdict

    from hub.jobs.resolve import resolve

    return asdict(resolve(load_settings(), full=full))


with DAG(
    "resolve",
    schedule=AssetOrTimeSchedule(
        timetable=timed("*/10 * * * *"),
        assets=AssetAny(*map(asset, sorted(CONNECTORS))),
    ),
    dag_display_name="关联与发布 Resolve",
    doc_md=__doc__,
    tags=["resolve"],
    **COMMON,
):
    resolve(full=False)


with DAG(
    "reconcile",
    schedule=timed("30 2 * * *"),
    dag_display_name="夜间全量核对 Reconcile",
    doc_md=__doc__,
    tags=["resolve"],
    **COMMON,
):
    resolve(full=True)
