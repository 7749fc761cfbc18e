"""The processes of `hub up` and `hub demo`: started together, ended together, none left behind.

    up        everything in its order: database, migrations, API, Airflow; what runs, and where
    airflow   Airflow's settings, and its runs as its own REST API tells them
    group     starting processes that end with this one
    watcher   the process that is their parent, and ends them when this one is gone

Nothing is imported here: the watcher is to be up at once, and to stay small.
"""
