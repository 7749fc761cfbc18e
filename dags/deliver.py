"""Carry changes to departments and subscribers every minute; note what they have answered.

What is due is in the hub's own tables; `hub deliver --follow` may run beside this.
"""

from __future__ import annotations

from airflow.sdk import DAG, task

from dags import COMMON, timed
from hub.config import load_settings


@task
def deliver() -> dict[str, int]:
    """Return how many deliveries came to each state."""
    from hub.jobs.deliver import deliver

    return dict(deliver(load_settings()).states)


@task
def tell_subscribers() -> dict[str, int]:
    """Return how many messages were taken or not."""
    from hub.jobs.subscriptions import tell_subscribers

    return dict(tell_subscribers(load_settings()).counts)


with DAG(
    "deliver",
    schedule=timed("* * * * *"),
    dag_display_name="数据回流 Deliver",
    doc_md=__doc__,
    tags=["deliver"],
    **COMMON,
):
    deliver()
    tell_subscribers()
