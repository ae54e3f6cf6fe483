"""iqs/ by agent and week over 12 weeks, and by team and week over all time, of 520,000 reviews.

    python -m benchmarks.iqs

Prints for each the time of the request, of the statements it rests on run bare (rows fetched, nothing made of
them), of an empty API request with the same key, and the ratio request / (bare + empty); bar: 1.5. Exits with
an error above the bar, with more than three statements, when ratings are read, or when reviews are not
answered by their covering indexes alone. REVIEWS in the environment asks for another number of reviews.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.scratch import ROOT, scratch_database

INSIDE = "from benchmarks.iqs_inside import main; main()"


def run() -> int:
    with scratch_database("iqs") as env:
        as_owner = env | {"DATABASE_URL": env["DATABASE_OWNER_URL"]}
        return subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", INSIDE], cwd=ROOT, env=as_owner
        ).returncode


if __name__ == "__main__":
    sys.exit(run())
