/* When a category or question is shown: words about the conversation, and answers given to other categories.
   A row of an answer knows its category by the row's uid, so that renaming or moving it changes nothing; a key
   stands there only for a category that the scorecard does not have. */
import { categoriesOf, field, list, make, own, rows, text, words } from "./parts.js";

const LISTS = ["channel", "topic", "tag", "language"];

export function answerRow(category = "", options = []) {
  const row = make("answer");
  field(row, "category").value = category;
  field(row, "options").value = JSON.stringify(options);
  return row;
}

/** Rows of {"tone": ["poor", "na"]}. */
export const answerRows = (answers) => Object.entries(answers).map(([key, options]) => answerRow(key, [options].flat()));

const lines = (part, name) => text(part, name).split("\n").map((line) => line.trim()).filter(Boolean);
const chosen = (row) => JSON.parse(field(row, "options").value);

function readAnswers(part, keys) {
  const byUid = new Map([...keys].map(([row, key]) => [row.dataset.uid, key]));
  const answers = {};
  for (const row of rows(part, "answers")) {
    const wanted = field(row, "category").value;
    if (!wanted) continue;
    const key = byUid.get(wanted) ?? wanted.replace("#", "removed-");
    answers[key] = [...new Set([...(answers[key] ?? []), ...chosen(row)])];
  }
  return answers;
}

/** The conditions of a row, `keys` being the key of each row. */
export function readConditions(part, keys) {
  const found = {};
  for (const name of LISTS) if (lines(part, `show_when/${name}`).length) found[name] = lines(part, `show_when/${name}`);
  const csat = text(part, "show_when/csat");
  if (csat) found.csat = csat === "true";
  const answers = readAnswers(part, keys);
  return Object.keys(answers).length ? { ...found, answers } : found;
}

/** How many conditions a row has. */
export function countConditions(part) {
  const filled = LISTS.filter((name) => text(part, `show_when/${name}`)).length;
  return filled + (text(part, "show_when/csat") ? 1 : 0) + rows(part, "answers").length;
}

/* Keeping the choices of the rows in step with the categories */

function optionsOf(category) {
  const scale = field(category, "scale");
  const ready = (scale.selectedOptions[0]?.dataset.labels ?? "").split("|").map((label, place) => [String(place + 1), label]);
  const given = scale.value ? ready : rows(category, "options").map((row) => [text(row, "key"), text(row, "label") || words.unnamed]);
  const na = text(category, "kind") === "rated" && field(category, "allow_na").checked && !given.some(([key]) => key === "na");
  return na ? [...given, ["na", words.na]] : given;
}

function offer(select, categories, wanted) {
  const known = categories.map((each) => new Option(text(each, "name") || words.unnamed, each.dataset.uid));
  const lost = wanted && !categories.some((each) => each.dataset.uid === wanted);
  const missing = lost ? [new Option(wanted.startsWith("#") ? words.removed_category : wanted, wanted)] : [];
  select.replaceChildren(new Option(words.choose_category, ""), ...known, ...missing);
  select.value = wanted;
}

function offerOptions(row, category) {
  const ticked = new Set(chosen(row));
  const known = category ? optionsOf(category) : [];
  const lost = [...ticked].filter((key) => !known.some(([each]) => each === key));
  const given = [...known, ...lost.map((key) => [key, key])];
  const shown = JSON.stringify([given, [...ticked]]);
  const box = own(row, "[data-choices]");
  if (box.dataset.shownFor === shown) return;
  box.dataset.shownFor = shown;
  box.replaceChildren(...given.map(([key, label]) => {
    const choice = make("choice");
    const input = choice.querySelector("input");
    Object.assign(input, { value: key, checked: ticked.has(key) });
    choice.querySelector("span").textContent = label;
    return choice;
  }));
}

/** What was ticked in a row of an answer becomes its value. */
export function keepChoices(row) {
  const ticked = [...row.querySelectorAll("[data-choices] input:checked")].map((input) => input.value);
  field(row, "options").value = JSON.stringify(ticked);
}

function refreshRow(row, card, owner) {
  const all = categoriesOf(card);
  const hidden = field(row, "category");
  const named = all.find((each) => text(each, "key") && text(each, "key") === hidden.value);
  if (named) hidden.value = named.dataset.uid;
  const select = own(row, "select");
  if (document.activeElement !== select) offer(select, all.filter((each) => each !== owner), hidden.value);
  if (!row.contains(document.activeElement) || document.activeElement === select) {
    offerOptions(row, all.find((each) => each.dataset.uid === hidden.value));
  }
}

/** Brings the choices of every row of an answer up to date with names, options and places of the categories. */
export function refreshConditions(card) {
  for (const row of card.querySelectorAll('[data-part="answer"]')) {
    refreshRow(row, card, row.parentElement.closest("[data-part]"));
  }
}

export function addAnswer(part) {
  const row = answerRow();
  list(part, "answers").append(row);
  return row;
}
