"""One filter, two inputs: query parameters and the JSON object of a plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Agent
from common.errors import Invalid
from conversations import filters
from conversations.filters import Filter, bound, from_json, from_query, risks_from_json, stored
from conversations.models import Conversation, Message, SurveyResponse, TopicLength
from conversations.services.derived_rows import derive
from tests.world import Place, World

DAY = date(2026, 5, 4)


@pytest.fixture
def ours(world: World) -> Place:
    Conversation.objects.filter(workspace=world["ours"].workspace).update(status="pending", channel="none")
    return world["ours"]


def made(place: Place, external_id: str, **fields: Any) -> Conversation:
    """A conversation with the facts that follow from it, and those that are given."""
    given = {"status": "open", "source": "desk"} | fields
    row = Conversation.objects.create(workspace=place.workspace, external_id=external_id, **given)
    derive(conversation_ids=[row.pk])
    Conversation.objects.filter(pk=row.pk).update(**fields)
    return row


def says(row: Conversation, text: str) -> None:
    Message.objects.create(
        workspace=row.workspace,
        conversation=row,
        key=str(Message.objects.count()),
        position=0,
        author_type="customer",
        text=text,
    )
    derive(conversation_ids=[row.pk])


def found(place: Place, query: str) -> set[str]:
    asked = from_query(place.system, QueryDict(query))
    rows = Conversation.objects.in_workspace(place.workspace.pk).filter(asked.q())
    return set(rows.values_list("external_id", flat=True))


def codes(problem: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(each.pointer, each.code) for each in problem.value.errors}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=closed", {"closed"}),
        ("status=closed&status=open&source=desk", {"closed", "plain", "long"}),
        ("channel=chat", {"plain"}),
        ("channel=chat&channel=phone", {"plain", "long"}),
        ("channel=chat&language=de", set()),
        ("language=de", {"long"}),
        ("topic=refund", {"plain"}),
        ("tag=vip&tag=b2b&source=desk", {"plain", "long"}),
        ("attribute.plan=pro", {"plain"}),
        ("attribute.seats=3&attribute.plan=pro", {"plain"}),
        ("attribute.1=one", {"plain"}),
        ("attribute.a__b=deep", {"plain"}),
        ("attribute.trial=true", {"long"}),
        ("closed_from=2026-05-04&closed_to=2026-05-04", {"closed"}),
        ("closed_from=2026-05-05", set()),
        ("reopened_min=2", {"long"}),
        ("messages_min=10", {"long"}),
        ("handling_min=60", {"plain"}),
        ("agent=&channel=phone", {"long"}),
    ],
)
def test_each_name(ours: Place, query: str, expected: set[str]) -> None:
    attributes = {"plan": "pro", "seats": 3, "1": "one", "a__b": "deep"}
    made(
        ours,
        "plain",
        channel="chat",
        topic="refund",
        tags=["vip"],
        attributes=attributes,
        reported_handling_seconds=60,
    )
    made(
        ours,
        "long",
        channel="phone",
        language="de",
        tags=["b2b", "x"],
        reopened_count=2,
        message_count=10,
        attributes={"trial": True, "plan": "free"},
    )
    made(ours, "closed", status="closed", closed_at="2026-05-04T10:00:00Z", closed_on=DAY)
    assert found(ours, query) == expected


def test_agents_and_teams_by_id_and_external_id(ours: Place) -> None:
    ana, team = ours.rows["agent"], ours.rows["team"]
    made(ours, "hers", agent=ana, most_active_agent=ours.rows["other_agent"])
    made(ours, "teams", team=team)
    assert found(ours, f"agent={ana.pk}&source=desk") == {"hers"}
    assert found(ours, "agent=external:a-7&source=desk") == {"hers"}
    assert found(ours, f"team={team.pk}&source=desk") == {"teams"}
    most_active = from_query(ours.system, QueryDict("agent=external:a-8")).q("most_active_agent")
    assert [row.external_id for row in Conversation.objects.filter(most_active, source="desk")] == ["hers"]


@pytest.mark.parametrize(
    ("score", "low", "high", "csat_max", "matches"),
    [
        (2, 1, 5, "2", True),
        (3, 1, 5, "2", False),
        (0, 0, 1, "1", True),
        (1, 0, 1, "4.9", False),
        (1, 0, 2, "3", True),
        (2, 1, 3, "2.9999", False),
        (-1, -1, 1, "1", True),
        (4, 0, 9, "2.7778", True),
    ],
)
def test_csat_is_compared_on_a_scale_of_one_to_five(
    ours: Place, score: int, low: int, high: int, csat_max: str, matches: bool
) -> None:
    row = made(ours, "asked")
    answer(row, "csat", score, low, high)
    answer(row, "ces", low, low, high)
    answer(row, "csat", low, low, high, is_latest=False)
    assert found(ours, f"csat_max={csat_max}&source=desk") == ({"asked"} if matches else set())


def answer(row: Conversation, kind: str, score: int, low: int, high: int, is_latest: bool = True) -> None:
    SurveyResponse.objects.create(
        workspace=row.workspace,
        conversation=row,
        key=str(SurveyResponse.objects.count()),
        kind=kind,
        score=Decimal(score),
        scale_min=low,
        scale_max=high,
        is_latest=is_latest,
    )
    derive(conversation_ids=[row.pk])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("parcel", {"subject"}),
        ("par", {"subject"}),
        ("arc", set()),
        ("invoice", {"message"}),
        ("invoice -paid", set()),
        ('"the invoice"', {"message"}),
        ('"invoice the"', set()),
        ("X-9", {"X-9"}),
        ("!!!", set()),
    ],
)
def test_words_are_searched_in_subject_and_messages(ours: Place, words: str, expected: set[str]) -> None:
    made(ours, "subject", subject="Parcel lost")
    says(made(ours, "message"), "Where is the Invoice I paid?")
    made(ours, "X-9")
    query = QueryDict(mutable=True)
    query["q"], query["source"] = words, "desk"
    assert found(ours, query.urlencode()) == expected


@pytest.mark.parametrize(
    ("text", "language", "words", "found_it"),
    [
        ("I was charged twice for two invoices", "en", "invoice charging", True),
        ("Meine Kündigungen wurden nie bestätigt", "de-AT", "kündigung", True),
        ("Meine Kündigungen wurden nie bestätigt", "de-AT", '"kündigung"', False),
        ("Meine Kündigungen wurden nie bestätigt", "", "kündigungen", True),
        ("Je voudrais annuler mes réservations", "fr", "réservation annulé", True),
        ("Quiero cancelar mis reservaciones", "es", "cancelado", True),
        ("Wo ist „mein Paket“ – bitte…", "de", "paket bitte", True),
        ("Wo ist „mein Paket“ – bitte…", "de", "„mein paket“", True),
        ("Wo ist „mein Paket“ – bitte…", "de", "“paket mein”", False),
        ("C’est la boîte d’or👍", "fr", "d’or", True),
        ("أين طلبي؟", "ar", "طلبي", True),
        ("荷物，どこ", "ja", "荷物", True),
        ("Send it to sam@example.com, box 4711-B", "en", "sam@example.com", True),
        ("Send it to sam@example.com, box 4711-B", "en", "4711-B", True),
        ("refund or replacement", "en", "voucher or refund", True),
        ("refund or replacement", "en", 'voucher or "money back"', False),
        ("refund or replacement", "en", "voucher OR", False),
        ("refund or replacement", "en", "where is the refund", True),
        ("Wo bleibt das Geld", "de", "where", False),
        ("the refunds", "en", "-refund", False),
        ("the refunds", "en", 'the -"refund"', True),
        ("the refunds", "en", '"refund"', False),
        ("cancelled orders", "en", '"cancel order"', False),
        ("cancelled orders", "en", '"cancelled ord*"', True),
        ("the refund", "en", '"refunds"', False),
        ("the refunds", "en", "ref", True),
        ("the refunds", "en", "re", False),
        ("the refunds", "en", "fund", False),
        ("it's 50% off & <b>", "en", "50% off & <b> | ! ( ) : *", True),
        ("nothing", "en", '- -- "" " or -"', False),
    ],
)
def test_words_are_found_as_people_write_them(
    ours: Place, text: str, language: str, words: str, found_it: bool
) -> None:
    for name in ("en", "de", "fr", "es", "ar"):
        made(ours, f"speaks {name}", language=name, source="others")
    says(made(ours, "one", language=language), text)
    query = QueryDict(mutable=True)
    query["q"], query["source"] = words, "desk"
    assert found(ours, query.urlencode()) == ({"one"} if found_it else set())


WORDS = ["refund", "refunds", "the", "news", "new", "Paket", "pakete", "zu", "x-9", "e-mail"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), min_size=1, max_size=6),
    a=st.sampled_from(WORDS),
    b=st.sampled_from([*sorted({*WORDS} - {"the", "zu"}), '"refund the"', '"zu"']),
)
def test_minus_hides_exactly_what_is_found_without_it(ours: Place, texts: list[str], a: str, b: str) -> None:
    with transaction.atomic():
        for number, text in enumerate(texts):
            says(made(ours, str(number), language=("en", "de", "")[number % 3]), text)

        def ids(words: str) -> set[str]:
            query = QueryDict(mutable=True)
            query["q"], query["source"] = words, "desk"
            return found(ours, query.urlencode())

        with_b, without_b = ids(f'{b} "{a}"'), ids(f'-{b} "{a}"')
        assert with_b | without_b == ids(f'"{a}"')
        assert not with_b & without_b
        transaction.set_rollback(True)


def test_the_search_uses_its_index_and_only_it(ours: Place) -> None:
    asked = from_query(ours.system, QueryDict("q=invoice+pai&q=refund"))
    rows = Conversation.objects.filter(asked.q())
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    plan = rows.explain()
    assert "Bitmap Index Scan on conversation_search" in plan
    assert "conversations_message" not in plan
    assert plan.count("conversation_search") == 1


def test_signal_words_use_the_index_of_the_search(ours: Place) -> None:
    rows = Conversation.objects.filter(from_query(ours.system, QueryDict("words=escalation")).q())
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    assert "Bitmap Index Scan on conversation_search" in rows.explain()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("messages_max=4", {"short"}),
        ("replies_min=3", {"long"}),
        ("replies_max=1", {"short"}),
        ("first_response_min=61", {"long"}),
        ("first_response_max=60", {"short"}),
        ("handling_max=60", {"short"}),
        ("csat_min=4", {"short"}),
        ("csat_min=1&csat_max=2", {"long"}),
        ("csat_comment=true", {"long"}),
        ("csat_comment=false", {"short", "none"}),
        ("csat_answered=true", {"short", "long"}),
        ("csat_answered=false", {"none"}),
        ("internal_notes=true", {"long"}),
        ("bot=true", {"short"}),
        ("bot=true&bot=false", {"short", "long", "none"}),
        ("silence_min=3600", {"long"}),
        ("agents_min=2", {"long"}),
        ("waited_at_end=true", {"long"}),
        ("closing_missing=true", {"short"}),
        ("long_for_topic=true", {"long"}),
        ("long_for_topic=false", {"short", "none"}),
        ("not_tag=vip", {"long", "none"}),
        ("not_channel=chat", {"long", "none"}),
        ("opened_from=2026-05-04", {"long"}),
        ("opened_to=2026-05-03", {"short"}),
        ("opened_from=0001-01-01&opened_to=9999-12-31", {"short", "long"}),
        ("opened_from=2026-05-03&opened_to=2026-05-04", {"short", "long"}),
    ],
)
def test_each_name_of_what_is_derived(ours: Place, query: str, expected: set[str]) -> None:
    TopicLength.objects.create(
        workspace=ours.workspace,
        topic="refund",
        conversations=50,
        usual=5,
        long_from=11,
        computed_at="2026-05-01T00:00:00Z",
    )
    made(
        ours,
        "short",
        topic="refund",
        tags=["vip"],
        channel="chat",
        opened_at="2026-05-03T21:59:59Z",  # still the third in Berlin
        message_count=4,
        reply_count=1,
        first_response_seconds=60,
        reported_handling_seconds=60,
        csat=Decimal("4.5"),
        has_bot=True,
        closing_missing=True,
    )
    made(
        ours,
        "long",
        topic="refund",
        opened_at="2026-05-03T22:00:00Z",
        message_count=12,
        reply_count=3,
        agent_count=2,
        first_response_seconds=90,
        reported_handling_seconds=90,
        csat=Decimal("1.5"),
        csat_commented=True,
        has_internal=True,
        longest_silence_seconds=3600,
        waited_at_end=True,
    )
    made(ours, "none", message_count=5, reply_count=2, first_response_seconds=-5)
    assert found(ours, f"{query}&source=desk") == expected


def test_agents_may_be_excluded_and_told_by_kind_and_tenure(ours: Place) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    Agent.objects.filter(pk=ana.pk).update(starts_on=date(2026, 4, 28))
    Agent.objects.filter(pk=bo.pk).update(kind="bot")
    closed = {"status": "closed", "closed_at": "2026-05-04T10:00:00Z", "closed_on": DAY}
    made(ours, "hers", agent=ana, most_active_agent=bo, team=ours.rows["team"], **closed)
    made(ours, "bots", agent=bo, **closed)
    made(ours, "nobodys", **closed)

    def desk(query: str) -> set[str]:
        return found(ours, f"{query}&source=desk")

    assert desk("agent_kind=bot") == {"bots"}
    assert desk("agent_kind=human&agent_kind=bot") == {"hers", "bots"}
    assert desk(f"not_agent={ana.pk}") == {"bots", "nobodys"}
    assert desk("not_agent=external:a-7&not_agent=external:a-8") == {"nobodys"}
    assert desk(f"not_team={ours.rows['team'].pk}") == {"bots", "nobodys"}
    # Her first day is the 28th, so the fourth of May is her seventh.
    assert desk("tenure_max=7") == desk("tenure_min=7&agent_kind=human") == {"hers"}
    assert desk("tenure_max=6") == set()
    assert desk("tenure_min=8") == {"bots"}
    kinds = from_query(ours.system, QueryDict("agent_kind=bot&source=desk")).q("most_active_agent")
    assert [row.external_id for row in Conversation.objects.filter(kinds)] == ["hers"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("colour=red", {("/colour", "unknown_parameter")}),
        ("attribute.=x", {("/attribute.", "unknown_parameter")}),
        ("status=shut&closed_from=soon", {("/status", "invalid"), ("/closed_from", "invalid_date")}),
        ("closed_from=2026-02-30", {("/closed_from", "invalid_date")}),
        ("csat_max=6", {("/csat_max", "out_of_range")}),
        ("csat_max=nan", {("/csat_max", "invalid")}),
        ("reopened_min=-1", {("/reopened_min", "out_of_range")}),
        ("messages_min=1.5", {("/messages_min", "out_of_range")}),
        ("messages_min=99999999999", {("/messages_min", "out_of_range")}),
        ("agent=999999", {("/agent", "not_found")}),
        ("agent=99999999999999999999", {("/agent", "not_found")}),
        ("agent=Ana", {("/agent", "invalid")}),
        ("team=external:x", {("/team", "not_found")}),
        ("reviewed=maybe", {("/reviewed", "invalid")}),
        ("q=%00", {("/q", "invalid_text")}),
        ("agent_kind=cat", {("/agent_kind", "invalid")}),
        ("words=rude", {("/words", "invalid")}),
        ("waited_at_end=1", {("/waited_at_end", "invalid")}),
        ("tenure_max=36526", {("/tenure_max", "out_of_range")}),
        ("opened_from=9999-12-31x", {("/opened_from", "invalid_date")}),
        ("csat_min=0", {("/csat_min", "out_of_range")}),
        ("scorecard=first", {("/scorecard", "invalid")}),
        ("not_agent=999999&not_team=Chat", {("/not_agent", "not_found"), ("/not_team", "invalid")}),
    ],
)
def test_wrong_parameters_are_named(ours: Place, query: str, expected: set[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as problem:
        from_query(ours.system, QueryDict(query))
    assert codes(problem) == expected


def test_other_parameters_of_the_list_and_reviewed_are_left_to_the_caller(ours: Place) -> None:
    asked = from_query(ours.system, QueryDict("limit=5&reviewed=false"), also={"limit"})
    assert (asked.reviewed, asked.uses_csat) == (False, False)
    mine = from_query(ours.system, QueryDict("reviewed_by_me=true&scorecard=7&scorecard=8"))
    assert (mine.reviewed_by_me, mine.scorecard, mine.q()) == (True, (7, 8), Q())


@pytest.mark.parametrize("name", ["csat_min=3", "csat_max=3", "csat_comment=false", "csat_answered=true"])
def test_what_tells_of_answers_says_so(ours: Place, name: str) -> None:
    assert from_query(ours.system, QueryDict(name)).uses_csat


def test_the_neighbours_agent_is_not_found(world: World) -> None:
    with pytest.raises(Invalid) as problem:
        from_json(world["ours"].system, {"agent": world["theirs"].rows["agent"].pk}, "/filter")
    assert codes(problem) == {("/filter/agent", "not_found")}


def test_a_plans_filter_is_kept_with_ids_and_read_again(ours: Place) -> None:
    raw = {
        "agent": [{"external_id": "a-7", "source": "helpdesk"}, "external:a-8"],
        "team": ours.rows["team"].pk,
        "channel": "chat",
        "csat_max": 2.5,
        "messages_min": "3",
        "attribute.plan": ["pro", 3, True],
        "q": ["refund", "money back"],
        "words": "escalation",
        "not_tag": "test",
        "tenure_max": "90",
        "closing_missing": "true",
        "csat_comment": False,
    }
    asked = from_json(ours.system, raw, "/filter")
    kept = asked.as_json()
    assert kept == {
        "agent": sorted([ours.rows["agent"].pk, ours.rows["other_agent"].pk]),
        "team": [ours.rows["team"].pk],
        "channel": ["chat"],
        "csat_max": "2.5",
        "messages_min": 3,
        "attribute.plan": ["pro", "3", "true"],
        "q": ["refund", "money back"],
        "words": ["escalation"],
        "not_tag": ["test"],
        "tenure_max": 90,
        "closing_missing": True,
        "csat_comment": False,
    }
    assert stored(kept) == asked
    assert from_json(ours.system, kept, "/filter") == asked


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([], {("/filter", "invalid")}),
        ("all", {("/filter", "invalid")}),
        *[
            ({name: "x"}, {(f"/filter/{name}", "not_allowed_in_plan")})
            for name in sorted(filters.NOT_IN_PLANS)
        ],
        ({"closed_from": "2026-01-01", "closed_to": "2026-01-31"}, None),
        ({"colour": "red"}, {("/filter/colour", "unknown_field")}),
        ({"a/b": "red"}, {("/filter/a~1b", "unknown_field")}),
        ({"attribute.\ud800": "red"}, {("/filter/attribute.\ufffd", "unknown_field")}),
        ({"attribute.\0": "red"}, {("/filter/attribute.\ufffd", "unknown_field")}),
        ({"channel": 7}, {("/filter/channel", "invalid")}),
        ({"channel": []}, {("/filter/channel", "required")}),
        ({"channel": ""}, {("/filter/channel", "invalid")}),
        ({"channel": None}, {("/filter/channel", "invalid")}),
        ({"messages_min": True}, {("/filter/messages_min", "invalid")}),
        ({"agent": {"name": "Ana"}}, {("/filter/agent", "invalid")}),
        ({"tag": ["a"] * 1001}, {("/filter/tag", "too_many")}),
    ],
)
def test_what_a_plans_filter_cannot_say(ours: Place, raw: Any, expected: set[tuple[str, str]] | None) -> None:
    with pytest.raises(Invalid) as problem:
        from_json(ours.system, raw, "/filter")
    refused = {(f"/filter/{name}", "not_allowed_in_plan") for name in ("closed_from", "closed_to")}
    assert codes(problem) == (expected or refused)


def test_a_risk_filter_is_one_or_several_and_asks_for_something(ours: Place) -> None:
    low, long = Filter(csat_max=Decimal(2)), Filter(messages_min=9)
    assert risks_from_json(ours.system, {"csat_max": 2}, "/risk_filter") == (low,)
    assert risks_from_json(ours.system, [{"csat_max": 2}, {"messages_min": 9}], "/risk_filter") == (low, long)
    for raw, pointer in (({}, "/risk_filter"), ([], "/risk_filter"), ([{"tag": "x"}, {}], "/risk_filter/1")):
        with pytest.raises(Invalid) as problem:
            risks_from_json(ours.system, raw, "/risk_filter")
        assert codes(problem) == {(pointer, "required")}


def test_a_merged_agent_is_named_by_whoever_sees_the_one_he_went_into(world: World) -> None:
    """Ana was in the chats, whom she went into is on the phone: the lead of phones knows her key."""
    ours, lead = world["ours"], world["ours"].actor("other_lead")
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    Agent.objects.filter(pk=ana.pk).update(merged_into=bo)
    for name in (f"agent={ana.pk}", "agent=external:a-7", f"agent={bo.pk}&agent=external:a-7"):
        assert from_query(lead, QueryDict(name)).agent == (bo.pk,)
    Agent.objects.filter(pk=ana.pk).update(merged_into=None)
    with pytest.raises(Invalid) as problem:
        from_query(lead, QueryDict("agent=external:a-7"))
    assert codes(problem) == {("/agent", "not_found")}
    theirs = world["theirs"].rows
    Agent.objects.filter(pk=theirs["agent"].pk).update(merged_into=theirs["other_agent"])
    with pytest.raises(Invalid):
        from_query(lead, QueryDict(f"agent={theirs['agent'].pk}"))


@pytest.mark.parametrize("words", ["-{} ", '"{}" ', '-"{}" ', "{} or ", "{} "])
def test_as_many_words_as_fit_are_searched(ours: Place, words: str) -> None:
    for language in ("en", "de", "fr", "es", "ar", "nl", "it", "pt", "sv", "da"):
        made(ours, language, language=language)
    query = QueryDict(mutable=True)
    query["q"] = (words.format("a") * 1000)[:1000]
    assert isinstance(found(ours, query.urlencode()), set)


def test_any_of_nothing_is_nothing(ours: Place) -> None:
    assert not Conversation.objects.filter(filters.any_of([])).exists()


def test_a_stored_filter_must_be_given_its_workspace_before_it_searches(ours: Place) -> None:
    kept = stored({"q": ["parcel"]})
    with pytest.raises(RuntimeError):
        kept.q()
    [at_home] = bound(ours.system, kept)
    assert at_home == kept
    assert Conversation.objects.filter(at_home.q()).exists()
