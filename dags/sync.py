"""One DAG a connector: land, translate, validate, keep; batch ids only between the tasks."""

from __future__ import annotations

from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowSkipException

from connectors import CONNECTORS
from dags import COMMON, asset, timed
from hub.config import load_settings


def sync(source: str) -> DAG:
    """Build the DAG of one source."""
    title = CONNECTORS[source].title

    @task
    def land(run_id: str | None = None) -> list[int]:
        from hub.jobs import sync

        settings = load_settings()
        if source not in sync.connected(settings):
            raise AirflowSkipException(f"source {source} is not connected")
        return sync.land(settings, source, airflow_run=run_id)

    @task
    def translate(batch_ids: list[int]) -> list[int]:
        from hub.jobs import sync

        for batch_id in batch_ids:
            sync.translate(load_settings(), batch_id)
        return batch_ids

    @task
    def validate(batch_ids: list[int]) -> list[int]:
        from hub.jobs import sync

        for batch_id in batch_ids:
            sync.validate(load_settings(), batch_id)
        return batch_ids

    @task(outlets=[asset(source)])
    def keep(batch_ids: list[int]) -> list[int]:
        from hub.jobs import sync

        for batch_id in batch_ids:
            sync.keep(load_settings(), batch_id)
        return batch_ids

    with DAG(
        f"sync_{source}",
        schedule=timed("*/15 * * * *"),
        dag_display_name=f"{title.zh} {title.en}",
        doc_md=CONNECTORS[source].__doc__,
        tags=["sync"],
        **COMMON,
    ) as dag:
        # Airflow hands over what a task returns where mypy sees the task.
        keep(validate(translate(land())))  # type: ignore[arg-type]
    return dag


for name in sorted(name for name, one in CONNECTORS.items() if one.has_system):
    globals()[f"sync_{name}"] = sync(name)
