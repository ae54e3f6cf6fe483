/* The score of a review while it is being graded: the rules of scorecards/scoring.py, exact, in the browser.
   The server's own score counts; a browser test compares the two.

   card: [{ key, group, weight: "20", critical: "none"|"group"|"review", comment_required,
            options: [{ key, points: "1/2", fails: true|false|null }] }], the visible categories only
   answers: Map of category key to option key; N/A and unrated ones are left out */
import { add, divide, fixed, fraction, isZero, less, multiply, subtract, whole, ZERO } from "./fraction.js";

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

/** { score, unfailed, failedBy, groups: Map of group key to score }; scores as text of four decimals, or null. */
export function score(card, answers) {
  const marks = card.filter((category) => answers.has(category.key)).map((category) => mark(category, answers));
  const failing = marks.filter((each) => each.failed);
  const failedGroups = new Set(failing.filter((each) => each.critical === "group").map((each) => each.group));
  const counted = marks.map((each) => (failedGroups.has(each.group) ? { ...each, score: ZERO } : each));
  const mean = meanOf(counted);
  const failed = failing.some((each) => each.critical === "review");
  return {
    score: stored(mean && failed ? ZERO : mean),
    unfailed: stored(meanOf(marks)),
    failedBy: failing.map((each) => each.key),
    groups: groupScores(card, counted),
  };
}

function mark(category, answers) {
  const option = optionOf(category, answers.get(category.key));
  return {
    key: category.key,
    group: category.group,
    critical: category.critical,
    weight: fraction(category.weight),
    score: categoryScore(category, option),
    failed: fails(category, option),
  };
}

function meanOf(marks) {
  const weights = marks.reduce((sum, each) => add(sum, each.weight), ZERO);
  if (isZero(weights)) return null;
  return divide(marks.reduce((sum, each) => add(sum, multiply(each.score, each.weight)), ZERO), weights);
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
