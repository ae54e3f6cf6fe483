"""The workbench page of a conversation of 200 messages: queries, server time, bytes, and from key to paint.

    python -m benchmarks.workbench

Serves a database of its own with gunicorn, as in production, and opens the page in chromium. Prints, each
with its bar: the queries (fewer than 12), the server time (60 ms at the median), the compressed bodies of all
that the page loads (60 kB), and the time from key press to painted rating (50 ms at worst). Exits with an
error above one of them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.scratch import ROOT, scratch_database

INSIDE = "from benchmarks.workbench_inside import main; main()"
CHROMIUM = Path("/usr/bin/chromium")
BYTES_BAR, KEY_BAR, PRESSES = 60_000, 50.0, 40
KEYS = ("1", "2", "3", "2", "j")

PAINTED = """(key) => new Promise((resolve) => {
  const target = document.activeElement ?? document.body;
  const started = performance.now();
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now() - started);
    channel.port2.postMessage(null);
  });
})"""


@contextmanager
def served(env: dict[str, str]) -> Iterator[str]:
    """The address of the application under gunicorn."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    program = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", address]
    options = ["--worker-class", "gthread", "--workers", "1", "--threads", "4", "--no-control-socket"]
    process = subprocess.Popen([*program, *options, "--log-level", "error"], cwd=ROOT, env=env)
    try:
        _await(f"http://{address}/healthz")
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(20)


def _await(url: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(url, timeout=10)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{url} does not answer")


def in_browser(base: str, path: str, cookie: str) -> tuple[int, list[float]]:
    """Bytes of the bodies that come over the wire, and milliseconds from each key press to its paint."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": base}])
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        loaded: list[float] = []
        session.on("Network.dataReceived", lambda event: loaded.append(event["encodedDataLength"]))
        page.goto(base + path, wait_until="networkidle")
        times = _presses(page)
        browser.close()
    return int(sum(loaded)), times


def _presses(page: Any) -> list[float]:
    page.keyboard.press("j")
    return [page.evaluate(PAINTED, KEYS[n % len(KEYS)]) for n in range(PRESSES)]


def run() -> int:
    with tempfile.TemporaryDirectory() as name, scratch_database("workbench") as env:
        out = Path(name) / "out"
        inside = env | {"DATABASE_URL": env["DATABASE_OWNER_URL"], "BENCH_OUT": str(out)}
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collect, cwd=ROOT, env=env, check=True)
        program = [sys.executable, "manage.py", "shell", "-v0", "-c", INSIDE]
        code = subprocess.run(program, cwd=ROOT, env=inside).returncode
        path, cookie = out.read_text().split()
        with served(env) as base:
            size, times = in_browser(base, path, cookie)
    times.sort()
    median = times[len(times) // 2]
    print(f"page with all it loads {size / 1000:.1f} kB compressed (bar {BYTES_BAR / 1000:.0f} kB)")
    print(f"key press to painted rating {median:.1f} ms, at worst {times[-1]:.1f} ms (bar {KEY_BAR:.0f} ms)")
    return code or int(size >= BYTES_BAR or times[-1] >= KEY_BAR)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(run())
