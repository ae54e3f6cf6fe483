"""The ten lines of docs/guides/sampling.md re-check a downloaded ledger, and find a row that was changed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qa_reviews.models import Draw
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import QuotaInput
from qa_reviews.services.queue import skip
from qa_reviews.services.raises import raise_quota
from tests.qa_reviews.samples import WEEK, conversations, plan
from tests.world import ApiClient, World

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/guides/sampling.md"
ON_THE_PAGE = ROOT / "qa_reviews/templates/qa_reviews/check_ledger.txt"
Api = Callable[..., ApiClient]
Lines = list[dict[str, Any]]


def ten_lines() -> str:
    [code] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.S)
    return str(code)


@pytest.fixture
def draw(world: World) -> Draw:
    """Two agents of two teams, bands, second looks, a replacement and a raise; a name beyond ASCII."""
    ours = world["ours"]
    for owner, team in (("agent", "team"), ("other_agent", "other_team")):
        conversations(ours, ours.rows[owner], 8, tags=["vip"], team=ours.rows[team])
        conversations(ours, ours.rows[owner], 25, team=ours.rows[team])
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    sample = plan(
        ours,
        name="Müllers „Stichprobe“",
        per_agent=5,
        risk_filter={"tag": "vip"},
        second_review_share=Decimal("0.3"),
        reviewers=members,
    )
    manager = ours.actor("manager")
    made = draw_plan(actor=manager, plan_id=sample.pk, period_start=WEEK)[0]
    item = made.items.filter(second_of=None).first()
    assert item is not None
    skip(actor=manager, item_id=item.pk, reason="not_reviewable")
    return raise_quota(
        actor=manager, draw_id=made.pk, quota=QuotaInput(value=Decimal(7)), reason="Für das neue Team"
    )


def downloaded(client: ApiClient, draw: Draw) -> Lines:
    answer: Any = client.get(f"draws/{draw.pk}/ledger.ndjson")
    return [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


def passes(tmp_path: Path, lines: Lines) -> bool:
    check, file = tmp_path / "check.py", tmp_path / "draw.ndjson"
    check.write_text(ten_lines())
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    run = subprocess.run(
        [sys.executable, "-I", check, file], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert run.returncode == 0 or "AssertionError" in run.stderr, run.stderr
    return run.returncode == 0


def test_there_are_ten_and_the_page_shows_the_same() -> None:
    assert len([line for line in ten_lines().splitlines() if line]) == 10
    assert ten_lines() == ON_THE_PAGE.read_text()


def test_they_pass_a_real_ledger_of_all_teams_and_of_some(api: Api, draw: Draw, tmp_path: Path) -> None:
    whole, part = downloaded(api("manager"), draw), downloaded(api("lead"), draw)
    assert passes(tmp_path, whole)
    assert {line["kind"] for line in whole} == {"draw", "stratum", "item", "second"}
    assert [line["kind"] for line in part].count("sealed") == 2
    assert {line["agent"] for line in part if "agent" in line} < {
        line["agent"] for line in whole if "agent" in line
    }
    assert passes(tmp_path, part)


CHANGES: dict[str, Callable[[Lines], Any]] = {
    "the seed": lambda lines: lines[0].update(seed=lines[0]["seed"] + "x"),
    "a moment": lambda lines: lines[0].update(frame_at="2026-01-01T00:00:00+00:00"),
    "the terms": lambda lines: lines[0]["terms"].update(risk_share="0.9000"),
    "the history": lambda lines: lines[0].update(raises=[]),
    "the digest": lambda lines: lines[0].update(digest="0" * 64),
    "a frame": lambda lines: stratum(lines)["frame_ids"].pop(),
    "a frame's size": lambda lines: stratum(lines).update(frame=99),
    "a number drawn": lambda lines: stratum(lines).update(drawn=stratum(lines)["drawn"] - 1),
    "a stratum's team": lambda lines: stratum(lines).update(team=None),
    "a stratum": lambda lines: lines.remove(stratum(lines)),
    "a place": lambda lines: item(lines).update(u=item(lines)["u"] + 1e-9),
    "a probability": lambda lines: item(lines).update(probability=1.0),
    "a conversation": lambda lines: item(lines).update(conversation=undrawn(lines)),
    "an item": lambda lines: lines.remove(item(lines)),
    "an item that is there twice": lambda lines: lines.append(dict(item(lines))),
}


def stratum(lines: Lines) -> dict[str, Any]:
    return next(line for line in lines if line["kind"] == "stratum" and line["band"] == "normal")


def item(lines: Lines) -> dict[str, Any]:
    """One of a stratum without replacements, where nothing but what was drawn is listed."""
    replaced = {line["stratum"] for line in lines if line["kind"] == "item" and line["replaces"]}
    return next(line for line in lines if line["kind"] == "item" and line["stratum"] not in replaced)


def undrawn(lines: Lines) -> int:
    drawn = {line["conversation"] for line in lines if line["kind"] == "item"}
    home = next(line for line in lines if line["kind"] == "stratum" and line["id"] == item(lines)["stratum"])
    return next(int(pk) for pk in home["frame_ids"] if pk not in drawn)


@pytest.mark.parametrize("change", CHANGES)
def test_they_catch_a_changed_row(api: Api, draw: Draw, tmp_path: Path, change: str) -> None:
    lines = downloaded(api("manager"), draw)
    CHANGES[change](lines)
    assert not passes(tmp_path, lines)
