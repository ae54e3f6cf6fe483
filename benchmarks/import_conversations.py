"""17,193 conversations, 312,250 messages through the import command, against a bare COPY of the same rows.

    python -m benchmarks.import_conversations [FOLDER OF sgd_bulk]

Prints the time of both, their ratio (bar: 6) and the peak memory of the importing process (bar: 300 MB).
The bare COPY reads ready rows from a file into the same tables with the same indexes and foreign keys.
"""

from __future__ import annotations

import json
import lzma
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.scratch import ROOT, scratch_database

DATA = Path(os.environ.get("PLUMBLINE_DATA", ROOT.parent / "shared/data")) / "sgd_bulk"
TABLES = [f"conversations_{name}" for name in ("customer", "conversation", "message", "surveyresponse")]
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
BAR, MEMORY_BAR = 6.0, 300.0


def payloads(folder: Path) -> Iterator[dict[str, Any]]:
    """The dialogues as conversations of fifty agents in five teams; every third has an answer."""
    with lzma.open(folder / "sgd_dialogues.jsonl.xz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            dialogue = json.loads(line)
            opened = START + timedelta(minutes=7 * number)
            closed = opened + timedelta(minutes=len(dialogue["turns"]))
            agent = number % 50
            yield {
                "source": "sgd",
                "external_id": f"{dialogue['split']}-{dialogue['dialogue_id']}",
                "status": "closed",
                "channel": "chat",
                "topic": dialogue["services"][0],
                "opened_at": opened.isoformat(),
                "closed_at": closed.isoformat(),
                "customer": {"external_id": f"c-{number}", "email": f"c{number}@example.com"},
                "agent": {"external_id": f"a-{agent}", "name": f"Agent {agent}", "team": f"Team {agent % 5}"},
                "messages": [
                    _message(speaker, text, agent, opened + timedelta(minutes=at))
                    for at, (speaker, text) in enumerate(dialogue["turns"])
                ],
                "surveys": [_survey(number, closed)] if number % 3 == 0 else [],
            }


def _message(speaker: str, text: str, agent: int, sent_at: datetime) -> dict[str, Any]:
    author = {"type": "customer"} if speaker == "U" else {"type": "agent", "external_id": f"a-{agent}"}
    return {"author": author, "sent_at": sent_at.isoformat(), "body": text}


def _survey(number: int, closed: datetime) -> dict[str, Any]:
    answered = (closed + timedelta(hours=3)).isoformat()
    return {
        "kind": "csat",
        "score": 1 + number % 5,
        "scale_min": 1,
        "scale_max": 5,
        "responded_at": answered,
    }


def run_command(env: dict[str, str], *arguments: str) -> tuple[float, float, float]:
    """Seconds, seconds of processor and peak MB of a manage.py command."""
    started = time.perf_counter()
    program = [sys.executable, "manage.py", *arguments]
    out = os.open(os.devnull, os.O_WRONLY)
    pid = os.posix_spawn(
        sys.executable, program, env, file_actions=[(os.POSIX_SPAWN_DUP2, out, fd) for fd in (1, 2)]
    )
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{arguments[0]} failed")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def bare_copy(url: str, folder: Path) -> float:
    """Seconds of copying the rows of the tables, now in files, into the emptied tables, one transaction each.

    Statistics are refreshed in between, untimed: the checks of foreign keys would else be planned for empty
    tables and read them whole for every row.
    """
    seconds = 0.0
    with psycopg.connect(url, autocommit=True) as connection:
        for table in TABLES:
            with (
                open(folder / table, "wb") as file,
                connection.cursor().copy(f"copy {table} to stdout") as out,
            ):
                file.writelines(out)
        connection.execute(f"truncate {', '.join(TABLES)} cascade")
        for table in TABLES:
            started = time.perf_counter()
            copy = connection.cursor().copy(f"copy {table} from stdin")
            with open(folder / table, "rb") as file, copy as into:
                while chunk := file.read(1 << 16):
                    into.write(chunk)
            seconds += time.perf_counter() - started
            connection.execute(f"analyze {table}")
    return seconds


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as name, scratch_database("import") as env:
        folder = Path(name)
        file = folder / "conversations.ndjson"
        with open(file, "w") as out:
            out.writelines(json.dumps(payload, ensure_ascii=False) + "\n" for payload in payloads(source))
        run_command(env, "create_workspace", "bench", "--name", "Bench", "--timezone", "UTC",
                    "--admin-email", "bench@example.com")  # fmt: skip
        seconds, busy, peak = run_command(env, "import_conversations", str(file), "--workspace", "bench")
        again, _, _ = run_command(env, "import_conversations", str(file), "--workspace", "bench")
        with psycopg.connect(env["DATABASE_OWNER_URL"]) as connection:
            counts = [connection.execute(f"select count(*) from {table}").fetchone() for table in TABLES]
        bare = bare_copy(env["DATABASE_OWNER_URL"], folder)
    for table, count in zip(TABLES, counts, strict=True):
        print(f"{table}: {count[0] if count else 0:,} rows")
    print(f"import {seconds:.1f} s ({busy:.1f} s of processor in Python), again unchanged {again:.1f} s")
    print(f"bare COPY {bare:.1f} s")
    print(f"ratio {seconds / bare:.2f} (bar {BAR:.0f}), peak {peak:.0f} MB (bar {MEMORY_BAR:.0f} MB)")


if __name__ == "__main__":
    main()
