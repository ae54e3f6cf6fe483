"""Fifty reviewers who take conversations from one pool at once.

    python -m benchmarks.claims

5,000 unassigned items, 50 clients with a connection each, in as many processes as there are processors. Each
takes the next one through the service, with its rights, its lock and its audit, is done with it, and takes
another until nothing is left. Nothing may be taken twice and nothing may be left over. Prints claims a second
while all are at it (bar: 150), how long a claim took, and how much of that is processor time of ours.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.scratch import ROOT, scratch_database

INSIDE = "from benchmarks.claims_inside import main; main()"


def run() -> int:
    with scratch_database("claims") as env:
        as_owner = env | {"DATABASE_URL": env["DATABASE_OWNER_URL"]}
        return subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", INSIDE], cwd=ROOT, env=as_owner
        ).returncode


if __name__ == "__main__":
    sys.exit(run())
