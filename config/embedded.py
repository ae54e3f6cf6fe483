"""PostgreSQL and Valkey without an installation: the default when DATABASE_URL or REDIS_URL is not set.

    urls()     computes the addresses and starts nothing
    ensure()   starts what is missing and waits; does nothing when the environment names both servers

A guardian process (guardian.py) owns both servers of a state folder. Every client process keeps a shared
flock on `run/clients.lock` for as long as it lives, and the guardian stops the servers a few seconds after
the last one is gone: a flock vanishes with kill -9, so nothing leaks, and no stored pid is ever trusted.
docs/decisions/0002-embedded-servers.md says why. No Django here: settings import this module.
"""

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

import environ

from config import guardian
from config.guardian import APP, DATABASE, OWNER, StateFolder

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90.0
LOG_BYTES = 10_000_000

_held: list[IO[str]] = []  # open files whose locks must last as long as this process
_guardians: list["subprocess.Popen[bytes]"] = []  # they outlive us; a collected handle would warn of that


def home() -> Path:
    """The folder of all local state: PLUMBLINE_HOME, else /var/lib/plumbline for root, else var/."""
    _read_dotenv()
    default = "/var/lib/plumbline" if os.geteuid() == 0 else ROOT / "var"
    return Path(os.environ.get("PLUMBLINE_HOME") or default).expanduser().resolve()


def needed() -> bool:
    """True unless the environment (or .env) names both a database and a Redis or Valkey server."""
    _read_dotenv()
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def urls() -> dict[str, str]:
    """Addresses of the embedded servers: DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL, BROKER_URL."""
    state = StateFolder(home())
    host = quote(str(state.postgres_sockets), safe="")
    return {
        "DATABASE_URL": f"postgresql://{APP}@/{DATABASE}?host={host}",
        "DATABASE_OWNER_URL": f"postgresql://{OWNER}@/{DATABASE}?host={host}",
        "REDIS_URL": f"unix://{state.valkey_socket}?db=0",
        "BROKER_URL": f"redis+socket://{state.valkey_socket}?virtual_host=1",
    }


def ensure() -> None:
    """Start the embedded servers unless they run, and keep them while this process lives.

    Raises RuntimeError with the end of the guardian's log when they do not start.
    """
    if not needed():
        return
    state = StateFolder(home())
    guardian.prepare(state)
    if not _held:
        _held.append(open(state.run / "clients.lock", "a"))  # noqa: SIM115 - held until the process ends
        fcntl.flock(_held[0], fcntl.LOCK_SH)
    with open(state.run / "start.lock", "a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _start_and_wait(state)


def healthy() -> bool:
    """True when a guardian holds its lock and both servers answer in their own protocols."""
    state = StateFolder(home())
    try:
        with open(state.run / "guardian.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False  # nobody owns the servers
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return state.ready.exists() and _postgres_answers(state) and _valkey_answers(state)


def _read_dotenv() -> None:
    if (ROOT / ".env").is_file():
        environ.Env.read_env(ROOT / ".env")


def _start_and_wait(state: StateFolder) -> None:
    deadline = time.monotonic() + START_SECONDS
    process: subprocess.Popen[bytes] | None = None
    while not healthy():
        if process is None or process.poll() == 0:  # 0: it met a guardian that was still stopping
            process = _spawn_guardian(state)
        elif process.poll() is not None or time.monotonic() > deadline:
            end = state.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"The embedded servers did not start. {state.log} ends with:\n{end}")
        time.sleep(0.05)


def _spawn_guardian(state: StateFolder) -> "subprocess.Popen[bytes]":
    if state.log.exists() and state.log.stat().st_size > LOG_BYTES:
        state.log.rename(state.log.with_suffix(".log.1"))
    with open(state.log, "ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", guardian.__file__, str(state.home)],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env={**guardian.CLEAN_ENV, "TMPDIR": tempfile.gettempdir()},
        )
    _guardians.append(process)
    return process


def _postgres_answers(state: StateFolder) -> bool:
    """An SSLRequest is answered with S or N by any server that takes clients, without a log-in."""
    path = state.postgres_sockets / ".s.PGSQL.5432"
    return _answers(path, b"\x00\x00\x00\x08\x04\xd2\x16\x2f", (b"N", b"S"))


def _valkey_answers(state: StateFolder) -> bool:
    return _answers(state.valkey_socket, b"*1\r\n$4\r\nPING\r\n", (b"+PONG",))


def _answers(path: Path, request: bytes, expected: tuple[bytes, ...]) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(request)
            return connection.recv(16).startswith(expected)
    except OSError:
        return False
