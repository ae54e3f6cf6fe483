"""Estimates of 500 agents from 34,000 reviews and 1,000,000 conversations they were drawn from.

    python -m benchmarks.estimates

Prints the time of the estimates of a year by agent, from the first statement to the last range, and of those
by agent and category. Exits with an error above the bar of 1 s for the first. REVIEWS and FRAME in the
environment ask for other sizes.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.scratch import ROOT, scratch_database

INSIDE = "from benchmarks.estimates_inside import main; main()"


def run() -> int:
    with scratch_database("estimates") as env:
        as_owner = env | {"DATABASE_URL": env["DATABASE_OWNER_URL"]}
        return subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", INSIDE], cwd=ROOT, env=as_owner
        ).returncode


if __name__ == "__main__":
    sys.exit(run())
