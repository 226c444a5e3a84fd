"""One trip to the database's thread for a statement, where SQLAlchemy makes four.

Replaces ``AsyncAdapt_aiosqlite_cursor.execute`` (sqlalchemy/dialects/sqlite/aiosqlite.py), which asks the
thread of the connection for a cursor, for the statement to be executed, for all rows, and for the cursor to
be closed, and waits for each.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_cursor

from helpers.argilla_local.faster.patching import replace_member

Outcome = tuple[Any, list[Any], int | None, int]


def install() -> None:
    """Put our method in place of the stock one."""
    replace_member(AsyncAdapt_aiosqlite_cursor, "execute", _in_one_trip(AsyncAdapt_aiosqlite_cursor.execute))


def _in_one_trip(stock: Callable[..., Any]) -> Callable[..., Any]:
    def execute(cursor: AsyncAdapt_aiosqlite_cursor, operation: str, parameters: Sequence[Any] = ()) -> None:
        if cursor.server_side:
            stock(cursor, operation, parameters)
            return
        connection = cursor._connection
        try:
            cursor.description, rows, cursor.lastrowid, cursor.rowcount = cursor.await_(
                connection._execute(_run, connection._conn, operation, parameters)
            )
        except Exception as error:
            cursor._adapt_connection._handle_exception(error)
        else:
            cursor._rows = deque(rows)

    return execute


def _run(connection: sqlite3.Connection, operation: str, parameters: Sequence[Any]) -> Outcome:
    cursor = connection.execute(operation, parameters)
    try:
        if cursor.description is None:
            return None, [], cursor.lastrowid, cursor.rowcount
        return cursor.description, cursor.fetchall(), -1, -1
    finally:
        cursor.close()
