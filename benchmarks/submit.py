"""Submitting a review with 8 ratings by API, against a bare DRF POST of the same rows.

    python -m benchmarks.submit

The request does all that the product does: it checks the key and the rights, scores, records the audit, the
history (by triggers) and the agent's notice, and answers with the whole review. The bare POST is a nested
ModelSerializer that inserts the same review, grading and ratings, for nobody in particular, and answers with
what it was sent. Both in one process; prints the processor time of each and their ratio (bar: 2).
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.scratch import ROOT, scratch_database

INSIDE = "from benchmarks.submit_inside import main; main()"


def run() -> int:
    with scratch_database("submit") as env:
        as_owner = env | {"DATABASE_URL": env["DATABASE_OWNER_URL"]}
        return subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", INSIDE], cwd=ROOT, env=as_owner
        ).returncode


if __name__ == "__main__":
    sys.exit(run())
