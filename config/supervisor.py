"""Runs several programs as one service: prefixed output, restarts with back-off, nothing left behind.

Every program gets its own session, so that ctrl-C reaches only us and they stop in good order. Should we
be killed, the kernel kills them too (Linux): nobody reads their output any more, and a worker that cannot
say that it is stopping never stops.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.guardian import die_with_parent

TICK_SECONDS = 0.2
STOP_SECONDS = 25.0
FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0
STEADY_SECONDS = 60.0  # who ran that long starts again after the first delay


@dataclass
class Program:
    """A command to keep running; the rest is the supervisor's book-keeping."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    starts_at: float = 0.0
    delay: float = FIRST_DELAY
    unfinished: bytes = field(default=b"", repr=False)


class Supervisor:
    """Keeps programs running in `folder` until SIGTERM, SIGINT or SIGHUP; a second signal kills them."""

    def __init__(self, programs: Sequence[Program], folder: Path, write: Callable[[str], None]) -> None:
        self.programs = programs
        self.folder = folder
        self.write = write
        self.signals = 0
        self._outputs = selectors.DefaultSelector()
        self._width = max(len(program.name) for program in programs)

    def run(self, every_tick: Callable[[], None]) -> None:
        """Run until a signal asks to stop; `every_tick` is called a few times a second meanwhile."""
        with self._catch_signals():
            try:
                while not self.signals:
                    self._start_due()
                    self._copy_output(TICK_SECONDS)
                    self._notice_ended()
                    every_tick()
            finally:
                self._stop()

    @contextlib.contextmanager
    def _catch_signals(self) -> Iterator[None]:
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = {number: signal.signal(number, self._count_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _count_signal(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    def _running(self) -> list[tuple[Program, "subprocess.Popen[bytes]"]]:
        return [(program, program.process) for program in self.programs if program.process]

    def _start_due(self) -> None:
        now = time.monotonic()
        for program in self.programs:
            if program.process is None and program.starts_at <= now:
                self._start(program, now)

    def _start(self, program: Program, now: float) -> None:
        program.started_at, program.unfinished = now, b""
        program.process = process = subprocess.Popen(
            program.command,
            cwd=self.folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        if process.stdout:
            os.set_blocking(process.stdout.fileno(), False)
            self._outputs.register(process.stdout, selectors.EVENT_READ, program)

    def _copy_output(self, seconds: float) -> None:
        for key, _ in self._outputs.select(seconds):
            chunk = os.read(key.fd, 65536)
            if chunk:
                self._write_lines(key.data, chunk)
            else:
                self._outputs.unregister(key.fileobj)

    def _write_lines(self, program: Program, chunk: bytes) -> None:
        *lines, program.unfinished = (program.unfinished + chunk).split(b"\n")
        for line in lines:
            self._say(program, line.decode(errors="replace"))

    def _say(self, program: Program, line: str) -> None:
        self.write(f"{program.name:<{self._width}} | {line}")

    def _notice_ended(self) -> None:
        for program, process in self._running():
            if process.poll() is not None:
                self._clean_up(program, process)
                self._plan_restart(program, process.returncode)

    def _clean_up(self, program: Program, process: "subprocess.Popen[bytes]") -> None:
        """Kill what is left of the program's session, and close its output."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            with contextlib.suppress(KeyError):
                self._outputs.unregister(process.stdout)
            self._write_lines(program, process.stdout.read() or b"")
            process.stdout.close()
        if program.unfinished:
            self._write_lines(program, b"\n")
        program.process = None

    def _plan_restart(self, program: Program, code: int) -> None:
        now = time.monotonic()
        steady = now - program.started_at > STEADY_SECONDS
        delay = FIRST_DELAY if steady else program.delay
        program.starts_at, program.delay = now + delay, min(2 * delay, LONGEST_DELAY)
        self._say(program, f"ended with exit code {code}; starts again in {delay:.0f} s")

    def _stop(self) -> None:
        """Ask all to end, wait for them (a second signal or the limit ends the wait), kill the rest."""
        for _, process in self._running():
            process.terminate()
        signals, deadline = self.signals, time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for _, process in self._running()):
            if self.signals > signals or time.monotonic() > deadline:
                break
            self._copy_output(TICK_SECONDS)
        for program, process in self._running():
            self._clean_up(program, process)


def python_module(name: str, *arguments: str) -> list[str]:
    """Command that runs a module of our own environment, whatever PATH says."""
    return [sys.executable, "-m", name, *arguments]
