"""How Argilla's server and worker are configured: through their environment variables."""

import os
import sys
import types
from urllib.parse import quote

from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home

# Redis goes on executing what a client has given up on: to take a job from a queue, and lose it. So its
# clients wait as long as it hangs; where it dies, they notice at once.
REDIS_TIMEOUT_S = 24 * 60 * 60


def apply_settings(home: Home) -> None:
    """Set the variables that argilla_server reads when it is imported.

    They are set inside the process: a secret in a process's initial environment could be read from outside.
    """
    os.environ.update(
        {
            "ARGILLA_HOME_PATH": str(home.path),
            "ARGILLA_DATABASE_URL": f"sqlite+aiosqlite:///{home.database}?check_same_thread=False",
            # Server and worker write to one file: wait for the other one rather than fail.
            "ARGILLA_DATABASE_SQLITE_TIMEOUT": "30",
            "ARGILLA_REDIS_URL": f"unix://{quote(home.require_state().redis_socket)}?socket_timeout={REDIS_TIMEOUT_S}",
            "ARGILLA_SEARCH_ENGINE": "fts5",
            "ARGILLA_LOCAL_INDEX": str(home.index),
            "ARGILLA_AUTH_SECRET_KEY": read_credentials(home).secret_key,
            "ARGILLA_CORS_ORIGINS": "[]",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }
    )


def skip_web_application() -> None:
    """Keep argilla_server from building its web application, which it does whenever it is imported.

    Only the server has a use for it, and it costs half of another process's start and memory, and a copy of
    all web pages.
    """
    application = types.ModuleType("argilla_server._app")
    application.__dict__["app"] = None
    sys.modules[application.__name__] = application
