"""A small export in the shape of Zendesk QA's public export API, written for the tests."""

from __future__ import annotations

from typing import Any

EMAIL = "ana@ours.example"
CATEGORIES: tuple[dict[str, Any], ...] = (
    {
        "ratingCategoryId": "11",
        "name": "Solution",
        "description": "Right and complete?",
        "scale": "4-point",
        "weight": 20,
        "position": 1,
        "skippable": True,
        "ratings": [{"rating": "0", "description": "Wrong"}, {"rating": "100", "description": "Whole"}],
        "rootCauses": {
            "freeTextAllowed": False,
            "ratings": [
                {
                    "rating": 0,
                    "rootCauses": [{"id": "1", "name": "Wrong product"}],
                    "multiTierRootCause": {
                        "tiers": [
                            {
                                "id": "t1",
                                "name": "Process",
                                "rootCauses": [{"id": "2", "cause": "No macro"}],
                                "subtiers": [{"name": "Tools", "rootCauses": [{"cause": "Search"}]}],
                            }
                        ],
                        "looseRootCauses": [{"id": "3", "name": "Did not ask"}],
                    },
                },
                {"rating": 100, "rootCauses": [{"id": "4", "name": "Empathy"}]},
            ],
        },
    },
    {
        "ratingCategoryId": "12",
        "name": "Tone",
        "scale": "BINARY",
        "weight": 10,
        "critical": True,
        "reviewCritical": True,
        "position": 2,
        "skippable": True,
        "rootCauses": {"freeTextAllowed": True, "ratings": []},
    },
)


def scorecard(**fields: Any) -> dict[str, Any]:
    return {
        "id": "5",
        "name": "Chat quality",
        "groups": [{"id": "7", "name": "Customer", "position": 1, "categories": list(CATEGORIES)}],
        "categories": [
            {
                "ratingCategoryId": "13",
                "name": "Spelling",
                "scale": "5-point",
                "weight": 10,
                "skippable": True,
            }
        ],
        "createdAt": "2025-01-01T00:00:00Z",
    } | fields


def rating(category: int, score: float | None, **fields: Any) -> dict[str, Any]:
    weights = {11: 20, 12: 10, 13: 10}
    return {
        "categoryId": str(category),
        "categoryName": {11: "Solution", 12: "Tone", 13: "Spelling"}.get(category, "Retired"),
        "score": score,
        "weight": weights.get(category, 10),
        "critical": category == 12,
        "causes": [],
    } | fields


def review(key: str = "900", **fields: Any) -> dict[str, Any]:
    """Reported 83.33: (20 x 66.67 + 10 x 100 + 10 x 100) / 40."""
    return {
        "id": key,
        "reviewer": {"email": "reviewer@ours.example", "name": "Reviewer"},
        "reviewee": {"email": EMAIL, "name": "Ana", "groups": [{"id": "1", "name": "Chat EU"}]},
        "score": 83.33,
        "ratings": [rating(11, 66.67), rating(12, 100), rating(13, 100)],
        "comment": "Good pace #praise",
        "createdISO": "2026-03-05T23:30:00Z",
        "reviewTime": "125",
        "scorecard": {"id": "5", "name": "Chat quality"},
    } | fields


def conversation(*reviews: dict[str, Any], key: str = "1002", **fields: Any) -> dict[str, Any]:
    return {
        "externalId": key,
        "externalUrl": f"https://helpdesk.example/tickets/{key}",
        "sourceType": "HELPDESK",
        "createdAtISO": "2026-03-01T08:00:00Z",
        "workspaceId": "3",
        "reviews": list(reviews),
    } | fields


def dispute(**fields: Any) -> dict[str, Any]:
    return {
        "disputeId": "d1",
        "reviewId": "900",
        "type": "RATINGS",
        "status": "REJECTED",
        "createdAt": "2026-03-07T09:00:00Z",
        "resolvedAt": "2026-03-08T09:00:00Z",
        "createdBy": {"id": "21", "name": "Ana"},
        "rejectedBy": {"id": "22", "name": "Lead"},
        "categories": [{"id": "11", "expectedRating": 100, "rootCause": ["Wrong product"]}],
        "comment": {
            "comment": "I did ask",
            "owner": {"id": "21"},
            "thread": [{"comment": "You asked too late", "owner": {"id": "22"}}],
        },
    } | fields


def calibration() -> dict[str, Any]:
    return {
        "id": "s1",
        "title": "March",
        "conversations": [{"externalId": "1002", "sourceType": "HELPDESK", "reviews": [review("901")]}],
    }


def csat(**fields: Any) -> dict[str, Any]:
    return {
        "externalTicketId": "1002",
        "conversationSource": "helpdesk",
        "csatScore": "4",
        "csatComment": "Quick",
        "csatCreatedAt": "2026-03-04T08:00:00Z",
        "csatAnsweredAt": "2026-03-04T09:00:00Z",
    } | fields


USERS = [
    {"id": "21", "name": "Ana", "email": EMAIL},
    {"id": "22", "name": "Lead", "email": "lead@ours.example"},
]


def export(**sections: Any) -> dict[str, Any]:
    return {
        "users": USERS,
        "scorecards": [scorecard()],
        "reviews": [conversation(review())],
        "calibrations": [],
        "disputes": [],
        "csat": [],
    } | sections
