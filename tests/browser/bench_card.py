"""A scorecard with everything the workbench can show, and a conversation to grade with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from conversations.models import Message
from qa_reviews.models import CommentTemplate, Suggestion, SuggestionRule
from scorecards import definition as definitions
from scorecards.models import ScorecardVersion
from tests.world import Place

NEGATIVE = ["Wrong product", {"cause": "Process", "details": ["No macro", "Wrong macro"]}]
DEFINITION: dict[str, Any] = {
    "groups": [
        {
            "key": "customer",
            "name": "Customer facing",
            "categories": [
                {
                    "key": "solution",
                    "name": "Solution",
                    "description": "Was the answer right and complete?",
                    "weight": "30",
                    "options": [
                        {"key": "wrong", "label": "Wrong", "points": 0, "description": "Made it worse."},
                        {"key": "partly", "label": "Partly", "points": 1, "description": "Not all of it."},
                        {"key": "right", "label": "Right", "points": 2, "description": "All of it."},
                    ],
                    "root_causes": {"negative": NEGATIVE, "positive": ["Looked it up"], "other": True},
                },
                {"key": "tone", "name": "Tone", "weight": "20", "scale": "4-point",
                 "comment_required": "negative"},
                {
                    "key": "repair",
                    "name": "Made up for the tone",
                    "weight": "10",
                    "scale": "binary",
                    "show_when": {"answers": {"tone": ["1", "2"]}},
                },
            ],
            "questions": [
                {"key": "order", "name": "Order number", "answer": "text", "required": True},
                {
                    "key": "kind",
                    "name": "What was it about?",
                    "answer": "choice",
                    "choices": ["Parcel", "Refund", "Other"],
                },
            ],
        },
        {
            "key": "rules",
            "name": "Compliance and extras",
            "questions": [
                {
                    "key": "hint",
                    "name": "Before you rate these",
                    "answer": "instruction",
                    "description": "Look at the internal notes as well.",
                }
            ],
            "categories": [
                {"key": "privacy", "name": "Privacy", "weight": "10", "scale": "binary",
                 "critical": "review"},
                {"key": "delight", "name": "Delight", "kind": "bonus", "weight": "10", "scale": "binary"},
                {"key": "slow", "name": "Waiting", "kind": "deduction", "weight": "5", "scale": "3-point"},
            ],
        },
    ]
}  # fmt: skip

TALK = (
    ("customer", "Hello, where is my parcel 4711? It should have been here on Monday 📦"),
    ("agent", "Hi Sam, sorry for the wait! I looked it up: it left our warehouse on Tuesday."),
    ("customer", "That is too late. I needed it for a birthday…"),
    ("other", "The warehouse says the carrier lost a pallet. I have opened a claim."),
    ("agent", "I understand. I have sent you a new one by express, and the delivery is free of charge."),
    ("customer", "Great, thank you!"),
)


def lay_out(place: Place, *, rule: bool = False) -> None:
    """Messages of the waiting conversation, the scorecard of its plan, a template; with `rule` a text rule
    that suggests, and a suggestion from outside."""
    ws, conversation = place.workspace, place.rows["unreviewed"]
    ScorecardVersion.objects.create(
        workspace=ws,
        scorecard=place.rows["scorecard"],
        number=2,
        state="published",
        published_at=datetime(2026, 3, 1, tzinfo=UTC),
        definition=definitions.to_json(definitions.parse(DEFINITION)),
    )
    agents = {"agent": place.rows["agent"], "other": place.rows["other_agent"]}
    messages = Message.objects.bulk_create(
        Message(
            workspace=ws,
            conversation=conversation,
            key=f"m{n}",
            position=n,
            author_type="customer" if who == "customer" else "agent",
            agent=agents.get(who),
            author_name="Sam" if who == "customer" else "",
            sent_at=datetime(2026, 3, 2, 8, tzinfo=UTC) + timedelta(minutes=3 * n),
            text=text,
        )
        for n, (who, text) in enumerate(TALK)
    )
    CommentTemplate.objects.create(
        workspace=ws,
        name="Ask for the number",
        body="Ask for the order number first. #shipping",
        category="solution",
    )
    if rule:
        SuggestionRule.objects.create(
            workspace=ws,
            name="Apology",
            scorecard=place.rows["scorecard"],
            category="tone",
            option="3",
            conditions=[{"op": "contains", "text": "sorry for the wait"}],
        )
        Suggestion.objects.create(
            workspace=ws,
            conversation=conversation,
            scorecard=place.rows["scorecard"],
            category="privacy",
            option="2",
            source="checker",
            version="7",
            passages=[{"message": messages[4].pk, "start": 0, "end": 13}],
        )
