"""Check the audit, seal its days, turn its months; dispose of what is over: every night."""

from __future__ import annotations

from airflow.sdk import DAG, task

from dags import COMMON, timed
from hub.config import load_settings


@task
def verify() -> None:
    """Fail, naming the places, where anything was deleted, changed or reordered."""
    from hub.errors import Conflict
    from hub.jobs import audit

    faults = audit.verify(load_settings(), unsealed=True)
    if faults:
        raise Conflict("; ".join(faults))


@task
def seal() -> list[str]:
    """Return the days that have a root from now on."""
    from hub.jobs import audit

    return [str(root.day) for root in audit.seal(load_settings())]


@task
def turn_months() -> list[str]:
    """Return the months that were kept long enough and are gone."""
    from hub.jobs import audit

    return audit.turn_months(load_settings())


@task
def dispose() -> dict[str, int]:
    """Return how much of what was kept long enough, or came by grants that ended, is gone."""
    from hub.jobs import retention

    return {one.name: one.count for one in retention.run(load_settings())}


with DAG(
    "audit",
    schedule=timed("10 0 * * *"),
    dag_display_name="审计封存 Audit",
    doc_md=__doc__,
    tags=["audit"],
    **COMMON,
):
    verify() >> seal() >> turn_months()
    # What has to go goes also where the audit was tampered with.
    dispose()
