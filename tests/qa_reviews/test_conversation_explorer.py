"""The explorer of conversations: its order and count by API and page, its filters as a form, columns, views,
and what it keeps from a blind reviewer."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, WorkspaceSettings
from common import paging
from conversations.filters import NAMES
from conversations.models import Conversation
from qa_reviews.models import Review, SavedView
from qa_reviews.selectors import conversations as selectors
from tests.conversations.rows import bring, conversation, message, stored, survey
from tests.world import ApiClient, World

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]
LIST = "/w/ours/conversations/"
SAID = ["apple", "apple pear", "pear", "apple plum", "plum"]


@pytest.fixture
def several(world: World) -> World:
    """Five more conversations, 2000 to 2004, of which each later one is closed a day later, and has what its
    neighbours do not."""
    Conversation.objects.filter(workspace=world["ours"].workspace).update(subject="apple")
    bring(
        world["ours"].system,
        *[
            conversation(
                str(2000 + n),
                subject=f"Subject {n}",
                closed_at=f"2026-04-{n + 1:02}T10:00:00+00:00",
                surveys=[survey(score=5 - n)] if n % 2 else [],
                messages=[message(str(m), "customer", m, SAID[n]) for m in range(n + 1)],
                reported={"handling_seconds": 100 * n} if n < 3 else {},
                topic="billing" if n < 2 else "shipping",
                attributes={"plan": "pro" if n else "free"},
            )
            for n in range(5)
        ],
    )
    return world


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [one["external_id"] for one in response.json()["results"]]


def text(client: Client, query: str = "", path: str = LIST) -> str:
    response = client.get(f"{path}{query}")
    assert response.status_code == 200, (response.status_code, response.content[:300])
    return " ".join(response.content.decode().split())


def shown(page: str) -> list[str]:
    return re.findall(r"Subject \d", " ".join(re.findall(r'class="row-link".*?</a>', page)))


# --- order ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("closed_at", ["2000", "2001", "2002", "2003", "2004"]),
        ("-closed_at", ["2004", "2003", "2002", "2001", "2000"]),
        ("-messages", ["2004", "2003", "2002", "2001", "2000"]),
        ("-handling", ["2002", "2001", "2000", "2004", "2003"]),
        ("handling", ["2000", "2001", "2002", "2003", "2004"]),
        ("csat", ["2003", "2001", "2004", "2002", "2000"]),
        ("-csat", ["2001", "2003", "2000", "2002", "2004"]),
    ],
)
def test_orders_put_unknown_ones_last_and_page(
    several: World, api: Api, order: str, expected: list[str]
) -> None:
    query = {"status": "closed", "order": order, "limit": "2", "closed_from": "2026-04-01"}
    found, response = [], api("manager").get("conversations/", query)
    while True:
        found += ids(response)
        if (link := response.json()["next"]) is None:
            break
        response = api("manager").get(link.removeprefix("http://testserver"))
    assert found == expected


@pytest.mark.parametrize(
    ("order", "expected"), [("first_response", ["2001", "2000"]), ("-first_response", ["2000", "2001"])]
)
def test_excluded_times_are_neither_fast_nor_slow(
    several: World, api: Api, order: str, expected: list[str]
) -> None:
    for external_id, seconds in (("2000", 90), ("2001", 60), ("2002", 0), ("2003", -3600)):
        Conversation.objects.filter(external_id=external_id).update(first_response_seconds=seconds)
    query = {"status": "closed", "order": order, "closed_from": "2026-04-01"}
    found = ids(api("manager").get("conversations/", query))
    assert found[:2] == expected
    assert sorted(found[2:]) == ["2002", "2003", "2004"]


def test_an_order_that_there_is_not_is_told(api: Api) -> None:
    refused = api("manager").get("conversations/", {"order": "agent"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/order"


def test_updated_since_keeps_its_own_order(several: World, api: Api) -> None:
    query = {"updated_since": "2020-01-01T00:00:00+00:00", "order": "-messages", "limit": "3"}
    Conversation.objects.update(updated_at="2026-01-01T00:00:00+00:00")
    pks = [one["id"] for one in api("manager").get("conversations/", query).json()["results"]]
    assert pks == sorted(pks)


@pytest.mark.parametrize("near", [1, 2, 50])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "pear"}, ["2002", "2001"]),
        ({"q": "apple"}, ["2003", "2001", "2000"]),
        ({"attribute.plan": "pro"}, ["2004", "2003", "2002", "2001"]),
        ({"q": "plum", "order": "closed_at"}, ["2003", "2004"]),
        ({"q": "plum", "order": "handling"}, ["2003", "2004"]),
    ],
)
def test_words_are_found_near_and_far(
    several: World,
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    near: int,
    query: dict[str, str],
    expected: list[str],
) -> None:
    monkeypatch.setattr(paging, "NEAR", near)
    asked = {"status": "closed", "closed_from": "2026-04-01", "limit": "2", **query}
    first = api("manager").get("conversations/", asked)
    found, response = ids(first), first
    while link := response.json()["next"]:
        response = api("manager").get(link.removeprefix("http://testserver"))
        found += ids(response)
    assert found == expected
    while link := response.json()["previous"]:
        response = api("manager").get(link.removeprefix("http://testserver"))
    assert ids(response) == expected[:2]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_ends_of_time_are_days(several: World, api: Api, day: str) -> None:
    asked = api("manager").get("conversations/", {"closed_from": day, "closed_to": day})
    assert ids(asked) == []


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata"])
def test_a_day_of_closing_is_the_local_one(world: World, api: Api, zone: str) -> None:
    place = world["ours"]
    type(place.workspace).objects.filter(pk=place.workspace.pk).update(timezone=zone)
    place.workspace.refresh_from_db()
    hours = [
        conversation(f"h{n}", closed_at=f"2026-05-{2 + n // 24:02}T{n % 24:02}:30:00+00:00")
        for n in range(72)
    ]
    bring(place.system, *hours)
    day = {"closed_from": "2026-05-03", "closed_to": "2026-05-03", "limit": "100"}
    found = api("manager").get("conversations/", day).json()["results"]
    assert len(found) == 24
    assert {one["closed_on"] for one in found} == {"2026-05-03"}


# --- count ---------------------------------------------------------------------------------------------


def test_the_count_is_exact_up_to_its_limit(
    several: World, api: Api, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api("manager").get("conversations/count/", {"topic": "billing"}).json() == {
        "count": 2,
        "more": False,
    }
    assert api("manager").get("conversations/count/", {"topic": "lost"}).json() == {"count": 0, "more": False}
    monkeypatch.setattr(selectors, "COUNTED_UP_TO", 3)
    query = {"closed_from": "2026-04-01"}
    assert api("manager").get("conversations/count/", query).json() == {"count": 3, "more": True}
    part = text(browse("manager"), "?closed_from=2026-04-01", f"{LIST}count/")
    assert part == '<output class="found">3+ conversations</output>'
    assert ">2 conversations</output>" in text(browse("manager"), "?topic=billing&count=true")


def test_a_count_refuses_as_the_list_does(api: Api) -> None:
    assert api("manager").get("conversations/count/", {"colour": "red"}).status_code == 422
    assert api("second_reviewer").get("conversations/count/", {"csat_max": "2"}).status_code == 403


def test_the_list_counts_nothing(several: World, browse: Browse) -> None:
    client = browse("manager")
    with CaptureQueriesContext(connection) as captured:
        page = text(client)
    assert not [
        q for q in captured if 'FROM "conversations_conversation"' in q["sql"] and "COUNT" in q["sql"]
    ]
    assert 'data-count="/w/ours/conversations/count/?"' in page


# --- the form ------------------------------------------------------------------------------------------


def test_every_filter_can_be_reached_without_knowing_its_name(several: World, browse: Browse) -> None:
    page = text(browse("manager"))
    names = set(re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', page))
    typed = {"agent": "agent_name", "not_agent": "not_agent_name"}
    missing = {name for name in NAMES - {"status"} if typed.get(name, name) not in names}
    assert missing == set()
    assert {"attribute_name", "attribute_value"} <= names
    for offered in (
        '<option value="billing">',
        '<option value="Ana Silva">',
        '<option value="plan">plan</option>',
    ):
        assert offered in page
    labelled = set(re.findall(r'<label for="filter_([^"]+)"', page))
    assert names - {"q", "columns", "order", "csrfmiddlewaretoken", "next"} <= labelled | {"theme"}


def test_what_the_form_sends_becomes_a_short_address(several: World, browse: Browse) -> None:
    sent = (
        "?q=&agent_name=ana+silva&channel=&topic=billing&topic=&attribute_name=plan&attribute_value=pro"
        "&status=closed&order=-closed_at&closed_from=&limit="
    )
    found = browse("manager").get(f"{LIST}{sent}")
    agent = several["ours"].rows["agent"].pk
    assert found.status_code == 302
    assert found["Location"] == f"{LIST}?topic=billing&agent={agent}&attribute.plan=pro"
    page = text(browse("manager"), found["Location"].removeprefix(LIST))
    assert shown(page) == ["Subject 1"]
    for name, value in (("topic", "billing"), ("agent", agent), ("attribute.plan", "pro")):
        assert f'<input type="hidden" form="explorer" name="{name}" value="{value}">' in page
    assert "Agent: <strong" in page
    assert f'href="?topic=billing&amp;agent={agent}"' in page  # without the attribute


def test_a_second_value_is_another_one_that_will_do(several: World, browse: Browse) -> None:
    found = browse("manager").get(f"{LIST}?topic=billing&topic=shipping&closed_from=2026-04-01")
    assert len(shown(found.content.decode())) == 5


def test_a_name_that_nobody_has_is_told_and_filters_nothing(several: World, browse: Browse) -> None:
    found = browse("manager").get(f"{LIST}?agent_name=Nobody", follow=True)
    assert found.redirect_chain == [(LIST, 302)]
    assert "There is no agent called “Nobody”." in found.content.decode()


def test_agents_of_one_name_are_all_meant(several: World, browse: Browse) -> None:
    first = several["ours"].rows["agent"]
    twin = Agent.objects.create(workspace=first.workspace, source="chats", external_id="x", name="Ana Silva")
    found = browse("manager").get(f"{LIST}?not_agent_name=Ana+Silva")
    assert found["Location"] == f"{LIST}?not_agent={first.pk}&not_agent={twin.pk}"


def test_a_merged_agent_in_the_address_is_whom_he_went_into(several: World, browse: Browse) -> None:
    ana, bo = several["ours"].rows["agent"], several["ours"].rows["other_agent"]
    Agent.objects.filter(pk=ana.pk).update(merged_into=bo)
    found = browse("manager").get(f"{LIST}?agent={ana.pk}&agent={bo.pk}&not_agent={ana.pk}&topic=billing")
    assert found["Location"] == f"{LIST}?agent={bo.pk}&not_agent={bo.pk}&topic=billing"
    assert 'Agent: <strong dir="auto">Bo Lind</strong>' in text(browse("manager"), f"?agent={bo.pk}")


@pytest.mark.parametrize("typed", ["q=+++", "topic=+", "attribute_name=plan&attribute_value=+"])
def test_blanks_ask_for_nothing(browse: Browse, typed: str) -> None:
    assert browse("manager").get(f"{LIST}?{typed}")["Location"] == LIST


def test_what_no_database_takes_is_nobodys_name(browse: Browse) -> None:
    assert browse("manager").get(f"{LIST}?agent_name=a%00b")["Location"] == LIST
    assert browse("manager").get(f"{LIST}by/helpdesk/a%00b/").status_code == 404


def test_time_spans_are_said_in_words(several: World, browse: Browse) -> None:
    page = text(browse("manager"), "?silence_min=86400&first_response_max=777")
    assert '<option value="86400" selected>1 day</option>' in page
    assert '<option value="777" selected>12 minutes</option>' in page
    assert 'Customer waited at least: <strong dir="auto">1 day</strong>' in page


# --- columns and order on the page -----------------------------------------------------------------------


def test_columns_and_order_stand_in_the_address(several: World, browse: Browse) -> None:
    page = text(browse("manager"), "?columns=handling&columns=csat&columns=topic&order=-messages")
    heads = [unescape(re.sub("<[^>]+>", "", one)) for one in re.findall(r"<th scope=\"col\".*?</th>", page)]
    assert heads == ["Conversation", "Topic", "Handling", "CSAT", "Review by hand"]
    assert shown(page) == ["Subject 4", "Subject 3", "Subject 2", "Subject 1", "Subject 0"]
    assert 'data-label="Handling">3 min 20 s</td>' in page
    assert 'data-label="CSAT">2</td>' in page
    asked = "columns=handling&amp;columns=csat&amp;columns=topic"
    assert f'href="?{asked}&amp;order=csat">CSAT' in page
    page = text(browse("manager"), "?columns=csat&order=csat")
    assert 'aria-sort="ascending"><a href="?columns=csat&amp;order=-csat">' in page
    assert 'id="column_csat" name="columns" value="csat" checked' in page


def test_the_usual_columns_need_not_be_said(several: World, browse: Browse) -> None:
    usual = "&".join(
        f"columns={key}" for key in ("agent", "team", "channel", "closed", "messages", "flags", "reviews")
    )
    assert browse("manager").get(f"{LIST}?{usual}")["Location"] == LIST


@pytest.mark.parametrize("query", ["?columns=colour", "?order=colour"])
def test_what_there_is_not_is_told(browse: Browse, query: str) -> None:
    assert browse("manager").get(f"{LIST}{query}").status_code == 422


def test_all_columns_have_a_cell(several: World, browse: Browse) -> None:
    Conversation.objects.filter(external_id="2000").update(
        agent=None, team=None, customer=None, channel="", language="", topic="", tags=["a<b", "c", "d", "e"],
        opened_at=None, first_response_seconds=-5,
    )  # fmt: skip
    client = browse("manager")
    keys = [one["key"] for one in client.get(LIST).context["offered_columns"]]
    page = text(client, "?" + "&".join(f"columns={key}" for key in keys))
    assert "<bdi>a&lt;b</bdi>" in page
    assert "and 1 more" in page
    assert page.count("<td") >= len(keys) * 5


def test_tabs_narrow_by_status(several: World, browse: Browse) -> None:
    bring(several["ours"].system, conversation("2009", status="pending", closed_at=None, subject="Subject 9"))
    client = browse("manager")
    assert shown(text(client, "?status=open&status=pending")) == ["Subject 9"]
    assert len(shown(text(client, "?status=closed&status=open&status=pending"))) == 6
    assert 'aria-current="page">All</a>' in text(client, "?status=closed&status=open&status=pending")
    Conversation.objects.filter(external_id="2009").delete()
    empty = text(client, "?status=open&status=pending")
    assert "No conversation that you can see has this status." in empty
    assert "No conversations yet" not in empty


# --- views and plans -------------------------------------------------------------------------------------


def test_a_view_is_kept_and_shared(several: World, browse: Browse) -> None:
    lead = browse("lead")
    query = "topic=billing&attribute.plan=pro&columns=csat&order=-messages"
    given = {"name": "Billing", "page": "conversations", "query": f"{query}&cursor=x", "shared": "on"}
    kept = lead.post("/w/ours/reviews/views/", given)
    assert kept["Location"].startswith(f"{LIST}?topic=billing")
    view = SavedView.objects.get(name="Billing")
    assert (view.page, view.query, view.shared) == ("conversations", query, True)
    for person in ("lead", "manager"):
        assert f'href="?{query.replace("&", "&amp;")}"' in text(browse(person))
    assert "Billing" not in text(browse("manager"), "", "/w/ours/reviews/")
    delete = f"/w/ours/reviews/views/{view.pk}/delete/"
    assert delete in text(lead)
    assert delete not in text(browse("manager"))
    assert lead.post(delete)["Location"] == LIST


def test_a_view_of_unknown_filters_is_refused(api: Api) -> None:
    given = {"page": "conversations", "name": "Odd", "query": "colour=red"}
    assert api("manager").post("saved-views/", given).status_code == 422
    assert api("manager").post("saved-views/", given | {"query": "words=escalation"}).status_code == 201


def test_an_address_too_long_to_keep_is_shown_all_the_same(several: World, browse: Browse) -> None:
    page = text(browse("manager"), f"?topic={'x' * 990}&tag={'y' * 990}&channel={'z' * 400}")
    assert "Keep these filters" not in page


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("?status=open&status=pending", "status=open&amp;status=pending"),
        ("?columns=csat&order=-messages", "columns=csat&amp;order=-messages"),
        ("?topic=billing&count=true", "topic=billing"),
    ],
)
def test_all_that_an_address_holds_can_be_kept(several: World, browse: Browse, query: str, kept: str) -> None:
    page = text(browse("manager"), query)
    assert "Keep these filters" in page
    assert f'name="query" value="{kept}"' in page
    assert "Keep these filters" not in text(browse("manager"))


def test_a_plan_of_open_ones_says_that_it_draws_from_closed_ones(several: World, browse: Browse) -> None:
    page = text(browse("manager"), "?status=open&status=pending&topic=billing")
    link = "/w/ours/plans/new/?status=open&amp;status=pending&amp;topic=billing"
    assert f'href="{link}"' in page
    assert "so they were left out: Status." in text(browse("manager"), "", unescape(link))


def test_filters_become_a_plan_in_one_step(several: World, browse: Browse) -> None:
    page = text(browse("manager"), "?topic=billing&closed_from=2026-04-01&order=-messages&columns=csat")
    assert 'href="/w/ours/plans/new/?topic=billing&amp;closed_from=2026-04-01"' in page
    assert "/plans/new/" not in text(browse("manager"))
    assert "/plans/new/" not in text(browse("reviewer"), "?topic=billing")


def test_each_row_can_be_reviewed_by_hand(several: World, browse: Browse) -> None:
    pk = stored(several["ours"].system, "2003").pk
    assert f'href="/w/ours/reviews/new/?conversation={pk}"' in text(browse("manager"))
    assert "/reviews/new/" not in text(browse("agent"))


# --- who is blind ----------------------------------------------------------------------------------------


def test_signals_are_shown_to_who_may_know(several: World, browse: Browse, api: Api) -> None:
    pk = stored(several["ours"].system, "2003").pk
    page = text(browse("manager"))
    assert 'data-label="Signals"><span class="badges"><span class="badge bad"' in page
    assert "<h2>Signals</h2>" in text(browse("manager"), "", f"{LIST}{pk}/")
    flags = api("manager").get(f"conversations/{pk}/").json()["flags"]
    assert {"key", "label", "why"} == set(flags[0])
    assert "low_csat" in [flag["key"] for flag in flags]


def test_a_blind_reviewer_sees_no_signal(several: World, browse: Browse, api: Api) -> None:
    pk = stored(several["ours"].system, "2003").pk
    page = text(browse("second_reviewer"))
    for hidden in ("Signals", "csat", "silence_min", "waited_at_end", 'name="words"'):
        assert hidden not in page
    assert "<h2>Signals</h2>" not in text(browse("second_reviewer"), "", f"{LIST}{pk}/")
    assert api("second_reviewer").get(f"conversations/{pk}/").json()["flags"] is None
    for query in (
        "columns=flags",
        "columns=csat",
        "order=csat",
        "silence_min=5",
        "waited_at_end=true",
        "words=escalation",
    ):
        assert browse("second_reviewer").get(f"{LIST}?{query}").status_code == 403


def test_signals_open_with_the_reviewers_own_review(several: World, browse: Browse, api: Api) -> None:
    conversation = stored(several["ours"].system, "2003")
    Review.objects.filter(pk=several["ours"].rows["review"].pk).update(conversation=conversation)
    assert api("reviewer").get(f"conversations/{conversation.pk}/").json()["flags"]
    assert "<h2>Signals</h2>" in text(browse("reviewer"), "", f"{LIST}{conversation.pk}/")


def test_signals_are_shown_to_all_where_nobody_is_blind(several: World, browse: Browse) -> None:
    WorkspaceSettings.objects.update(blind=False)
    assert 'data-label="Signals"><span class="badges"><span class="badge bad"' in text(
        browse("second_reviewer")
    )


def test_reviewed_by_me_and_by_scorecard(several: World, api: Api) -> None:
    card = several["ours"].rows["review"].scorecard_id
    assert ids(api("reviewer").get("conversations/", {"reviewed_by_me": "true"})) == ["1001"]
    assert ids(api("second_reviewer").get("conversations/", {"reviewed_by_me": "true"})) == []
    assert "1001" not in ids(api("reviewer").get("conversations/", {"reviewed_by_me": "false"}))
    assert ids(api("manager").get("conversations/", {"scorecard": str(card)})) == ["1001"]
    theirs = several["theirs"].rows["review"].scorecard_id
    for other in (theirs, card + 999):
        refused = api("manager").get("conversations/", {"scorecard": [str(card), str(other)]})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_found")


# --- queries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?q=apple", "?columns=csat&columns=tags&columns=customer"])
def test_the_queries_do_not_grow_with_the_rows(several: World, browse: Browse, query: str) -> None:
    client = browse("manager")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(client, query)
        return len(captured)

    few = queries()
    more = [conversation(str(n), subject="apple", surveys=[survey(score=1)], tags=["x"]) for n in range(40)]
    bring(several["ours"].system, *more)
    assert queries() == few <= 26
