"""Pages of conversations and imports, read as their HTML."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import WorkspaceSettings
from conversations.models import Conversation
from qa_reviews.models import Review
from qa_reviews.templatetags.durations import attribute, duration
from tests.conversations.rows import bring, conversation, message, stored, survey
from tests.world import World

Browse = Callable[..., Client]


def text(browse: Browse, person: str, name: str, query: str = "", **kwargs: int) -> str:
    url = reverse(name, kwargs={"slug": "ours"} | kwargs)
    response = browse(person).get(f"{url}{query}")
    assert response.status_code == 200, response.content[:500]
    return " ".join(response.content.decode().split())


def opened(world: World, browse: Browse, person: str, external_id: str = "2001") -> str:
    return text(browse, person, "conversation", pk=stored(world["ours"].system, external_id).pk)


def test_the_list_shows_closed_ones_with_agent_team_and_reviews(world: World, browse: Browse) -> None:
    bring(world["ours"].system, conversation("2001", status="open", closed_at=None, subject="Still open"))
    page = text(browse, "manager", "conversation-list")
    assert "Where is my parcel?" in page
    assert "Refund please" in page
    assert "Still open" not in page
    assert "Ana Silva" in page
    assert "3 Mar 2026" in page
    running = text(browse, "manager", "conversation-list", "?status=open&status=pending")
    assert "Still open" in running
    assert "Refund please" not in running


def test_filters_stand_in_the_address_and_as_chips(world: World, browse: Browse) -> None:
    agent = world["ours"].rows["agent"].pk
    page = text(browse, "manager", "conversation-list", f"?agent={agent}&reviewed=true&attribute.plan=pro")
    assert "Nothing matches" in page
    page = text(browse, "manager", "conversation-list", f"?agent={agent}&reviewed=true")
    assert "Where is my parcel?" in page
    assert "Refund please" not in page
    assert '<strong dir="auto">Ana Silva</strong>' in page
    assert f'href="?agent={agent}"' in page  # the chip that takes "reviewed" away
    assert 'href="?"' in page


def test_an_unknown_filter_is_told(browse: Browse) -> None:
    response = browse("manager").get("/w/ours/conversations/?colour=red")
    assert response.status_code == 422
    assert "colour" in response.content.decode()


def test_pages_of_a_long_list(world: World, browse: Browse) -> None:
    many = [conversation(str(n), subject=f"Subject {n}.", surveys=[], messages=[]) for n in range(60)]
    bring(world["ours"].system, *many)
    first = browse("manager").get("/w/ours/conversations/")
    assert len(first.context["rows"]) == 50
    second = browse("manager").get(f"/w/ours/conversations/{first.context['next_url']}")
    assert len(second.context["rows"]) == 12
    shown = {row["conversation"].pk for page in (first, second) for row in page.context["rows"]}
    assert len(shown) == 62


def test_an_empty_workspace_says_what_to_do(world: World, browse: Browse) -> None:
    page = text(browse, "other_lead", "conversation-list")
    assert "No conversations yet" in page
    assert "import_conversations" in page


def test_the_list_costs_the_same_however_long(world: World, browse: Browse) -> None:
    def queries() -> int:
        client = browse("manager")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/w/ours/conversations/").status_code == 200
        return len(captured)

    few = queries()
    bring(world["ours"].system, *[conversation(str(n), surveys=[]) for n in range(30)])
    assert queries() == few


def test_a_transcript_tells_speakers_apart(world: World, browse: Browse) -> None:
    call = {"name": "Call", "url": "https://rec.example/1.mp3"}
    bring(
        world["ours"].system,
        conversation(
            messages=[
                message("1", "customer", 0, "مرحبا، أين طلبي 42؟", language="ar"),
                message("2", "bot", 0, "One moment"),
                message("3", "system", 1, "Assigned to Ana"),
                message("4", "agent", 1, "ask Bo", visibility="internal"),
                message("5", "agent", 2, "<p>On its <b>way</b></p>", format="html", attachments=[call]),
                message("6", "customer", 3, "<script>alert(1)</script>", attachments=[{"name": "photo.png"}]),
            ]
        ),
    )
    page = opened(world, browse, "manager")
    assert 'class="message by-customer"' in page
    assert 'dir="auto" lang="ar">مرحبا، أين طلبي 42؟</div>' in page
    assert 'class="message by-bot"' in page
    assert 'class="message by-system"' in page
    assert 'class="message by-agent is-internal"' in page
    assert "Internal note" in page
    assert "<p>On its <b>way</b></p>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="https://rec.example/1.mp3" rel="noopener noreferrer nofollow"' in page
    assert "photo.png" in page
    assert page.count("Ana Silva") >= 3  # his messages carry his name


def test_facts_name_both_first_responses(world: World, browse: Browse) -> None:
    bring(world["ours"].system, conversation())
    page = opened(world, browse, "manager")
    assert "First response, from the messages</dt><dd>2 min </dd>" in page
    assert "First response, as reported</dt><dd>2 min 10 s </dd>" in page
    assert "Handling, as reported</dt><dd>15 min</dd>" in page
    assert "4 on a scale of 1 to 5" in page
    assert "quick" in page
    assert "ACME" in page
    assert 'href="https://help.example/2001"' in page


@pytest.mark.parametrize(
    ("minute", "words"),
    [(4, "not counted: answered before asked"), (9, "not counted: answered in the moment it was asked")],
)
def test_a_time_that_counts_nowhere_says_why(world: World, browse: Browse, minute: int, words: str) -> None:
    both = [message("1", "customer", 9, "?"), message("2", "agent", minute, "!")]
    bring(world["ours"].system, conversation(messages=both, reported={}))
    assert words in opened(world, browse, "manager")


def test_a_blind_reviewer_reads_no_answer(world: World, browse: Browse) -> None:
    bring(world["ours"].system, conversation(surveys=[survey(comment="awful")]))
    page = opened(world, browse, "reviewer")
    assert "awful" not in page
    assert "on a scale of" not in page
    assert "Reviewers grade without knowing" in page
    WorkspaceSettings.objects.update(blind=False)
    assert "awful" in opened(world, browse, "reviewer")
    assert "csat_max" in text(browse, "reviewer", "conversation-list")


def test_a_blind_reviewer_is_offered_no_csat_filter(world: World, browse: Browse) -> None:
    assert "csat_max" not in text(browse, "reviewer", "conversation-list")
    assert browse("reviewer").get("/w/ours/conversations/?csat_max=3").status_code == 403


def test_the_button_to_review_it(world: World, browse: Browse) -> None:
    pk = world["ours"].rows["unreviewed"].pk
    assert f'href="/w/ours/reviews/new/?conversation={pk}"' in text(browse, "reviewer", "conversation", pk=pk)
    WorkspaceSettings.objects.update(reviewers_pick=False)
    page = text(browse, "reviewer", "conversation", pk=pk)
    assert "/reviews/new/" not in page
    assert "Reviewers work on their queue here and do not pick conversations." in page
    assert "Review this conversation" not in text(browse, "agent", "conversation", pk=pk)


def test_its_reviews_are_listed_for_who_sees_them(world: World, browse: Browse) -> None:
    rows = world["ours"].rows
    link = f'href="/w/ours/reviews/{rows["review"].pk}/"'
    pk = rows["conversation"].pk
    assert link in text(browse, "manager", "conversation", pk=pk)
    assert link in text(browse, "agent", "conversation", pk=pk)
    assert link not in text(browse, "second_reviewer", "conversation", pk=pk)
    Review.objects.update(release_at=timezone.now() + timedelta(days=1))
    assert link not in text(browse, "agent", "conversation", pk=pk)


def test_a_deleted_text_says_so(world: World, browse: Browse) -> None:
    Conversation.objects.update(text_deleted_at=timezone.now(), subject="")
    page = text(browse, "manager", "conversation", pk=world["ours"].rows["conversation"].pk)
    assert "was deleted on" in page
    assert "Hello, where is it?" not in page


def test_imports_and_their_rejected_rows(world: World, browse: Browse) -> None:
    run = bring(
        world["ours"].system, conversation(), conversation("2", status="gone"), conversation(topic="x")
    )
    listed = text(browse, "manager", "import-list")
    assert f'href="/w/ours/imports/{run.pk}/"' in listed
    page = text(browse, "manager", "import-run", pk=run.pk)
    assert "<code>/status</code> Must be one of: open, pending, closed." in page
    assert "Row 1 had the same id and other content; it was kept." in page
    download = f"/api/v1/w/ours/import-runs/{run.pk}/rejected.ndjson/"
    assert f'href="{download}"' in page
    response = browse("manager").get(download)
    assert b'"external_id": "2"' in response.getvalue()


def test_an_interrupted_import_says_what_to_do(world: World, browse: Browse) -> None:
    run = world["ours"].rows["import_run"]
    run.state = "interrupted"
    run.save(update_fields=["state"])
    assert "send the same file again to finish it" in text(browse, "manager", "import-run", pk=run.pk)


def test_conversations_stand_in_the_rail(world: World, browse: Browse) -> None:
    page = text(browse, "agent", "conversation-list")
    assert 'href="/w/ours/conversations/" aria-current="page" data-key="c"' in page


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "–"), (0, "0 s"), (0.4, "0 s"), (59.6, "1 min"), (125, "2 min 5 s"), (3600, "1 h"),
        (-300, "−5 min"), (90_061, "1 d 1 h"), (86_400 * 1500, "1,500 d"),
    ],
)  # fmt: skip
def test_durations_in_words(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


def test_attributes_in_words() -> None:
    assert [attribute(v) for v in ("pro", True, 3, None, ["a", False])] == ["pro", "yes", "3", "–", "a, no"]


def test_times_are_those_of_the_workspaces_zone(world: World, browse: Browse) -> None:
    page = (
        browse("manager")
        .get(f"/w/ours/conversations/{world['ours'].rows['conversation'].pk}/")
        .content.decode()
    )
    assert "3 Mar 2026, 10:10" in page  # closed at 09:10 UTC, in Berlin


def test_a_conversation_has_a_stable_address(world: World, browse: Browse) -> None:
    pk = world["ours"].rows["conversation"].pk
    for person in ("agent", "manager"):
        found = browse(person).get("/w/ours/conversations/by/helpdesk/1001/")
        assert found["Location"] == f"/w/ours/conversations/{pk}/"
    assert browse("other_agent").get("/w/ours/conversations/by/helpdesk/1001/").status_code == 404
    assert browse("manager").get("/w/ours/conversations/by/elsewhere/1001/").status_code == 404


def test_own_reviews_stand_first_and_alone_while_grading_blind(world: World, browse: Browse) -> None:
    ours = world["ours"]
    review = ours.rows["review"]
    client, address = browse("manager"), f"/w/ours/conversations/{review.conversation_id}/"
    theirs = f'href="/w/ours/reviews/{review.pk}/"'
    assert theirs in client.get(address).content.decode()
    own = Review.objects.get(pk=review.pk)
    own.pk, own.queue_item, own.stratum, own.selection = None, None, None, "manual"
    own.reviewer, own.state, own.submitted_at, own.blind = ours.people["manager"], "draft", None, True
    own.save()
    text = client.get(address).content.decode()
    assert theirs not in text
    assert f'href="/w/ours/reviews/{own.pk}/"' in text
    Review.objects.filter(pk=own.pk).update(revealed_at=review.submitted_at)
    text = client.get(address).content.decode()
    assert text.index(f'href="/w/ours/reviews/{own.pk}/"') < text.index(theirs)
