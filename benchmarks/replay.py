"""The replay of a draft over 100,000 reviews with 8 ratings each.

    python -m benchmarks.replay

Prints the seconds of the whole answer (reading, re-scoring, the effect of every single change, names), its
parts, its ratio to the bar of 3 s, and by how much the process grew. Exits with an error above the bar, or
when a score differs from the one that `scorecards.scoring.score` gives (a hundred reviews are looked at).
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.scratch import ROOT, scratch_database

INSIDE = "from benchmarks.replay_inside import main; main()"


def run() -> int:
    with scratch_database("replay") as env:
        as_owner = env | {"DATABASE_URL": env["DATABASE_OWNER_URL"]}
        return subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", INSIDE], cwd=ROOT, env=as_owner
        ).returncode


if __name__ == "__main__":
    sys.exit(run())
