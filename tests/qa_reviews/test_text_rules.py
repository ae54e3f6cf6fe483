"""What text rules hold for, and the passages they rest on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_reviews.text_rules import Condition, Found, Line, Op, TextRule, folded, matches

TALK = (
    Line(1, "customer", "en", "Where is  my\nparcel?"),
    Line(2, "agent", "en", "Hi Sam, sorry for the wait."),
    Line(3, "agent", "de-AT", "Grüße aus der Straße"),
    Line(4, "bot", "en", "Thank you!"),
)


def rule(
    *conditions: tuple[Op, str], author: str = "agent", match: str = "any", languages: tuple[str, ...] = ()
) -> TextRule:
    return TextRule(author, languages, match, tuple(Condition(op, text) for op, text in conditions))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (rule(("contains", "SORRY")), (Found(2, 8, 13),)),
        (rule(("contains", "is my parcel"), author="customer"), (Found(1, 6, 19),)),
        (rule(("contains", "parcel")), None),
        (rule(("contains", "parcel"), author="any"), (Found(1, 13, 19),)),
        (rule(("is", " thank  you! "), author="bot"), (Found(4, 0, 10),)),
        (rule(("is", "thank you"), author="bot"), None),
        (rule(("not_contains", "refund")), ()),
        (rule(("not_contains", "sorry")), None),
        (rule(("is_not", "sorry")), ()),
        (rule(("is_not", "Thank you!"), author="bot"), None),
        (rule(("contains", "sorry"), ("contains", "refund")), (Found(2, 8, 13),)),
        (rule(("contains", "sorry"), ("contains", "refund"), match="all"), None),
        (rule(("contains", "sorry"), ("not_contains", "refund"), match="all"), (Found(2, 8, 13),)),
        (rule(("contains", "sorry"), languages=("de",)), None),
        (rule(("contains", "STRASSE"), languages=("de",)), (Found(3, 14, 20),)),
        (rule(("not_contains", "refund"), languages=("fr",)), None),
        (rule(("contains", "a"), ("contains", "hi sam"), match="all"),
         (Found(2, 0, 6), Found(2, 4, 5), Found(2, 23, 24), Found(3, 6, 7), Found(3, 17, 18))),
        (rule(("contains", "  ")), None),
        (rule(), None),
    ],
)  # fmt: skip
def test_a_rule_holds_with_its_passages(asked: TextRule, expected: tuple[Found, ...] | None) -> None:
    assert matches(asked, TALK) == expected


@given(st.text(max_size=40), st.text(min_size=1, max_size=4))
def test_each_passage_says_the_words(text: str, words: str) -> None:
    found = matches(rule(("contains", words)), [Line(7, "agent", "", text)])
    for passage in found or ():
        assert folded(words).text in folded(text[passage.start : passage.end]).text
    assert bool(found) == (bool(folded(words).text) and folded(words).text in folded(text).text)
