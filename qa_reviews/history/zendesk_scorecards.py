"""A scorecard of Zendesk QA as a definition of ours. Pure: their JSON in, our JSON and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.errors import FieldError
from conversations.fields import step_to
from qa_reviews.history.zendesk_scales import Unit, number, place_of, scale_size
from scorecards.definition import OTHER, SCALES, TIER

KNOWN = {
    *("name", "description", "type", "ratingCategoryId", "scale", "weight", "critical", "reviewCritical"),
    *("groupCritical", "position", "skippable", "conditions", "rootCauses", "status", "ratings"),
    *("autoQaCategory", "autoQaCustomCategoryTemplateId", "autoQaApplicabilities"),
    *("autoQaPromptCategoryTemplateId", "promptAnomalies"),
}
MOST_CAUSES = 100
NAME = 200
LONGEST = 4000
UNGROUPED = "Categories"


@dataclass(frozen=True, slots=True)
class Form:
    """`definition` is JSON for the scorecards' services; `errors` say why there is none."""

    external_id: str
    name: str
    definition: dict[str, Any]
    notes: tuple[FieldError, ...]
    errors: tuple[FieldError, ...]


def category_key(category_id: Any) -> str:
    """Our key of their category; the same in every version."""
    return f"c{category_id}"


def form_of(raw: Mapping[str, Any], unit: Unit) -> Form:
    """The scorecard as ours."""
    reader = _Reader(unit)
    groups = reader.groups(raw)
    if not groups:
        reader.error("/groups", "required", "There is no category in it.")
    return Form(
        external_id=str(raw.get("id") or ""),
        name=_words(raw.get("name"), 255) or "Zendesk QA",
        definition={"groups": groups},
        notes=tuple(reader.notes),
        errors=tuple(reader.errors),
    )


@dataclass(slots=True)
class _Reader:
    unit: Unit
    notes: list[FieldError] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)

    def error(self, pointer: str, code: str, detail: str) -> None:
        self.errors.append(FieldError(pointer, code, detail))

    def note(self, pointer: str, code: str, detail: str) -> None:
        self.notes.append(FieldError(pointer, code, detail))

    def groups(self, raw: Mapping[str, Any]) -> list[dict[str, Any]]:
        """By their positions; categories of no group come first, in one of their own."""
        found = []
        loose = self.categories(_dicts(raw.get("categories")), "/categories")
        if loose:
            found.append({"key": "ungrouped", "name": UNGROUPED, "categories": loose})
        for group in _placed(_dicts(raw.get("groups"))):
            key = f"g{group.get('id') or len(found)}"
            categories = self.categories(_dicts(group.get("categories")), f"/groups/{key}")
            if categories:
                found.append(
                    {"key": key, "name": _words(group.get("name"), NAME) or key, "categories": categories}
                )
            else:
                self.note(f"/groups/{key}", "empty_group", "A group without categories is left out.")
        return found

    def categories(self, raw: Sequence[Mapping[str, Any]], pointer: str) -> list[dict[str, Any]]:
        read = (self.category(each, pointer) for each in _placed(raw))
        return [category for category in read if category is not None]

    def category(self, raw: Mapping[str, Any], pointer: str) -> dict[str, Any] | None:
        key = category_key(raw.get("ratingCategoryId"))
        pointer = f"{pointer}/{key}"
        size = scale_size(raw.get("scale"), _dicts(raw.get("ratings")))
        if raw.get("ratingCategoryId") in (None, ""):
            self.error(pointer, "required", "A category needs its ratingCategoryId.")
            return None
        if size is None:
            self.error(f"{pointer}/scale", "unknown_scale", f"“{raw.get('scale')}” is no scale of 2 to 5.")
            return None
        self._left_out(raw, pointer)
        return {
            "key": key,
            "name": _words(raw.get("name"), NAME) or key,
            "description": _words(raw.get("description"), LONGEST, lines=True),
            "weight": self._weight(raw.get("weight"), pointer),
            **self._options(raw, size, pointer),
            "critical": _critical(raw),
            "allow_na": raw.get("skippable") is not False,
            "root_causes": self._causes(raw.get("rootCauses"), size, pointer),
        }

    def _weight(self, value: Any, pointer: str) -> str:
        weight = number(value)
        if weight is None or not 0 <= weight <= 100:
            self.error(f"{pointer}/weight", "out_of_range", "Must be a number from 0 to 100.")
            return "0"
        return f"{float(weight):g}"

    def _options(self, raw: Mapping[str, Any], size: int, pointer: str) -> dict[str, Any]:
        """The ready scale; own options where ratings are described."""
        labels = next(labels for labels in SCALES.values() if len(labels) == size)
        scale = next(name for name, each in SCALES.items() if each is labels)
        told: dict[int, str] = {}
        for each in _dicts(raw.get("ratings")):
            place, text = (
                place_of(each.get("rating"), self.unit, size),
                _words(each.get("description"), LONGEST, lines=True),
            )
            if text and place is None:
                detail = f"The rating {each.get('rating')} is not on the scale; its description is left out."
                self.note(f"{pointer}/ratings", "unknown_option", detail)
            elif text and place is not None:
                told[place] = text
        if not told:
            return {"scale": scale}
        return {
            "options": [
                {"key": str(n + 1), "label": label, "points": n, "description": told.get(n, "")}
                for n, label in enumerate(labels)
            ]
        }

    def _causes(self, raw: Any, size: int, pointer: str) -> dict[str, Any]:
        """Causes of ratings below the middle are negative, the others positive; two tiers at most."""
        if not isinstance(raw, dict):
            return {}
        found: dict[str, list[str]] = {"negative": [], "positive": []}
        free = raw.get("freeTextAllowed") is True
        if raw.get("multipleRequireReasons") is True:
            self.note(f"{pointer}/rootCauses", "not_mapped", "That causes are required is left out.")
        for each in _dicts(raw.get("ratings")):
            place = place_of(each.get("rating"), self.unit, size)
            side = "negative" if place is None or 2 * place < size - 1 else "positive"
            free = free or each.get("freeTextAllowed") is True
            found[side] += [cause for cause in self._listed(each, pointer) if cause not in found[side]]
        for side, causes in found.items():
            if len(causes) > MOST_CAUSES:
                self.note(
                    f"{pointer}/rootCauses", "too_many", f"Only the first {MOST_CAUSES} {side} causes fit."
                )
        sides = {side: _tiered(causes[:MOST_CAUSES]) for side, causes in found.items()}
        return {**sides, "other": free}

    def _listed(self, raw: Mapping[str, Any], pointer: str) -> list[str]:
        """The causes of one rating as they are chosen: "Cause", or "Tier > Cause"."""
        several = raw.get("multiTierRootCause")
        several = several if isinstance(several, dict) else {}
        loose = [*_dicts(raw.get("rootCauses")), *_dicts(several.get("looseRootCauses"))]
        causes = [cause_name(each.get("name")) for each in loose]
        nodes = [(cause_name(node.get("name")), node) for node in _dicts(several.get("tiers"))]
        causes += [f"{top}{TIER}{cause}" for top, node in nodes for cause in self._below(node, (), pointer)]
        causes += [cause_name(each.get("name")) for each in _dicts(raw.get("tiers"))]
        return [cause for cause in dict.fromkeys(causes) if cause]

    def _below(self, node: Mapping[str, Any], path: tuple[str, ...], pointer: str) -> list[str]:
        """The causes below a tier; deeper tiers are told in the name of the cause."""
        causes = [
            " / ".join((*path, cause_name(each.get("cause")))) for each in _dicts(node.get("rootCauses"))
        ]
        for sub in _dicts(node.get("subtiers")):
            self.note(
                f"{pointer}/rootCauses", "tiers_joined", "Tiers below the second are joined into one name."
            )
            causes += self._below(sub, (*path, cause_name(sub.get("name"))), pointer)
        return causes

    def _left_out(self, raw: Mapping[str, Any], pointer: str) -> None:
        if raw.get("conditions"):
            detail = "Conditions are left out, lest a rating of the past be hidden; set them in the editor."
            self.note(f"{pointer}/conditions", "not_mapped", detail)
        if any(raw.get(name) for name in KNOWN if name.startswith("autoQa")):
            self.note(pointer, "not_mapped", "Automatic scoring of this category is left out.")
        if str(raw.get("status") or "active").casefold() not in ("active", "published", "enabled"):
            self.note(
                f"{pointer}/status", "not_mapped", f"It was {raw.get('status')} there and is open here."
            )
        for name in sorted(raw.keys() - KNOWN):
            self.note(f"{pointer}{step_to(name)}", "unknown_field", "Not known, left out.")


def cause_name(value: Any) -> str:
    """A cause's name without what separates tiers or marks a free text here."""
    text = _words(value, 100).replace(TIER, " / ")
    return text.removeprefix(OTHER).strip() if text.startswith(OTHER) else text


def _tiered(causes: Iterable[str]) -> list[Any]:
    """Causes as they are chosen -> as a definition lists them. A tier named like a single cause is joined
    with its details instead."""
    given = list(causes)
    single = [cause for cause in given if TIER not in cause]
    tiers: dict[str, list[str]] = {}
    for top, _, detail in (cause.partition(TIER) for cause in given if TIER in cause):
        if top in single:
            single.append(f"{top} / {detail}")
        else:
            tiers.setdefault(top, []).append(detail)
    return [*dict.fromkeys(single), *({"cause": top, "details": found} for top, found in tiers.items())]


def _critical(raw: Mapping[str, Any]) -> str:
    if raw.get("groupCritical") is True and raw.get("reviewCritical") is not True:
        return "group"
    return "review" if raw.get("reviewCritical") is True or raw.get("critical") is True else "none"


def _placed(raw: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(raw, key=lambda each: number(each.get("position")) or 0)


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _words(value: Any, limit: int, lines: bool = False) -> str:
    """Text that a definition takes: no control characters, trimmed, cut to the limit."""
    allowed = "\n\t" if lines else ""
    text = "".join(c if c.isprintable() or c in allowed else " " for c in str(value or ""))
    return text.strip()[:limit].strip()
