"""The web server's process: Argilla's REST API and pages. Runs in the server's environment."""

import socket
import sys
from typing import Any

from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home
from helpers.argilla_local.leases import announce
from helpers.argilla_local.lifeline import die_with
from helpers.argilla_local.settings import apply_settings

GRACE_S = 2
# Longer than clients keep idle connections (httpx: 5 s, which is uvicorn's default too): the server must not
# close one just when the next request comes.
KEEP_ALIVE_S = 75


def main(home: Home, supervisor: str, descriptor: str) -> None:
    """Serve Argilla on an inherited listening socket, and tell the supervisor when it is ready."""
    die_with(int(supervisor))
    apply_settings(home)

    import uvicorn
    from argilla_server import app
    from argilla_server.database import async_engine

    # Importing the engine registers it as "fts5".
    from helpers.argilla_local import (  # noqa: F401
        database,
        engine,
        faster,
        leveling,
        logs,
        mends,
        sign_in,
        statuses,
        web_pages,
    )

    logs.configure()
    faster.install()
    jobs = mends.mend_requests()
    mends.mend()
    web_pages.mend_pages()
    sign_in.open_door()
    database.prepare(read_credentials(home))
    statuses.correct_statuses()
    leveling.level(home)

    class AnnouncedServer(uvicorn.Server):
        async def startup(self, *arguments: Any, **options: Any) -> None:
            await super().startup(*arguments, **options)
            if self.started:
                faster.freeze()
                announce(home, "server")

        async def shutdown(self, *arguments: Any, **options: Any) -> None:
            await super().shutdown(*arguments, **options)
            if jobs is not None:
                await jobs.close()
            # The last connection to close puts SQLite's write-ahead log into the database file.
            await async_engine.dispose()

    server = AnnouncedServer(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=KEEP_ALIVE_S,
        )
    )
    server.run(sockets=[socket.socket(fileno=int(descriptor))])
    sys.exit(0 if server.started else 1)
