"""What the builder's scripts say, in the reader's language. Words in braces are filled in by the script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KNOWN_TAGS: tuple[tuple[str, Promise], ...] = (
    ("customer-critical", _("Customer-critical")),
    ("business-critical", _("Business-critical")),
    ("compliance-critical", _("Compliance-critical")),
)

BUILDER_WORDS: dict[str, Promise] = {
    "keys": _("This scorecard"),
    "save": _("Save draft"),
    "move_up": _("Move the row up"),
    "move_down": _("Move the row down"),
    "saved": _("All changes are saved"),
    "saved_at": _("Saved at {time}"),
    "unsaved": _("Unsaved changes"),
    "restore": _("This tab holds changes of {time} that were not saved."),
    "restored": _("Your changes are back. They are not saved yet."),
    "trouble_stale": _(
        "Not saved: somebody changed this draft since you opened it. What you typed is still here."
    ),
    "trouble_invalid": _("Not saved: some fields need mending first. What you typed is still here."),
    "trouble_login": _(
        "Not saved: you are logged out. This tab keeps what you typed and offers it again afterwards."
    ),
    "trouble_offline": _("Not saved: the server did not answer. What you typed is still here; save again."),
    "offline": _("The server did not answer. Try again."),
    "undo": _("Undo"),
    "removed": _("Removed"),
    "inserted": _("{name} was added"),
    "copy_of": _("{name} (copy)"),
    "moved": _("Moved to place {place} of {count}"),
    "moved_in": _("Moved to place {place} of {count} in {group}"),
    "unnamed": _("Without a name"),
    "unnamed_group": _("Group without a name"),
    "removed_category": _("(a category that was removed)"),
    "choose_category": _("Choose a category"),
    "whole": _("Scorecard"),
    "na": _("N/A"),
    "own_options": _("{count} options of its own"),
    "critical_group": _("fails its group"),
    "critical_review": _("fails the review"),
    "bonus": _("bonus"),
    "deduction": _("deduction"),
    "bonus_most": _("up to +{points}"),
    "deduction_most": _("up to −{points}"),
    "no_na": _("N/A not allowed"),
    "comment_always": _("comment always required"),
    "comment_negative": _("comment required for low ratings"),
    "tags": _("tags: {count}"),
    "causes": _("root causes: {count}"),
    "conditions": _("conditions: {count}"),
    "required": _("an answer is required"),
    "nothing_set": _("nothing special"),
    "to_fix": _("To fix: {count}"),
    "worth_a_look": _("Worth a look: {count}"),
    "insert": _("Insert {name}"),
    "loading": _("Loading …"),
    "library_categories": _("Categories of the library"),
    "library_causes": _("Root causes of the library"),
    "library_empty": _("Nothing of this kind is in the library yet. Save one to it from a category."),
    "in_library": _("Saved to the library"),
}
"""Key of the script -> words."""


def plain(mark: Decimal) -> str:
    """A score without trailing zeros: 80 for 80.0000."""
    return f"{mark.normalize():f}"


OFFER_WORDS: dict[str, Promise] = {
    "channel": _("Channel"),
    "topic": _("Topic"),
    "tag": _("Tag"),
    "language": _("Language"),
    "agent_kind": _("Work of"),
}
KIND_WORDS: dict[str, Promise] = {"human": _("people"), "bot": _("bots")}


def offer_words(rule: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """When a scorecard is offered, condition by condition: its name and its values; empty for always."""
    return [
        (
            str(label),
            ", ".join(
                str(KIND_WORDS.get(word, word)) if name == "agent_kind" else word for word in rule[name]
            ),
        )
        for name, label in OFFER_WORDS.items()
        if rule.get(name)
    ]
