/* The score of a review while it is being graded: the rules of scorecards/scoring.py, exact, in the browser.
   The server's own score counts; a browser test compares the two.

   card: [{ key, group, group_weight: "60"|null, kind: "rated"|"bonus"|"deduction", weight: "20", comment_required,
            critical: "none"|"group"|"review", when: { category key: [option keys] },
            options: [{ key, points: "1/2", fails: true|false|null }] }], all categories that the conversation allows
   answers: Map of category key to option key, null for N/A; unrated ones are left out */
import { add, divide, fixed, fraction, isZero, less, multiply, subtract, whole, ZERO } from "./fraction.js";

const NA = "na";
const PLACES = 4;
const HUNDRED = whole(100);
const HALFWAY = whole(50);

/** Where the option stands between the fewest and the most points of its category, 0 to 100. */
export function categoryScore(category, option) {
  const points = category.options.map((each) => fraction(each.points));
  const low = points.reduce((a, b) => (less(b, a) ? b : a));
  const high = points.reduce((a, b) => (less(a, b) ? b : a));
  return multiply(divide(subtract(fraction(option.points), low), subtract(high, low)), HUNDRED);
}

export function fails(category, option) {
  if (category.critical === "none") return false;
  return option.fails ?? less(categoryScore(category, option), HALFWAY);
}

export const isNegative = (category, option) => less(categoryScore(category, option), HALFWAY) || fails(category, option);

export const optionOf = (category, key) => category.options.find((option) => option.key === key);

/** Whether the category asks for a comment, the chosen option (undefined for N/A) given. */
export function asksComment(category, option) {
  if (category.comment_required === "negative") return option !== undefined && isNegative(category, option);
  return category.comment_required === "always";
}

/** The keys of the categories that are shown, as scorecards/definition/conditions.py finds them; with
    `questions` ([{ key, when }]) theirs too. */
export function visible(card, answers, questions = []) {
  const named = new Map(card.filter((each) => answers.has(each.key)).map((each) => [each.key, nameOf(each, answers)]));
  const shown = new Map([...card, ...questions].map((each) => [each.key, Object.entries(each.when ?? {})]));
  const met = ([key, options]) => shown.has(key) && options.includes(named.get(key));
  let count;
  do {
    count = shown.size;
    const struck = [...shown].filter(([, conditions]) => !conditions.every(met));
    for (const [key] of struck) shown.delete(key);
  } while (shown.size < count);
  return new Set(shown.keys());
}

/** How a condition names what was chosen: N/A is "na", unless an option of the category took that name. */
const nameOf = (category, answers) => answers.get(category.key) ?? (optionOf(category, NA) ? null : NA);

/** { score, unfailed, uncapped, failedBy, groups: Map of group key to score }; scores as text of four decimals,
    or null. What is hidden counts nowhere, whatever was chosen there. */
export function score(card, answers) {
  const shown = visible(card, answers);
  const chosen = card.filter((category) => shown.has(category.key) && typeof answers.get(category.key) === "string");
  const marks = chosen.map((category) => mark(category, answers));
  const failing = marks.filter((each) => each.failed);
  const failedGroups = new Set(failing.filter((each) => each.critical === "group").map((each) => each.group));
  const rated = marks.filter((each) => each.kind === "rated");
  const counted = rated.map((each) => (failedGroups.has(each.group) ? { ...each, score: ZERO } : each));
  const uncapped = adjusted(meanOf(weighed(rated)), marks);
  const mean = capped(adjusted(meanOf(weighed(counted)), marks));
  const failed = failing.some((each) => each.critical === "review");
  return {
    score: stored(mean && failed ? ZERO : mean),
    unfailed: stored(capped(uncapped)),
    uncapped: stored(uncapped),
    failedBy: failing.map((each) => each.key),
    groups: groupScores(card, counted),
  };
}

function mark(category, answers) {
  const option = optionOf(category, answers.get(category.key));
  return {
    key: category.key,
    group: category.group,
    groupWeight: category.group_weight && fraction(category.group_weight),
    kind: category.kind ?? "rated",
    critical: category.critical,
    weight: fraction(category.weight),
    score: categoryScore(category, option),
    failed: fails(category, option),
  };
}

const sumOf = (values) => values.reduce(add, ZERO);

/** The marks with what they weigh in the whole: their own weight, or their part of their group's. */
function weighed(marks) {
  if (!marks.some((each) => each.groupWeight)) return marks;
  return marks.map((each) => {
    const total = sumOf(marks.filter(({ group }) => group === each.group).map(({ weight }) => weight));
    return { ...each, weight: isZero(total) ? ZERO : multiply(divide(each.weight, total), each.groupWeight) };
  });
}

function meanOf(marks) {
  const weights = sumOf(marks.map(({ weight }) => weight));
  if (isZero(weights)) return null;
  return divide(sumOf(marks.map((each) => multiply(each.score, each.weight))), weights);
}

/** The mean with what bonuses add and deductions take. */
function adjusted(mean, marks) {
  if (mean === null) return null;
  return sumOf([mean, ...marks.filter(({ kind }) => kind !== "rated").map(adjustment)]);
}

function adjustment({ kind, weight, score: own }) {
  return divide(multiply(weight, kind === "bonus" ? own : subtract(own, HUNDRED)), HUNDRED);
}

function capped(value) {
  if (value === null) return null;
  if (less(value, ZERO)) return ZERO;
  return less(HUNDRED, value) ? HUNDRED : value;
}

function groupScores(card, counted) {
  const groups = new Set(card.map((category) => category.group));
  return new Map([...groups].map((key) => [key, stored(meanOf(counted.filter((each) => each.group === key)))]));
}

const stored = (value) => (value === null ? null : fixed(value, PLACES));

/** Whether a stored score reaches the pass mark; null without a score. */
export const passed = (stored, passMark) => (stored === null ? null : !less(fraction(stored), fraction(passMark)));

/** As few decimals as contradict neither the pass mark nor 100: 79.96 stays below 80. */
export function shown(stored, passMark) {
  const exact = fraction(stored);
  const marks = [HUNDRED, fraction(passMark)];
  for (let places = 0; places < PLACES; places += 1) {
    const text = fixed(exact, places);
    if (marks.every((each) => less(fraction(text), each) === less(exact, each))) return text;
  }
  return stored;
}
