"""A draw over 200,000 closed conversations, against the plain SQL window query that picks the same rows.

    python -m benchmarks.draw

Prints the best time of each, their ratio (bar: 2) and by how much the drawing process grew. Exits with an
error above the bar, or when the two do not pick the same conversations.
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
