"""The server's database: its tables and its owner. Runs in the server's environment."""

import logging
from pathlib import Path

from helpers.argilla_local.credentials import Credentials
from helpers.argilla_local.errors import HomeError
from helpers.argilla_local.home import delete_database

logger = logging.getLogger(__name__)


def prepare(credentials: Credentials) -> None:
    """Bring the tables to the newest form where they are not, and see that the owner is there."""
    from argilla_server.database import sync_engine

    _migrate()
    _ensure_owner(credentials)
    sync_engine.dispose()


def _migrate() -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from argilla_server.database import ALEMBIC_CONFIG_FILE, sync_engine

    # Not from the file itself: alembic would take over the logging that it configures too.
    config = Config()
    config.set_main_option("script_location", str(Path(ALEMBIC_CONFIG_FILE).with_name("alembic")))
    with sync_engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != ScriptDirectory.from_config(config).get_current_head():
        _discard_half_made()
        with sync_engine.connect() as connection:
            # Readers and the writer no longer wait for each other. The file remembers it.
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        command.upgrade(config, "head")


def _discard_half_made() -> None:
    """Delete a database whose first start was cut short: its tables cannot be made again, and it is empty."""
    from argilla_server.database import sync_engine
    from argilla_server.models import User
    from sqlalchemy import inspect, text

    database = Path(sync_engine.url.database)
    own = {*User.metadata.tables, "alembic_version"}
    with sync_engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        if foreign := sorted(set(tables) - own):
            raise HomeError(f"{database} is another program's, with the tables {foreign}: move it away.")
        if not tables or any(
            connection.scalar(text(f"SELECT count(*) FROM {table}"))
            for table in set(tables) - {"alembic_version"}
        ):
            return
    sync_engine.dispose()
    logger.warning("%s was left half-made, with nothing stored in it: it is made anew.", database)
    delete_database(database)


def _ensure_owner(credentials: Credentials) -> None:
    from argilla_server.contexts.accounts import hash_password
    from argilla_server.database import SyncSessionLocal
    from argilla_server.enums import UserRole
    from argilla_server.models import User, Workspace
    from sqlalchemy import select

    name = credentials.username
    with SyncSessionLocal() as session:
        # By the key first: an owner who took another name is still the one.
        owner = session.scalar(select(User).where(User.api_key == credentials.api_key)) or session.scalar(
            select(User).where(User.username == name)
        )
        if owner is None:
            # The workspace outlives an owner who was deleted.
            workspace = session.scalar(select(Workspace).where(Workspace.name == name))
            owner = User(first_name=name, username=name, role=UserRole.owner)
            owner.workspaces = [workspace or Workspace(name=name)]
            session.add(owner)
        # The credentials file is the truth: where it was lost, a new one was made.
        if owner.api_key != credentials.api_key:
            owner.api_key = credentials.api_key
            owner.password_hash = hash_password(credentials.password)
            session.commit()
