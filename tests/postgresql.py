"""A real PostgreSQL server for the tests: made in a folder of its own, run by another user than root, stopped after."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import psycopg

from tests.ports import free_port
from tests.waiting import until

PASSWORD = "sésam/öffne:dich@#?"  # every character that a URL would take for its own


class Server:
    """Started and stopped as often as a test wants; its data stay until `remove`."""

    def __init__(self) -> None:
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self._folder = Path(tempfile.mkdtemp(prefix="sandbank-postgresql-", dir="/tmp"))
        self._user = next((name for name in ("postgres", "nobody") if _is_there(name)), "") if os.geteuid() == 0 else ""
        password = self._folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        if self._user:
            shutil.chown(self._folder, self._user)
            shutil.chown(password, self._user)
        self._run(
            "initdb",
            "-D",
            self._data,
            "-U",
            "tester",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        )
        self._port = free_port()
        self._count = 0
        self._empty: list[str] = []

    @property
    def port(self) -> int:
        return int(self._port)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-l", str(self._folder / "log"), "-o", options, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """*mode* "immediate" is a crash: nobody is told, and the next start recovers."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def terminate(self, database: str) -> int:
        """End all connections to the database of that URL but this one, and wait for it; how many there were."""
        with psycopg.connect(database, autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
            return len(ended.fetchall())

    def remove(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self._folder)

    def new_database(self) -> str:
        """The URL of an empty one, that sorts text as English does and not as SQLite."""
        self._count += 1
        name = f"test{self._count}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
        return self.url(name)

    def empty_database(self) -> str:
        """The URL of one that somebody has given back, or of a new one: to make it takes seven times as long."""
        return self._empty.pop() if self._empty else self.new_database()

    def take_back(self, database: str) -> None:
        """Empty the database of that URL for whoever wants one next. Raises psycopg.Error where that cannot be."""
        self.terminate(database)
        with psycopg.connect(database) as connection:
            connection.execute("SET lock_timeout = '10s'")  # a connection that came after all
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        self._empty.append(database)

    def show_certificate(self, pem: bytes) -> None:
        """Speak TLS, with this key and certificate, to whoever asks for it."""
        for name in ("server.key", "server.crt"):
            file = Path(self._data) / name
            file.write_bytes(pem)
            file.chmod(0o600)
            if self._user:
                shutil.chown(file, self._user)
        self._configure("ALTER SYSTEM SET ssl = on")

    def speak_plainly(self) -> None:
        self._configure("ALTER SYSTEM RESET ssl")

    def _configure(self, statement: LiteralString) -> None:
        def loaded() -> object:
            """When the server that a new connection finds has read its configuration."""
            with psycopg.connect(self.url("postgres")) as connection:
                return connection.execute("SELECT pg_conf_load_time()").fetchone()

        before = loaded()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)
            connection.execute("SELECT pg_reload_conf()")
        until(lambda: loaded() != before, 60)

    def dump(self, database: str) -> bytes:
        """Everything that is in the database of that URL, as pg_dump writes it: bytes in hexadecimal."""
        return subprocess.run([self._bin / "pg_dump", database], check=True, capture_output=True, cwd="/").stdout

    def url(self, name: str) -> str:
        return f"postgresql://tester:{quote(PASSWORD, safe='')}@127.0.0.1:{self._port}/{name}"

    def _run(self, command: str, *arguments: str) -> None:
        who = {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []} if self._user else {}
        log = subprocess.DEVNULL  # pg_ctl's server would keep a pipe of ours open
        subprocess.run([self._bin / command, *arguments], check=True, cwd="/", stdout=log, stderr=log, **who)


def _is_there(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())
