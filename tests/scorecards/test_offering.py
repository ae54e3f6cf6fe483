"""Which scorecard is offered, and words for scores."""

from decimal import Decimal

import pytest

from scorecards.bands import band_of
from scorecards.definition import Context
from scorecards.offering import Offer, offered

CHAT = Context(channel="Chat", topic="billing", tags=("VIP", "new"), language="en")
OFFERS = [
    Offer(1, "Anything", 0, {}),
    Offer(2, "Chat", 5, {"channel": ["chat", "phone"]}),
    Offer(3, "Chat of VIPs", 1, {"channel": ["chat"], "tag": ["vip"]}),
    Offer(4, "Bots", 0, {"agent_kind": ["bot"]}),
    Offer(5, "Anything, later", 0, {"topic": []}),
    Offer(6, "German", 0, {"language": ["de"]}),
]


@pytest.mark.parametrize(
    ("context", "kind", "order", "fitting"),
    [
        (CHAT, "human", [3, 2, 1, 5, 4, 6], {1, 2, 3, 5}),
        (CHAT, "bot", [4, 3, 2, 1, 5, 6], {1, 2, 3, 4, 5}),
        (Context(), "human", [1, 5, 4, 6, 3, 2], {1, 5}),
    ],
)
def test_the_order_of_offers(context, kind, order, fitting):
    found = offered(OFFERS, context, kind)
    assert [offer.id for offer in found] == order
    assert {offer.id for offer in found if offer.fits} == fitting


BANDS = [{"from": "90", "label": "Excellent"}, {"from": "62.5", "label": "Good"}]


@pytest.mark.parametrize(
    ("score", "word"),
    [("100", "Excellent"), ("90", "Excellent"), ("89.9999", "Good"), ("62.5", "Good"), ("62.4999", "")],
)
def test_the_band_of_a_score(score, word):
    assert band_of(BANDS, Decimal(score)) == word


def test_no_score_has_no_band():
    assert band_of(BANDS, None) == band_of([], Decimal(50)) == ""
