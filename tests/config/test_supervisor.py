"""Programs are kept running, their output is told apart, and nothing of them is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.supervisor import Program, Supervisor, python_module

ROOT = Path(__file__).resolve().parents[2]
SUPERVISE = """
from pathlib import Path
from config.supervisor import Program, Supervisor
program = Program("web", [{python!r}, "-c", {code!r}])
Supervisor([program], Path("."), lambda line: print(line, flush=True)).run(lambda: None)
"""
FORK = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
child.wait()
"""
SLEEP = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def python(code):
    return [sys.executable, "-c", code]


def is_running(pid):
    """False for a zombie too: in a container nobody may collect it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.fixture
def lines():
    return []


def supervise(programs, lines, until):
    """Run the programs until the condition holds (at most 15 s), then ask the supervisor to stop."""
    deadline = time.monotonic() + 15
    supervisor = Supervisor(programs, ROOT, lines.append)

    def stop_when_done():
        if until() or time.monotonic() > deadline:
            os.kill(os.getpid(), signal.SIGTERM)

    supervisor.run(stop_when_done)


def test_output_is_prefixed_line_by_line_and_the_last_line_needs_no_newline(lines):
    programs = [Program("web", python("print('one\\ntwo', end='')")), Program("worker", python(SLEEP))]

    supervise(programs, lines, lambda: "worker | up" in lines and any("ended" in line for line in lines))

    assert [line for line in lines if line.startswith("web")][:3] == [
        "web    | one",
        "web    | two",
        "web    | ended with exit code 0; starts again in 1 s",
    ]


def test_a_program_that_ends_starts_again_each_time_later(lines):
    program = Program("web", python("raise SystemExit(3)"))

    supervise([program], lines, lambda: len(lines) >= 2)

    assert lines[:2] == [
        "web | ended with exit code 3; starts again in 1 s",
        "web | ended with exit code 3; starts again in 2 s",
    ]


def test_stopping_ends_every_program(lines):
    programs = [Program("web", python(SLEEP)), Program("worker", python(SLEEP))]
    pids: list[int] = []

    def both_up():
        pids[:] = [program.process.pid for program in programs if program.process]
        return sum(line.endswith("up") for line in lines) == 2

    supervise(programs, lines, both_up)

    assert len(pids) == 2
    assert not any(is_running(pid) for pid in pids)


def test_a_killed_program_takes_its_children_along_and_starts_again(lines):
    program = Program("web", python(FORK))
    children: list[int] = []

    def second_start():
        for line in lines:
            word = line.split(" | ")[1]
            if word.isdigit() and int(word) not in children:
                children.append(int(word))
                if len(children) == 1 and program.process:
                    os.kill(program.process.pid, signal.SIGKILL)
        return len(children) == 2

    supervise([program], lines, second_start)

    assert "web | ended with exit code -9; starts again in 1 s" in lines
    assert len(children) == 2
    assert wait_until(lambda: not any(is_running(child) for child in children))


def start_supervisor(code):
    """A supervisor in a process of its own that runs this code; and the first line the code printed."""
    command = python(SUPERVISE.format(python=sys.executable, code=code))
    supervisor = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout
    return supervisor, supervisor.stdout.readline().strip().removeprefix("web | ")


def test_a_second_signal_kills_a_program_that_will_not_stop():
    supervisor, line = start_supervisor(STUBBORN)
    assert line == "up"

    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert supervisor.poll() is None
    supervisor.send_signal(signal.SIGINT)

    assert supervisor.wait(5) == 0


def test_programs_die_with_a_supervisor_that_is_killed():
    supervisor, line = start_supervisor("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    assert is_running(int(line))

    supervisor.kill()
    supervisor.wait()

    assert wait_until(lambda: not is_running(int(line)))


def test_modules_run_in_our_own_environment():
    assert python_module("gunicorn", "-c", "x")[1:] == ["-m", "gunicorn", "-c", "x"]
    assert python_module("gunicorn")[0] == sys.executable
