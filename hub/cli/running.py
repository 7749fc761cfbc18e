"""Commands that run the hub: migrate, serve, up."""

from __future__ import annotations

import gc
import resource
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.printing import Json, progress, show, tell

if TYPE_CHECKING:
    import uvicorn

#: Longer than callers keep idle connections: closed at the same moment, a request would be lost.
KEEP_ALIVE = 75


def migrate(as_json: Json = False) -> None:
    """升级数据库. Bring the database to the newest schema."""
    from hub.config import load_settings
    from hub.database import engine
    from hub.store.migrations import migrate as upgrade

    with progress("migrate"):
        revision = upgrade(engine(load_settings()))
    show({"revision": revision}, as_json, f"schema {revision}")


def serve(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 takes any free.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    as_json: Json = False,
) -> None:
    """运行接口和控制台. Serve API and console until ctrl-c."""
    import uvicorn

    from hub.config import load_settings
    from hub.jobs.push import warm_up
    from hub.web.app import create_app
    from hub.web.console.libraries import fetch_beside

    settings = load_settings()
    _let_many_in()
    door = _listening(host, settings.port if port is None else port)
    address = f"{settings.scheme}://{host}:{door.getsockname()[1]}"
    app = create_app(settings)
    warm_up(settings.district)
    # What is there from the start stays: looking through all of it would hold a request up.
    gc.freeze()
    # Requests are told of by metrics and audit; a log of them would hold what was asked for.
    # Whoever waits for a change would otherwise keep the server for as long as they wait.
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=5,
        ssl_certfile=settings.tls.certificate if settings.tls else None,
        ssl_keyfile=settings.tls.key if settings.tls else None,
    )
    _check_tls(config)
    fetch_beside(settings.home)
    show({"address": address, "console": f"{address}/console"}, as_json)
    tell(f"hub: {address}")
    tell(f"console: {address}/console")
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[door])


def _listening(host: str, port: int) -> socket.socket:
    from hub.errors import ConfigError

    try:
        family, kind, number, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind, number)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(where)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return door


def _check_tls(config: uvicorn.Config) -> None:
    from hub.config import PREFIX
    from hub.errors import ConfigError

    try:
        config.load()
    except OSError as error:
        # An error of TLS is one of these, too; neither names what the files hold.
        where = f"{PREFIX}TLS__CERTIFICATE and {PREFIX}TLS__KEY"
        raise ConfigError(f"cannot speak TLS by {where}: {error.strerror or error}") from None


def _let_many_in() -> None:
    """Let as many callers in at once as the system allows; the usual bound is lower."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def libraries(as_json: Json = False) -> None:
    """下载前端库. Fetch the console's front-end libraries from npm; it works without them too."""
    from hub.web.console.libraries import BESIDE, fetch

    with progress("libraries"):
        files = fetch(BESIDE)
    show({"files": [str(file) for file in files]}, as_json, *map(str, files))


def up(as_json: Json = False) -> None:
    """运行全部. Run database, API and Airflow until ctrl-c."""
    from hub.config import load_settings
    from hub.running.up import up as run

    with progress("start") as watch, run(load_settings(), tell=watch) as running:
        airflow = running.airflow
        said = {
            "address": running.address,
            "console": f"{running.address}/console",
            "airflow": airflow.address,
            "airflow_user": airflow.user,
            "airflow_password": airflow.password,
        }
        show(said, as_json, *(f"{name:18}{value}" for name, value in said.items()))
        watch("running; ctrl-c ends it")
        with suppress(KeyboardInterrupt):
            running.watch()
