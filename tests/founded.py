"""A state in a database that is founded once, and brought back to that for each test: a tenth of the work."""

import shutil
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from sandbox.services.state import open_state
from sandbox.settings import Database


class FoundedDatabase:
    """A database with a new state in it, the folder of its first machine, and both as they were."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._folder = folder
        open_state(folder, database=Database(url)).close()
        with psycopg.connect(url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            self._tables = [Identifier(name) for (name,) in tables]
            connection.execute("CREATE SCHEMA kept")
            for table in self._tables:
                connection.execute(SQL("CREATE TABLE kept.{} AS TABLE public.{}").format(table, table))

    def copy(self, folder: Path) -> None:
        """Bring the database back to what it was, and put a copy of its machine's folder at *folder*."""
        with psycopg.connect(self.url) as connection:
            connection.execute("SET LOCAL lock_timeout = '10s'")  # a test that has left its state open
            connection.execute("SET LOCAL session_replication_role = 'replica'")  # foreign keys hold at the end again
            for table in self._tables:
                connection.execute(SQL("DELETE FROM public.{}").format(table))
                connection.execute(SQL("INSERT INTO public.{} SELECT * FROM kept.{}").format(table, table))
        shutil.copytree(self._folder, folder)
