"""When the hub's jobs run. The files here say when and in which order; what is done is hub.jobs.

They are read again and again by Airflow, so reading them touches no database and no source.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, CronTriggerTimetable

TIMEZONE = "Asia/Shanghai"

#: What all of them have in common. None has a start: what fell due before the hub was switched on
#: is not made up for, and the same file always gives the same DAG.
COMMON: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 1,
    "default_args": {"retries": 1, "retry_delay": timedelta(seconds=30)},
}


def timed(cron: str) -> CronTriggerTimetable:
    """Return a timetable in the district's time that begins with the next time, not the last."""
    return CronTriggerTimetable(cron, timezone=TIMEZONE, run_immediately=timedelta(0))


def asset(source: str) -> Asset:
    """Return what a source has brought into the hub."""
    return Asset(f"hub://{source}")
