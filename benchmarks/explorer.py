"""The first page of the explorer of conversations over 1,000,000 of them, for filters and words of all kinds.

    python -m benchmarks.explorer

Prints for each query the median and the 95th percentile of the whole request through Django's test client
(bar: 150 ms at the 95th percentile). Exits with an error above it.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.scratch import ROOT, scratch_database

INSIDE = "from benchmarks.explorer_inside import main; main()"


def run() -> int:
    with scratch_database("explorer") as env:
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collect, cwd=ROOT, env=env, check=True)
        inside = [sys.executable, "manage.py", "shell", "-v0", "-c", INSIDE]
        return subprocess.run(inside, cwd=ROOT, env=env).returncode


if __name__ == "__main__":
    sys.exit(run())
