"""What a rule makes of the evidence: a proposal with its reason, or why there is none."""

from coaching.rules.definition import Rule, Strength
from coaching.rules.evidence import Category, CriticalFailure, Evidence, NotProposed, Proposal
from coaching.rules.measures import Measure, counted, csat_measure, estimate_measure, iqs_measure, too_few

LIKELY = 0.7
"""From this probability of lying below the target on, a number is worth a look."""
LAST, MISSED = 6, 3
"""A category missed in 3 of the last 6 rated reviews is worth a look."""

URGENCY: dict[Strength, int] = {"event": 300, "clear": 200, "worth_a_look": 100}

Result = Proposal | NotProposed


def judge(rule: Rule, evidence: Evidence, open_cap: int = 3) -> list[Result]:
    """What a rule (one that `check_rule` finds sound) makes of one agent.

    One result, or for a rule about critical failures one for each of them. `open_cap` is how many
    assignments an agent may have open at a time.
    """
    if rule.kind == "critical_failures":
        return _judge_failures(rule, evidence, open_cap)
    result = _judge_number(rule, evidence)
    if isinstance(result, Proposal):
        return [_held_back(rule, evidence, open_cap) or result]
    return [result]


def _judge_number(rule: Rule, evidence: Evidence) -> Result:
    if rule.kind == "quadrant":
        return _judge_quadrant(rule, evidence)
    if rule.kind == "category_below":
        return _judge_category(rule, evidence)
    measure = (iqs_measure if rule.kind == "iqs_below" else csat_measure)(rule, evidence)
    return measure if isinstance(measure, NotProposed) else _hold(rule, evidence, measure)


# --- One number against its target -----------------------------------------------------------


def _hold(rule: Rule, evidence: Evidence, measure: Measure) -> Result:
    return (_clear if rule.strength == "clear" else _worth_a_look)(rule, evidence, measure)


def _clear(rule: Rule, evidence: Evidence, measure: Measure) -> Result:
    says = f"{_capital(measure.says(rule.cut))} {evidence.over}"
    if measure.high < rule.cut:
        reason = f"{says}, below the target of {rule.cut:g}{measure.unit}, {measure.basis}."
        return _propose(rule, evidence, reason, rule.cut - measure.value)
    target = f"the target of {rule.cut:g}{measure.unit}"
    return NotProposed("not_below", f"{says}, {measure.basis}: that is not clearly below {target}.")


def _worth_a_look(rule: Rule, evidence: Evidence, measure: Measure) -> Result:
    chance = measure.below(rule.cut)
    found = f"{_capital(measure.says(rule.cut))} {evidence.over}, {measure.basis}"
    # Rounded down, so that no shown chance contradicts the limit.
    found += f": below the target of {rule.cut:g}{measure.unit} with a chance of about {int(chance * 100)} %"
    if chance < LIKELY:
        return NotProposed("not_below", f"{found}, which is too little to propose anything.")
    more = measure.more_reviews(rule.cut)
    reviews = f", or {counted(more, 'more review')}," if more else ""
    reason = f"{found}. A talk{reviews} would tell more."
    return _propose(rule, evidence, reason, rule.cut - measure.value, more_reviews=more)


def _judge_quadrant(rule: Rule, evidence: Evidence) -> Result:
    iqs, csat = iqs_measure(rule, evidence), csat_measure(rule, evidence)
    if isinstance(iqs, NotProposed):
        return iqs
    if isinstance(csat, NotProposed):
        return csat
    both = " and ".join(f"{each.says(rule.cut)}, {each.basis}," for each in (iqs, csat))
    both = f"{_capital(both)} {evidence.over}"
    if max(iqs.high, csat.high) < rule.cut:
        reason = f"{both}: both are below {rule.cut:g}."
        return _propose(rule, evidence, reason, rule.cut - min(iqs.value, csat.value))
    return NotProposed("not_below", f"{both}: not both are clearly below {rule.cut:g}.")


# --- A category ------------------------------------------------------------------------------


def _judge_category(rule: Rule, evidence: Evidence) -> Result:
    category = evidence.category
    if category is None or not category.rated:
        return NotProposed(
            "no_data", f"No review of {evidence.name} {evidence.over} rated {_named(rule, category)}."
        )
    if category.rated < rule.min_reviews:
        return too_few(category.rated, rule.min_reviews, "review")
    subject = f"{evidence.name}'s score in {category.name}"
    measure = estimate_measure(category.estimate, subject, rule.min_reviews)
    if rule.strength == "worth_a_look":
        missed = _judge_latest(rule, evidence, category)
        if isinstance(missed, Proposal) or isinstance(measure, NotProposed):
            return missed
    return measure if isinstance(measure, NotProposed) else _hold(rule, evidence, measure)


def _named(rule: Rule, category: Category | None) -> str:
    return category.name if category else str(rule.category)


def _judge_latest(rule: Rule, evidence: Evidence, category: Category) -> Result:
    """Whether the category was below its target in 3 of the last 6 reviews that rated it."""
    latest = category.latest[:LAST]
    missed = [each for each in latest if each.score < rule.cut]
    times = f"{len(missed)} of {evidence.name}'s last {counted(len(latest), 'review')}"
    found = f"{category.name} was below {rule.cut:g} in {times}"
    if len(missed) < MISSED:
        return NotProposed("not_below", f"{found}; from {MISSED} on it is worth a look.")
    gap = rule.cut - sum(each.score for each in missed) / len(missed)
    conversations = tuple(each.conversation for each in missed)
    return _propose(rule, evidence, f"{found}. Worth a talk.", gap, conversations)


# --- Critical failures -----------------------------------------------------------------------


def _judge_failures(rule: Rule, evidence: Evidence, open_cap: int) -> list[Result]:
    if not evidence.critical_failures:
        return [NotProposed("no_data", f"No review of {evidence.name} found a new critical failure.")]
    room = max(0, open_cap - evidence.history.open_assignments)
    results: list[Result] = []
    for place, failure in enumerate(evidence.critical_failures):
        reason = _failure_reason(evidence, failure)
        proposal = _propose(rule, evidence, reason, 0, (failure.conversation,))
        results.append(proposal if place < room else _cap_reached(evidence, open_cap, reason))
    return results


def _failure_reason(evidence: Evidence, failure: CriticalFailure) -> str:
    where = f" in {' and '.join(failure.categories)}" if failure.categories else ""
    found = (
        f"A review of {evidence.name}'s conversation {failure.conversation} found a critical failure{where}"
    )
    return f"{found}. Worth a talk about this one conversation."


# --- Results ---------------------------------------------------------------------------------


def _propose(
    rule: Rule,
    evidence: Evidence,
    reason: str,
    gap: float,
    conversations: tuple[int, ...] = (),
    more_reviews: int | None = None,
) -> Proposal:
    """Urgency goes by strength first, then by `gap`, how many points lie below the target."""
    numbers = evidence.as_json(rule.target, conversations) | {"more_reviews": more_reviews}
    return Proposal(reason, numbers, URGENCY[rule.strength] + min(99, round(gap)))


def _held_back(rule: Rule, evidence: Evidence, open_cap: int) -> NotProposed | None:
    """Why an agent is not to be asked once more just now, although the rule found something."""
    name, history = evidence.name, evidence.history
    if history.open_for_rule:
        return NotProposed("open_assignment", f"{name} has an open assignment of this rule already.")
    days = history.days_since_last
    if days is not None and days < rule.cooldown_days:
        ago = counted(days, "day")
        why = f"{name}'s last assignment of this rule is {ago} old; the rule waits for {rule.cooldown_days}."
        return NotProposed("cooldown", why)
    if history.open_assignments >= open_cap:
        return _cap_reached(evidence, open_cap)
    return None


def _cap_reached(evidence: Evidence, open_cap: int, found: str = "") -> NotProposed:
    why = f"{evidence.name} has {open_cap} or more open assignments, as many as one is asked to carry."
    return NotProposed("cap_reached", f"{found} {why}".strip())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
