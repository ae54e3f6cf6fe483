"""The embedded servers, started for real in a state folder of their own, and killed in every way."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from config import embedded, guardian

ROOT = Path(__file__).resolve().parents[2]
ADD_ROW = """
import psycopg, redis
from config import embedded
embedded.ensure()
urls = embedded.urls()
with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
    connection.execute("create table if not exists kept (i int)")
    connection.execute("insert into kept values (1)")
    rows = connection.execute("select count(*) from kept").fetchone()[0]
print(rows, redis.from_url(urls["REDIS_URL"]).incr("kept"))
"""

START_WORKER = """
from config import embedded
from config.celery import app
app.loader.init_worker()
print(embedded.healthy())
"""


@pytest.fixture
def home(monkeypatch):
    """A state folder whose path has a space; no server is left in it afterwards."""
    base = Path(tempfile.mkdtemp(prefix="plumbline test "))
    base.chmod(0o711)
    monkeypatch.setenv("PLUMBLINE_HOME", str(base / "home"))
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.setenv(name, "")
    yield base / "home"
    for pid in processes_of(base / "home", "guardian.py"):
        os.kill(pid, signal.SIGTERM)
    assert wait_until_gone(base / "home") == []
    state = guardian.StateFolder((base / "home").resolve())
    for link in (state.postgres_sockets, state.valkey_socket.parent):
        link.unlink(missing_ok=True)
    shutil.rmtree(base)


def add_row():
    """What another process sees after it added a row to either server: (rows, counter)."""
    done = subprocess.run([sys.executable, "-c", ADD_ROW], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return tuple(int(word) for word in done.stdout.split())


def processes_of(home, name=""):
    """Guardian, PostgreSQL (with its children) and Valkey of this state folder; or those named so."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            folder = str((process / "cwd").readlink())
        except OSError:
            continue
        if name in line and (str(home) in folder or f"guardian.py {home}" in line):
            found.append(int(process.name))
    return sorted(found)


def wait_until_gone(home, seconds=20):
    deadline = time.monotonic() + seconds
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.1)
    return processes_of(home)


def test_addresses_are_computed_and_nothing_is_started(home):
    urls = embedded.urls()

    assert urls["DATABASE_URL"].startswith("postgresql://plumbline_app@/plumbline?host=")
    assert urls["DATABASE_OWNER_URL"].startswith("postgresql://plumbline_owner@/plumbline?host=")
    assert urls["REDIS_URL"].endswith("valkey.sock?db=0")
    assert urls["BROKER_URL"].startswith("redis+socket:///")
    assert urls["BROKER_URL"].endswith("valkey.sock?virtual_host=1")
    assert not home.exists()


@pytest.mark.parametrize(
    ("database", "redis", "expected"),
    [
        ("", "", True),
        ("postgresql://db/x", "", True),
        ("", "redis://r", True),
        ("postgresql://db/x", "redis://r", False),
    ],
)
def test_needed_unless_both_servers_are_named(home, monkeypatch, database, redis, expected):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("REDIS_URL", redis)

    assert embedded.needed() is expected


def test_ensure_does_nothing_when_both_servers_are_named(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/x")
    monkeypatch.setenv("REDIS_URL", "redis://r")

    embedded.ensure()

    assert not home.exists()


@pytest.mark.parametrize("name", ["with space", "q?&#%", "ü", "long" * 50])
def test_socket_paths_are_short_and_plain_whatever_the_home(name):
    socket = guardian.StateFolder(Path("/srv") / name).valkey_socket

    assert len(os.fsencode(socket)) < 104
    assert str(socket).startswith(tempfile.gettempdir())


def test_a_plain_home_is_used_as_it_is():
    state = guardian.StateFolder(Path("/srv/plumbline"))

    assert str(state.valkey_socket) == "/srv/plumbline/run/valkey/valkey.sock"


def test_a_foreign_symlink_in_the_place_of_ours_is_refused(home):
    state = guardian.StateFolder(home)
    link = state.valkey_socket.parent
    link.symlink_to("/elsewhere")

    with pytest.raises(RuntimeError, match="is in the way"):
        guardian.prepare(state)


@pytest.mark.slow
def test_data_outlives_every_kill_and_nothing_stays_behind(home):
    assert add_row() == (1, 1)
    for count, victim in enumerate(["guardian.py", "bin/postgres -D", "valkey-server"], start=2):
        os.kill(processes_of(home, victim)[0], signal.SIGKILL)
        assert add_row() == (count, count), victim

    for pid in processes_of(home):
        with contextlib.suppress(ProcessLookupError):  # PostgreSQL's children go with their parent
            os.kill(pid, signal.SIGKILL)
    assert add_row() == (5, 5)
    assert wait_until_gone(home) == []


@pytest.mark.slow
def test_a_stale_pid_that_is_now_somebody_elses_does_not_prevent_the_start(home):
    add_row()
    assert wait_until_gone(home) == []
    sockets = guardian.StateFolder(home).postgres_sockets
    (home / "postgres18" / "postmaster.pid").write_text(f"{os.getppid()}\n{home}/postgres18\n")
    (sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getppid()}\n")

    assert add_row() == (2, 2)


@pytest.mark.slow
def test_many_clients_at_once_share_one_guardian_and_the_app_role_owns_nothing(home):
    add_row()
    command = [sys.executable, "-c", ADD_ROW]
    clients = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(3)]
    outputs = [client.communicate()[0] for client in clients]

    assert [client.returncode for client in clients] == [0, 0, 0]
    assert sorted(int(output.split()[1]) for output in outputs) == [2, 3, 4]
    assert len(processes_of(home, "guardian.py")) == 1
    with (
        psycopg.connect(embedded.urls()["DATABASE_URL"]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("create table mine (i int)")


def test_a_home_that_cannot_hold_a_cluster_is_explained(home):
    home.mkdir()
    (home / "postgres18").mkdir()

    done = subprocess.run([sys.executable, "-c", ADD_ROW], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 1
    assert "The embedded servers did not start" in done.stderr
    assert "PostgreSQL ended with exit code" in done.stderr


@pytest.mark.slow
def test_worker_and_beat_start_the_servers(home):
    done = subprocess.run([sys.executable, "-c", START_WORKER], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout == "True\n", done.stderr
