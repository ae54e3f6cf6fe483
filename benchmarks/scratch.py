"""A database of its own for a benchmark, with all tables, dropped at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from config import embedded

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def scratch_database(name: str) -> Iterator[dict[str, str]]:
    """The environment of a process that shall use the scratch database, migrated; DATABASE_OWNER_URL in it
    is for psycopg, too."""
    embedded.ensure()
    urls = embedded.urls() if embedded.needed() else dict(os.environ)
    owner = urls.get("DATABASE_OWNER_URL", urls["DATABASE_URL"])
    name = f"bench_{name}_{os.getpid()}"
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
        try:
            env = os.environ | {
                "DATABASE_URL": _other(urls["DATABASE_URL"], name),
                "DATABASE_OWNER_URL": _other(owner, name),
                "REDIS_URL": urls["REDIS_URL"],
            }
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)
            yield env
        finally:
            _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    """Once the last server process of a program that has ended is gone, too."""
    for attempt in range(10):
        try:
            connection.execute(f'drop database if exists "{name}"')
            return
        except psycopg.errors.ObjectInUse:
            time.sleep(0.2 * (attempt + 1))
    raise RuntimeError(f"the database {name} is still in use")


def _other(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
