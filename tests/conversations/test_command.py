"""manage.py import_conversations: NDJSON and CSV by a mapping, plain or packed."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conversations.models import Conversation, ImportRun
from tests.conversations.rows import conversation
from tests.world import World

MAPPING = {
    "zone": "Europe/Berlin",
    "times": ["%d.%m.%Y %H:%M"],
    "delimiter": ";",
    "conversation": {
        "external_id": {"column": "Ticket"},
        "status": "closed",
        "closed_at": {"time": "Solved"},
        "agent": {"external_id": {"slug": "{Agent}"}, "name": {"column": "Agent"}},
    },
}
CSV = "Ticket;Agent;Solved\nT1;Ana Silva;02.03.2026 23:30\nT2;Bo Lind;yesterday\n"


def run(*arguments: Any) -> tuple[dict[str, Any], str]:
    out, err = StringIO(), StringIO()
    call_command("import_conversations", *map(str, arguments), "--workspace", "ours", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


@pytest.mark.parametrize(
    ("suffix", "pack"), [("ndjson", bytes), ("ndjson.gz", gzip.compress), ("ndjson.xz", lzma.compress)]
)
def test_ndjson(world: World, tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    file = tmp_path / f"rows.{suffix}"
    file.write_bytes(pack(b"\n".join(json.dumps(conversation(str(n))).encode() for n in range(3))))
    found, told = run(file)
    assert (found["created"], found["rejected_total"]) == (3, 0)
    assert "3 rows, 0 rejected" in told
    made = ImportRun.objects.get(pk=found["import_run"])
    assert (made.origin, made.member, made.state) == (file.name, None, "done")
    assert run(file)[0]["unchanged"] == 3


def test_csv_by_a_mapping(world: World, tmp_path: Path) -> None:
    file, mapping = tmp_path / "tickets.csv", tmp_path / "mapping.json"
    file.write_text(CSV)
    mapping.write_text(json.dumps(MAPPING))
    found, told = run(file, "--mapping", mapping, "--source", "oldesk")
    assert (found["created"], found["rejected_total"]) == (1, 1)
    assert found["rejected"][0]["row"] == 3
    assert found["rejected"][0]["errors"][0]["pointer"] == "/Solved"
    assert "1 rows were rejected" in told
    assert f"/w/ours/imports/{found['import_run']}/" in told
    made = Conversation.objects.select_related("agent").get(source="oldesk")
    assert (made.external_id, str(made.closed_on), str(made.agent)) == ("T1", "2026-03-02", "Ana Silva")


def test_rows_without_a_source_take_the_given_one(world: World, tmp_path: Path) -> None:
    file = tmp_path / "rows.ndjson"
    bare = {"external_id": "9", "status": "open"}
    file.write_text("\n".join(json.dumps(each) for each in (bare, bare | {"source": "own"}, ["no object"])))
    found, _ = run(file, "--source", "given")
    assert (found["created"], found["rejected_total"]) == (2, 1)
    rows = Conversation.objects.filter(external_id="9").order_by("source")
    assert [one.source for one in rows] == ["given", "own"]


def test_a_mapping_that_does_not_fit_says_where(world: World, tmp_path: Path) -> None:
    file, mapping = tmp_path / "tickets.csv", tmp_path / "mapping.json"
    file.write_text("Ticket;Solved\n")
    mapping.write_text(json.dumps(MAPPING))
    with pytest.raises(CommandError, match="no column “Agent”"):
        run(file, "--mapping", mapping, "--source", "oldesk")
    mapping.write_text(json.dumps(MAPPING | {"zone": "Mars/Olympus"}))
    with pytest.raises(CommandError, match="/zone"):
        run(file, "--mapping", mapping, "--source", "oldesk")
    mapping.write_text("{")
    with pytest.raises(CommandError, match="Cannot read the mapping"):
        run(file, "--mapping", mapping)
    assert not ImportRun.objects.filter(origin="tickets.csv").exists()


def test_what_cannot_be_read_fails_in_words(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Cannot read nothing\.ndjson"):
        run(tmp_path / "nothing.ndjson")
    for suffix in ("gz", "xz"):
        broken = tmp_path / f"broken.{suffix}"
        broken.write_bytes(b"not packed")
        with pytest.raises(CommandError, match=f"Cannot read broken.{suffix}"):
            run(broken)
    with pytest.raises(CommandError, match="no workspace “nowhere”"):
        call_command("import_conversations", "x", "--workspace", "nowhere")


def test_a_file_that_ends_early_keeps_its_first_chunks(world: World, tmp_path: Path) -> None:
    rows = [{"source": "x", "external_id": str(n), "status": "open"} for n in range(1200)]
    packed = gzip.compress(b"\n".join(json.dumps(row).encode() for row in rows))
    file = tmp_path / "rows.ndjson.gz"
    file.write_bytes(packed[:-4])
    with pytest.raises(CommandError, match="What was read before is imported"):
        run(file)
    assert ImportRun.objects.get(origin=file.name).state == "interrupted"
    assert Conversation.objects.filter(source="x").count() == 1000
    file.write_bytes(packed)
    found, _ = run(file)
    assert (found["created"], found["unchanged"]) == (200, 1000)
