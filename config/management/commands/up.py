"""`manage.py up`: the whole service in one terminal."""

import hashlib
import http.client
import io
import os
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from config import embedded
from config.supervisor import Program, Supervisor, python_module

HOST = "127.0.0.1"
HEALTH_SECONDS = 5.0
WEB_FIRST_SECONDS = 15.0
PORT_PATIENCE_SECONDS = 10.0  # a service that was killed a moment ago may still be letting go


class Command(BaseCommand):
    requires_system_checks = ()  # the tests' business; they cost a second
    help = "Bring the database and static files up to date, then run web, worker and beat until ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="seed the demo workspace once, print log-ins")

    def handle(self, *args: object, **options: object) -> None:
        port = int(os.environ.get("PORT") or 8000)
        wait_for_port(port)
        migration = start_migration() if has_pending_migrations() else None
        collect_static()
        if migration and migration.wait() != 0:
            raise CommandError("The database could not be migrated.")
        log_ins = seed_demo() if options["demo"] else ""
        connections.close_all()
        service = programs()
        supervisor = Supervisor(service, settings.BASE_DIR, self.write_line)
        supervisor.run(every_tick=Watch(port, log_ins, service, self.write_line))
        self.write_line("Stopped.")

    def write_line(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


class Watch:
    """Called on every tick: welcomes people once, and revives embedded servers that were killed."""

    def __init__(
        self, port: int, log_ins: str, service: Sequence[Program], write: Callable[[str], None]
    ) -> None:
        self.port = port
        self.log_ins = log_ins
        self.service = service
        self.write = write
        self.welcomed = False
        self.next_check = 0.0

    def __call__(self) -> None:
        if not self.welcomed and answers(self.port):
            self.welcomed = True
            self.welcome()
        if embedded.needed() and time.monotonic() > self.next_check:
            self.next_check = time.monotonic() + HEALTH_SECONDS
            self.revive_servers()

    def welcome(self) -> None:
        """Say where, and start at once what waited for the web server."""
        self.write(f"\n{self.log_ins}\nPlumbline answers at {settings.PUBLIC_URL}/   (ctrl-C stops it)\n")
        for program in self.service:
            program.starts_at = min(program.starts_at, time.monotonic())

    def revive_servers(self) -> None:
        if embedded.healthy():
            return
        self.write("The embedded servers are gone; starting them again.")
        try:
            embedded.ensure()
        except RuntimeError as error:
            self.write(str(error))


def programs() -> list[Program]:
    """Web, worker and beat; the last two leave the processor to the web server until it answers, or a while.

    Beat keeps its schedule file in the state folder.
    """
    schedule = embedded.home() / "beat" / "schedule"
    schedule.parent.mkdir(parents=True, exist_ok=True)
    celery = python_module("celery", "-A", "config", "--quiet")
    worker = ["worker", "--concurrency=2", "--without-gossip", "--without-mingle"]
    later = time.monotonic() + WEB_FIRST_SECONDS
    return [
        Program("web", python_module("gunicorn", "-c", "config/gunicorn.py", "config.wsgi")),
        Program("worker", [*celery, *worker], starts_at=later),
        Program("beat", [*celery, "beat", f"--schedule={schedule}"], starts_at=later),
    ]


def wait_for_port(port: int) -> None:
    """Raise CommandError when somebody else keeps our port."""
    deadline = time.monotonic() + PORT_PATIENCE_SECONDS
    while not is_free(port):
        if time.monotonic() > deadline:
            raise CommandError(f"Port {port} is in use. Stop what uses it, or set PORT to another one.")
        time.sleep(0.2)


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """True when the web server answers a request at all."""
    request = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        request.request("GET", "/healthz")
        return request.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        request.close()


def has_pending_migrations() -> bool:
    """True also when our role may not yet read the table of migrations."""
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except ProgrammingError:
        return True


def start_migration() -> "subprocess.Popen[bytes]":
    """In a process of its own: there settings connect as the owner of the tables, and two cores are used."""
    return subprocess.Popen([sys.executable, "manage.py", "migrate", "--no-input"], cwd=settings.BASE_DIR)


def collect_static() -> None:
    """Collect static files unless those collected are of the same sources."""
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    sources = static_sources()
    if not stamp.exists() or stamp.read_text() != sources:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(sources)


def static_sources() -> str:
    """Digest of names, sizes and times of all static sources, and of what turns them into files."""
    found = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = Path(storage.path(path)).stat()
            found.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return found.hexdigest()


def seed_demo() -> str:
    """Seed the demo workspace if there is none; what the command prints: one log-in per role."""
    printed = io.StringIO()
    call_command("seed_demo", stdout=printed)
    return printed.getvalue()
