"""The process that builds a search index anew from the database. Runs in the server's environment."""

import logging
import sys
import time

from helpers.argilla_local.credentials import read_credentials
from helpers.argilla_local.home import Home, delete_database
from helpers.argilla_local.settings import apply_settings, skip_web_application


def main(home: Home) -> None:
    """Discard the index of a home, build it anew, and say how many records it holds and which it cannot."""
    logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.ERROR)
    apply_settings(home)
    skip_web_application()
    from helpers.argilla_local import database, leveling

    database.prepare(read_credentials(home))
    began = time.monotonic()
    delete_database(home.index)
    count = leveling.level(home)
    print(f"{count} records are indexed anew ({time.monotonic() - began:.0f} s).")
