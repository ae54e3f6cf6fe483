"""`manage.py up`: what it does before and beside running the programs."""

import http.server
import math
import socket
import sys
import threading
import time

import pytest
from django.contrib.staticfiles import finders
from django.core.management.base import CommandError

from config import embedded
from config.management.commands import up
from config.supervisor import Program


class NotFound(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(404)


@pytest.fixture
def listener():
    """A socket that listens on a port of its own; accepts nothing."""
    with socket.socket() as found:
        found.bind((up.HOST, 0))
        found.listen()
        yield found


@pytest.fixture
def web():
    """A web server that answers 404, as a living one may."""
    server = http.server.HTTPServer((up.HOST, 0), NotFound)
    threading.Thread(target=server.serve_forever).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def static(settings, tmp_path):
    """Static settings with one source file; the folder of sources."""
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "page.css").write_text("body { color: red }")
    (sources / "page.css.map").write_text("{}")
    settings.STATICFILES_DIRS = [sources]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "common.storage.ModuleStorage"}}
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    yield sources
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]


def collected(settings):
    return {path.name for path in settings.STATIC_ROOT.glob("page*.css")}


def test_a_port_in_use_is_refused_by_name(listener, monkeypatch):
    monkeypatch.setattr(up, "PORT_PATIENCE_SECONDS", 0.3)
    port = listener.getsockname()[1]

    with pytest.raises(CommandError, match=f"Port {port} is in use"):
        up.wait_for_port(port)


def test_a_free_port_is_taken(listener):
    port = listener.getsockname()[1]
    listener.close()

    up.wait_for_port(port)

    assert up.is_free(port)


def test_a_server_answers_only_when_it_speaks_http(web, listener):
    port = listener.getsockname()[1]
    listener.close()

    assert up.answers(web.server_port)
    assert not up.answers(port)


def test_the_address_and_the_log_ins_are_announced_once_and_the_worker_may_start(web, settings):
    lines: list[str] = []
    later = Program("worker", ["true"], starts_at=time.monotonic() + 60)
    watch = up.Watch(web.server_port, "lead@example.com", [later], lines.append)

    watch()
    watch()

    assert later.starts_at <= time.monotonic()
    assert len(lines) == 1
    assert "lead@example.com" in lines[0]
    assert settings.PUBLIC_URL in lines[0]


def test_nothing_is_announced_before_the_server_answers():
    lines: list[str] = []

    later = Program("worker", ["true"], starts_at=math.inf)

    up.Watch(1, "", [later], lines.append)()

    assert lines == []
    assert later.starts_at == math.inf


def test_static_files_are_collected_again_only_when_a_source_changes(static, settings):
    up.collect_static()
    first = collected(settings)
    (settings.STATIC_ROOT / "witness").touch()
    up.collect_static()
    assert (settings.STATIC_ROOT / "witness").exists()

    (static / "page.css").write_text("body { color: blue }")
    up.collect_static()

    assert not (settings.STATIC_ROOT / "witness").exists()
    assert len(first) == 2
    assert collected(settings) & first == {"page.css"}


def test_source_maps_are_not_collected_nor_looked_for(static, settings):
    (static / "page.js").write_text("let a = 1;\n//# sourceMappingURL=page.js.map\n")

    up.collect_static()

    assert not list(settings.STATIC_ROOT.glob("*.map*"))
    assert list(settings.STATIC_ROOT.glob("page.*.js"))


@pytest.mark.django_db
def test_a_migrated_database_needs_no_migration():
    assert not up.has_pending_migrations()


def test_web_worker_and_beat_run_with_our_python_and_beat_writes_below_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))

    commands = {program.name: program.command for program in up.programs()}

    assert list(commands) == ["web", "worker", "beat"]
    assert {command[0] for command in commands.values()} == {sys.executable}
    assert f"--schedule={embedded.home()}/beat/schedule" in commands["beat"]
    assert (tmp_path / "beat").is_dir()
