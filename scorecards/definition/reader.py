"""From JSON of unknown shape to a Definition, with every error named by its JSON pointer."""

from decimal import Decimal
from fractions import Fraction

from scorecards.definition.advice import advise
from scorecards.definition.fields import Fields
from scorecards.definition.findings import Finding, InvalidDefinition, pointer_to
from scorecards.definition.relations import relate
from scorecards.definition.types import (
    DEFAULT_SCALE,
    DEFAULT_WEIGHT,
    OTHER,
    SCALES,
    TIER,
    Answer,
    Category,
    CommentRequired,
    Critical,
    Definition,
    Group,
    Kind,
    Option,
    Question,
    RootCauses,
    ShowWhen,
    Start,
    scale_options,
)

MOST_GROUPS = 20
MOST_CATEGORIES = 50
MOST_OPTIONS = 20
MOST_WORDS = 100
MOST_NAMED = 20
MOST_CAUSE = 255
MOST_POINTS = 1_000_000
MOST_WEIGHT = 100

CRITICAL: tuple[Critical, ...] = ("none", "group", "review")
KINDS: tuple[Kind, ...] = ("rated", "bonus", "deduction")
STARTS: tuple[Start, ...] = ("empty", "best", "na")
ANSWERS: tuple[Answer, ...] = ("text", "number", "date", "choice", "instruction")
COMMENT_REQUIRED: tuple[CommentRequired, ...] = ("never", "negative", "always")
CATEGORY_OPTIONAL = (
    "kind",
    "description",
    "weight",
    "scale",
    "options",
    "critical",
    "allow_na",
    "comment_required",
    "tags",
    "show_when",
    "root_causes",
)


def validate(raw: object) -> list[Finding]:
    """All errors of a definition (the first 200); when there are none, its warnings and suggestions.

    How its parts fit each other is looked at once each of them can be read.

    Takes any JSON value and never raises.
    """
    definition, errors = _read(raw)
    return errors or advise(definition)


def parse(raw: object) -> Definition:
    """The definition that the JSON value describes. Raises InvalidDefinition with all errors."""
    definition, errors = _read(raw)
    if errors:
        raise InvalidDefinition(tuple(errors))
    return definition


def _read(raw: object) -> tuple[Definition, list[Finding]]:
    reader = _Reader()
    definition = reader.definition(raw)
    return definition, reader.fields.findings or relate(definition)


class _Reader:
    def __init__(self) -> None:
        self.fields = Fields()
        self.group_keys: set[str] = set()
        self.asked_keys: set[str] = set()

    def definition(self, raw: object) -> Definition:
        body = self.fields.record(raw, "", ("groups",), ("start",))
        if body is None:
            return Definition(())
        start = self.fields.choice(body.get("start", "empty"), "/start", STARTS)
        groups = self.fields.items(body["groups"], "/groups", least=1, most=MOST_GROUPS)
        read = (self.group(item, f"/groups/{place}") for place, item in enumerate(groups))
        return Definition(tuple(group for group in read if group), start)

    def group(self, raw: object, pointer: str) -> Group | None:
        fields = self.fields
        body = fields.record(raw, pointer, ("key", "name", "categories"), ("weight", "questions"))
        if body is None:
            return None
        key = fields.key(body["key"], f"{pointer}/key")
        fields.unique(key, self.group_keys, f"{pointer}/key", "duplicate_key")
        below, least = f"{pointer}/categories", 0 if body.get("questions") else 1
        items = fields.items(body["categories"], below, least=least, most=MOST_CATEGORIES)
        categories = [self.category(item, f"{below}/{place}") for place, item in enumerate(items)]
        below = f"{pointer}/questions"
        asked = fields.items(body.get("questions", []), below, most=MOST_CATEGORIES)
        questions = [self.question(item, f"{below}/{place}") for place, item in enumerate(asked)]
        return Group(
            key=key,
            name=fields.text(body["name"], f"{pointer}/name"),
            categories=tuple(category for category in categories if category),
            weight=self.weight(body["weight"], pointer) if "weight" in body else None,
            questions=tuple(question for question in questions if question),
        )

    def weight(self, raw: object, pointer: str) -> Decimal:
        return self.fields.number(raw, f"{pointer}/weight", 0, MOST_WEIGHT)

    def category(self, raw: object, pointer: str) -> Category | None:
        fields = self.fields
        body = fields.record(raw, pointer, ("key", "name"), CATEGORY_OPTIONAL)
        if body is None:
            return None
        key = self.asked_key(body["key"], pointer)
        kind = fields.choice(body.get("kind", "rated"), f"{pointer}/kind", KINDS)
        critical = fields.choice(body.get("critical", "none"), f"{pointer}/critical", CRITICAL)
        if kind != "rated":
            self.adjusts(body, pointer, critical)
        scale, options = self.answers(body, pointer, critical)
        comment = body.get("comment_required", "never")
        return Category(
            key=key,
            name=fields.text(body["name"], f"{pointer}/name"),
            options=options,
            description=fields.description(body.get("description", ""), f"{pointer}/description"),
            weight=self.weight(body.get("weight", DEFAULT_WEIGHT), pointer),
            scale=scale,
            critical=critical,
            allow_na=fields.flag(body.get("allow_na", kind == "rated"), f"{pointer}/allow_na"),
            comment_required=fields.choice(comment, f"{pointer}/comment_required", COMMENT_REQUIRED),
            tags=self.tags(body.get("tags", []), f"{pointer}/tags"),
            show_when=self.show_when(body.get("show_when", {}), f"{pointer}/show_when"),
            root_causes=self.root_causes(body.get("root_causes", {}), f"{pointer}/root_causes"),
            kind=kind,
        )

    def asked_key(self, raw: object, pointer: str) -> str:
        """The key of a category or question, which share one set of keys."""
        key = self.fields.key(raw, f"{pointer}/key")
        self.fields.unique(key, self.asked_keys, f"{pointer}/key", "duplicate_key")
        return key

    def adjusts(self, body: dict[str, object], pointer: str, critical: Critical) -> None:
        """What a bonus or deduction cannot be."""
        if body.get("allow_na") is True:
            message = "A bonus or deduction is given or not: it has no N/A."
            self.fields.error("adjustment_allows_na", f"{pointer}/allow_na", message)
        if critical != "none":
            message = "Only a rated category can be critical."
            self.fields.error("adjustment_critical", f"{pointer}/critical", message)

    def question(self, raw: object, pointer: str) -> Question | None:
        fields = self.fields
        optional = ("description", "required", "choices", "show_when")
        body = fields.record(raw, pointer, ("key", "name", "answer"), optional)
        if body is None:
            return None
        answer = fields.choice(body["answer"], f"{pointer}/answer", ANSWERS)
        required = fields.flag(body.get("required", False), f"{pointer}/required")
        if required and answer == "instruction":
            message = "An instruction has no answer that could be required."
            fields.error("instruction_required", f"{pointer}/required", message)
        return Question(
            key=self.asked_key(body["key"], pointer),
            name=fields.text(body["name"], f"{pointer}/name"),
            answer=answer,
            description=fields.description(body.get("description", ""), f"{pointer}/description"),
            required=required,
            choices=self.choices(body.get("choices", []), f"{pointer}/choices", answer),
            show_when=self.show_when(body.get("show_when", {}), f"{pointer}/show_when"),
        )

    def choices(self, raw: object, pointer: str, answer: Answer) -> tuple[str, ...]:
        if answer == "choice":
            return self.words(raw, pointer, least=2)
        if raw != []:
            self.fields.error(
                "choices_without_choice", pointer, 'Only an answer of kind "choice" has choices.'
            )
        return ()

    def answers(
        self, body: dict[str, object], pointer: str, critical: Critical
    ) -> tuple[str | None, tuple[Option, ...]]:
        """The category's scale, if it has a ready one, and its options.

        Both may be given where they agree, so that an answer of ours can be sent back as it came.
        """
        if "options" not in body:
            given = body.get("scale", DEFAULT_SCALE)
            scale = self.fields.choice(given, f"{pointer}/scale", tuple(SCALES))
            return scale, scale_options(scale)
        options = self.options(body["options"], f"{pointer}/options", critical)
        for scale in SCALES:
            if body.get("scale") == scale and options == scale_options(scale):
                return scale, options
        if "scale" in body:
            message = "Give scale or options of your own, not both."
            self.fields.error("scale_and_options", f"{pointer}/scale", message)
        return None, options

    def options(self, raw: object, pointer: str, critical: Critical) -> tuple[Option, ...]:
        items = self.fields.items(raw, pointer, least=2, most=MOST_OPTIONS)
        errors_before = len(self.fields.findings)
        keys: set[str] = set()
        options = []
        for place, item in enumerate(items):
            option = self.option(item, f"{pointer}/{place}", keys)
            if option is None:
                continue
            options.append(option)
            if option.fails is not None and critical == "none":
                message = "Only an option of a critical category can fail."
                self.fields.error("fails_without_critical", f"{pointer}/{place}/fails", message)
        well_read = len(self.fields.findings) == errors_before
        if well_read and len({option.points for option in options}) == 1:
            self.fields.error("same_points", pointer, "At least two options must differ in points.")
        return tuple(options)

    def option(self, raw: object, pointer: str, keys: set[str]) -> Option | None:
        body = self.fields.record(raw, pointer, ("key", "label", "points"), ("description", "fails"))
        if body is None:
            return None
        key = self.fields.key(body["key"], f"{pointer}/key")
        self.fields.unique(key, keys, f"{pointer}/key", "duplicate_key")
        points = self.fields.number(body["points"], f"{pointer}/points", -MOST_POINTS, MOST_POINTS)
        return Option(
            key=key,
            label=self.fields.text(body["label"], f"{pointer}/label"),
            points=Fraction(points),
            description=self.fields.description(body.get("description", ""), f"{pointer}/description"),
            fails=self.fields.flag(body["fails"], f"{pointer}/fails") if "fails" in body else None,
        )

    def tags(self, raw: object, pointer: str) -> tuple[str, ...]:
        return self.keys(raw, pointer, least=0)

    def keys(self, raw: object, pointer: str, least: int) -> tuple[str, ...]:
        taken: set[str] = set()
        keys = []
        for place, item in enumerate(self.fields.items(raw, pointer, least=least, most=MOST_WORDS)):
            keys.append(self.fields.key(item, f"{pointer}/{place}"))
            self.fields.unique(keys[-1], taken, f"{pointer}/{place}", "duplicate_value")
        return tuple(keys)

    def words(self, raw: object, pointer: str, least: int) -> tuple[str, ...]:
        taken: set[str] = set()
        words = []
        for place, item in enumerate(self.fields.items(raw, pointer, least=least, most=MOST_WORDS)):
            words.append(self.fields.text(item, f"{pointer}/{place}"))
            self.fields.unique(words[-1], taken, f"{pointer}/{place}", "duplicate_value")
        return tuple(words)

    def show_when(self, raw: object, pointer: str) -> ShowWhen:
        lists = ("channel", "topic", "tag", "language")
        body = self.fields.record(raw, pointer, (), (*lists, "csat", "answers")) or {}
        words = {
            name: self.words(_listed(body[name]), pointer_to(pointer, name), least=1)
            for name in lists
            if name in body
        }
        csat = self.fields.flag(body["csat"], f"{pointer}/csat") if "csat" in body else None
        return ShowWhen(**words, csat=csat, answers=self.named(body.get("answers", {}), f"{pointer}/answers"))

    def named(self, raw: object, pointer: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Category key -> its options that meet the condition; whether they exist is looked at later."""
        if not isinstance(raw, dict):
            self.fields.error("invalid", pointer, "Must be an object of category keys and their options.")
            return ()
        if len(raw) > MOST_NAMED:
            self.fields.error("too_many", pointer, f"Must have at most {MOST_NAMED}.")
            return ()
        found = []
        for name, options in raw.items():
            below = pointer_to(pointer, name)
            found.append((self.fields.key(name, below), self.keys(_listed(options), below, least=1)))
        return tuple(found)

    def root_causes(self, raw: object, pointer: str) -> RootCauses:
        body = self.fields.record(raw, pointer, (), ("negative", "positive", "other")) or {}
        other = self.fields.flag(body.get("other", False), f"{pointer}/other")
        return RootCauses(
            negative=self.causes(body.get("negative", []), f"{pointer}/negative", other),
            positive=self.causes(body.get("positive", []), f"{pointer}/positive", other),
            other=other,
        )

    def causes(self, raw: object, pointer: str, other: bool) -> tuple[str, ...]:
        """Causes as they are chosen, those of two tiers as "first > second"."""
        taken: set[str] = set()
        found: list[str] = []
        for place, item in enumerate(self.fields.items(raw, pointer, most=MOST_WORDS)):
            below = f"{pointer}/{place}"
            for cause in (
                self.tiers(item, below) if isinstance(item, dict) else [self.fields.text(item, below)]
            ):
                self.fields.unique(cause, taken, below, "duplicate_value")
                if other and cause.startswith(OTHER):
                    message = f'"{OTHER}" begins what reviewers write themselves.'
                    self.fields.error("reserved_name", below, message)
                found.append(cause)
        if len(found) > MOST_WORDS:
            self.fields.error("too_many", pointer, f"Must have at most {MOST_WORDS} with all details.")
        return tuple(found)

    def tiers(self, raw: object, pointer: str) -> list[str]:
        body = self.fields.record(raw, pointer, ("cause",), ("details",))
        if body is None:
            return []
        cause = self.tier(body["cause"], f"{pointer}/cause")
        items = self.fields.items(body.get("details", []), f"{pointer}/details", most=MOST_WORDS)
        details = [self.tier(item, f"{pointer}/details/{place}") for place, item in enumerate(items)]
        if any(len(f"{cause}{TIER}{detail}") > MOST_CAUSE for detail in details):
            message = f"Cause and detail together have at most {MOST_CAUSE} characters."
            self.fields.error("too_long", pointer, message)
        return [f"{cause}{TIER}{detail}" for detail in details] or [cause]

    def tier(self, raw: object, pointer: str) -> str:
        """One tier's name, which cannot hold the sign between tiers."""
        name = self.fields.text(raw, pointer)
        if TIER in name:
            self.fields.error("reserved_name", pointer, f'"{TIER.strip()}" stands between cause and detail.')
        return name


def _listed(raw: object) -> object:
    """One word stands for a list of it, as in every filter."""
    return [raw] if isinstance(raw, str) else raw
