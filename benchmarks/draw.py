"""A draw over 1,000,000 closed conversations of 2,000 agents in two bands, against the plain SQL window query
that picks the same rows.

    python -m benchmarks.draw

Prints the median time of each over several turns, their ratio (bar: 1.5) and the memory of the drawing
process (bar: 200 MB). Exits with an error above a bar, or when the two do not pick the same conversations.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.scratch import ROOT, scratch_database

INSIDE = "from benchmarks.draw_inside import main; main()"


def run() -> int:
    with scratch_database("draw") as env:
        return subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", INSIDE], cwd=ROOT, env=env
        ).returncode


if __name__ == "__main__":
    sys.exit(run())
