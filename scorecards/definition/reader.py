"""From JSON of unknown shape to a Definition, with every error named by its JSON pointer."""

from fractions import Fraction

from scorecards.definition.advice import advise
from scorecards.definition.fields import Fields
from scorecards.definition.findings import Finding, InvalidDefinition, pointer_to
from scorecards.definition.types import (
    DEFAULT_SCALE,
    DEFAULT_WEIGHT,
    SCALES,
    Category,
    CommentRequired,
    Critical,
    Definition,
    Group,
    Option,
    RootCauses,
    ShowWhen,
    scale_options,
)

MOST_GROUPS = 20
MOST_CATEGORIES = 50
MOST_OPTIONS = 20
MOST_WORDS = 100
MOST_POINTS = 1_000_000
MOST_WEIGHT = 100

CRITICAL: tuple[Critical, ...] = ("none", "group", "review")
COMMENT_REQUIRED: tuple[CommentRequired, ...] = ("never", "negative", "always")
CATEGORY_OPTIONAL = (
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
    return definition, reader.fields.findings


class _Reader:
    def __init__(self) -> None:
        self.fields = Fields()
        self.group_keys: set[str] = set()
        self.category_keys: set[str] = set()

    def definition(self, raw: object) -> Definition:
        body = self.fields.record(raw, "", ("groups",))
        if body is None:
            return Definition(())
        groups = self.fields.items(body["groups"], "/groups", least=1, most=MOST_GROUPS)
        read = (self.group(item, f"/groups/{place}") for place, item in enumerate(groups))
        return Definition(tuple(group for group in read if group))

    def group(self, raw: object, pointer: str) -> Group | None:
        body = self.fields.record(raw, pointer, ("key", "name", "categories"))
        if body is None:
            return None
        key = self.fields.key(body["key"], f"{pointer}/key")
        self.fields.unique(key, self.group_keys, f"{pointer}/key", "duplicate_key")
        below = f"{pointer}/categories"
        items = self.fields.items(body["categories"], below, least=1, most=MOST_CATEGORIES)
        read = (self.category(item, f"{below}/{place}") for place, item in enumerate(items))
        name = self.fields.text(body["name"], f"{pointer}/name")
        return Group(key, name, tuple(category for category in read if category))

    def category(self, raw: object, pointer: str) -> Category | None:
        fields = self.fields
        body = fields.record(raw, pointer, ("key", "name"), CATEGORY_OPTIONAL)
        if body is None:
            return None
        key = fields.key(body["key"], f"{pointer}/key")
        fields.unique(key, self.category_keys, f"{pointer}/key", "duplicate_key")
        critical = fields.choice(body.get("critical", "none"), f"{pointer}/critical", CRITICAL)
        scale, options = self.answers(body, pointer, critical)
        comment = body.get("comment_required", "never")
        return Category(
            key=key,
            name=fields.text(body["name"], f"{pointer}/name"),
            options=options,
            description=fields.description(body.get("description", ""), f"{pointer}/description"),
            weight=fields.number(body.get("weight", DEFAULT_WEIGHT), f"{pointer}/weight", 0, MOST_WEIGHT),
            scale=scale,
            critical=critical,
            allow_na=fields.flag(body.get("allow_na", True), f"{pointer}/allow_na"),
            comment_required=fields.choice(comment, f"{pointer}/comment_required", COMMENT_REQUIRED),
            tags=self.tags(body.get("tags", []), f"{pointer}/tags"),
            show_when=self.show_when(body.get("show_when", {}), f"{pointer}/show_when"),
            root_causes=self.root_causes(body.get("root_causes", {}), f"{pointer}/root_causes"),
        )

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
        taken: set[str] = set()
        tags = []
        for place, item in enumerate(self.fields.items(raw, pointer, most=MOST_WORDS)):
            tags.append(self.fields.key(item, f"{pointer}/{place}"))
            self.fields.unique(tags[-1], taken, f"{pointer}/{place}", "duplicate_value")
        return tuple(tags)

    def words(self, raw: object, pointer: str, least: int) -> tuple[str, ...]:
        taken: set[str] = set()
        words = []
        for place, item in enumerate(self.fields.items(raw, pointer, least=least, most=MOST_WORDS)):
            words.append(self.fields.text(item, f"{pointer}/{place}"))
            self.fields.unique(words[-1], taken, f"{pointer}/{place}", "duplicate_value")
        return tuple(words)

    def show_when(self, raw: object, pointer: str) -> ShowWhen:
        lists = ("channel", "topic", "tag", "language")
        body = self.fields.record(raw, pointer, (), (*lists, "csat")) or {}
        words = {
            name: self.words(_listed(body[name]), pointer_to(pointer, name), least=1)
            for name in lists
            if name in body
        }
        csat = self.fields.flag(body["csat"], f"{pointer}/csat") if "csat" in body else None
        return ShowWhen(**words, csat=csat)

    def root_causes(self, raw: object, pointer: str) -> RootCauses:
        body = self.fields.record(raw, pointer, (), ("negative", "positive")) or {}
        return RootCauses(
            negative=self.words(body.get("negative", []), f"{pointer}/negative", least=0),
            positive=self.words(body.get("positive", []), f"{pointer}/positive", least=0),
        )


def _listed(raw: object) -> object:
    """One word stands for a list of it, as in every filter."""
    return [raw] if isinstance(raw, str) else raw
