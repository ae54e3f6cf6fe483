/* A definition's JSON to rows of fields and back. Rows are elements with data-part ("card", "group", "category",
   "option", "question", "answer"); a field belongs to the nearest row around it. The rows are the only state. */
import { showCauses, readCauses } from "./causes.js";
import { answerRows, readConditions } from "./conditions.js";
import { fieldsOf, list, make, own, rows, text } from "./parts.js";

const KIND_OF_LIST = { groups: "group", categories: "category", options: "option", questions: "question" };
const KNOWN_TAGS = "[data-tag]";

/* How a field shows a value, by its data-as; plain fields show the value itself. */
const SHOW = {
  flag: (control, value) => (control.checked = value ?? control.defaultChecked),
  lines: (control, value) => (control.value = (value ?? []).join("\n")),
  words: (control, value) => (control.value = (value ?? []).join(" ")),
  choice: (control, value) => (control.value = value === undefined ? "" : String(value)),
  causes: (control, value) => (control.value = showCauses(value ?? [])),
};

/* What a row has when its data does not say, as the API's defaults; no scale means options of its own. */
const DEFAULTS = {
  card: (data) => ({ weigh_groups: (data.groups ?? []).some((group) => group.weight !== undefined) }),
  category: (data) => ({ weight: "10", scale: data.options ? "" : "5-point", ...tagsOf(data) }),
};

let born = 0;

/** Whether the value has the shape of a definition, so that the fields can show it. */
export function isDefinition(value) {
  const categories = Array.isArray(value?.groups) ? value.groups.map((group) => group?.categories) : [null];
  return categories.every((each) => Array.isArray(each) && each.every((category) => category instanceof Object));
}

const lookUp = (data, name) => name.split("/").reduce((value, step) => value?.[step], data);

function show(control, value) {
  const how = SHOW[control.dataset.as];
  if (how) how(control, value);
  else if (value !== undefined && value !== null) control.value = value;
}

/** The known tags are boxes to tick; the rest stand in a field. */
function tagsOf(data) {
  const known = new Set([...make("category").querySelectorAll(KNOWN_TAGS)].map((box) => box.dataset.tag));
  return { other_tags: (data.tags ?? []).filter((tag) => !known.has(tag)) };
}

/** A row of this kind that shows the data. */
export function build(kind, data) {
  const part = make(kind);
  part.dataset.uid = `#${(born += 1)}`;
  fill(part, kind, data);
  return part;
}

/** Shows the data in the fields of the row and in the rows below it. */
export function fill(part, kind, data) {
  const filled = { ...DEFAULTS[kind]?.(data), ...data };
  for (const control of fieldsOf(part)) show(control, lookUp(filled, control.dataset.field));
  if (kind === "category") for (const box of part.querySelectorAll(KNOWN_TAGS)) box.checked = (data.tags ?? []).includes(box.dataset.tag);
  for (const [name, below] of Object.entries(KIND_OF_LIST)) {
    list(part, name)?.replaceChildren(...(data[name] ?? []).map((each) => build(below, each)));
  }
  list(part, "answers")?.replaceChildren(...answerRows(data.show_when?.answers ?? {}));
}

/** The options of the ready scale that the category's select names, as rows. */
export function scaleOptions(select) {
  const labels = select.selectedOptions[0]?.dataset.labels?.split("|") ?? [];
  return labels.map((label, place) => build("option", { key: String(place + 1), label, points: String(place) }));
}

/** A key for one more option: the next free number, so that conditions can name it at once. */
export function nextOptionKey(category) {
  const taken = rows(category, "options").map((option) => Number(text(option, "key")) || 0);
  return String(Math.max(0, ...taken) + 1);
}

/* Reading */

const number = (part, name) => text(part, name).replace(",", ".");
const choice = (value) => (value === "" ? undefined : value === "true");
const split = (value, apart) => value.split(apart).map((word) => word.trim()).filter(Boolean);
const checked = (part, name) => own(part, `[data-field="${name}"]`).checked;

export function slug(name) {
  const plain = name.toLowerCase().replaceAll("ß", "ss").normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 48);
}

/** A key nobody has yet: the wished one, else with a number behind it. */
function freeKey(wish, taken) {
  let key = wish;
  for (let count = 2; taken.has(key); count += 1) key = `${wish}-${count}`;
  return key;
}

/** Row -> key: those given stay as they are, also when they clash (the check says so); others come from the name. */
function keysOf(parts, fallback) {
  const taken = new Set(parts.map((part) => text(part, "key")));
  return new Map(parts.map((part, place) => {
    const key = text(part, "key") || freeKey(slug(text(part, "name")) || `${fallback}-${place + 1}`, taken);
    taken.add(key);
    return [part, key];
  }));
}

function allKeys(card) {
  const groups = rows(card, "groups");
  const rated = groups.flatMap((group) => rows(group, "categories"));
  const asked = groups.flatMap((group) => rows(group, "questions"));
  return new Map([...keysOf(groups, "group"), ...keysOf([...rated, ...asked], "item")]);
}

/** Keys made from names become the rows' own, so that they stay when a name changes. */
export function settleKeys(card) {
  for (const [part, key] of allKeys(card)) own(part, '[data-field="key"]').value = key;
}

function readOption(part, critical) {
  return {
    key: text(part, "key"), label: text(part, "label"), points: number(part, "points"), description: text(part, "description"),
    fails: critical ? choice(text(part, "fails")) : undefined,
  };
}

function readTags(part) {
  const known = [...part.querySelectorAll(KNOWN_TAGS)].filter((box) => box.checked).map((box) => box.dataset.tag);
  return [...known, ...split(text(part, "other_tags"), /[\s,]+/)];
}

function readCategory(part, keys) {
  const rated = text(part, "kind") === "rated";
  const critical = rated ? text(part, "critical") : "none";
  const scale = text(part, "scale");
  return {
    key: keys.get(part), name: text(part, "name"), description: text(part, "description"),
    kind: text(part, "kind"), weight: number(part, "weight"),
    ...(scale ? { scale } : { options: rows(part, "options").map((option) => readOption(option, critical !== "none")) }),
    critical, allow_na: rated && checked(part, "allow_na"), comment_required: text(part, "comment_required"),
    tags: readTags(part), show_when: readConditions(part, keys),
    root_causes: {
      negative: readCauses(text(part, "root_causes/negative")), positive: readCauses(text(part, "root_causes/positive")),
      other: checked(part, "root_causes/other"),
    },
  };
}

function readQuestion(part, keys) {
  const answer = text(part, "answer");
  return {
    key: keys.get(part), name: text(part, "name"), description: text(part, "description"), answer,
    required: answer !== "instruction" && checked(part, "required"),
    choices: answer === "choice" ? split(text(part, "choices"), /\n/) : [],
    show_when: readConditions(part, keys),
  };
}

/** One category as the definition holds it. */
export function readOne(card, part) {
  return readCategory(part, allKeys(card));
}

/** The definition that the rows below the card show. */
export function read(card) {
  const keys = allKeys(card);
  const weighed = checked(card, "weigh_groups");
  return {
    start: text(card, "start"),
    groups: rows(card, "groups").map((group) => ({
      key: keys.get(group), name: text(group, "name"), weight: (weighed && number(group, "weight")) || undefined,
      categories: rows(group, "categories").map((part) => readCategory(part, keys)),
      questions: rows(group, "questions").map((part) => readQuestion(part, keys)),
    })),
  };
}

/** The row that a JSON pointer lies in, and the control it means (undefined for the row as a whole). */
export function locate(card, pointer) {
  const steps = pointer.split("/").slice(1);
  let part = card;
  while (steps.length > 1 && KIND_OF_LIST[steps[0]]) {
    const next = rows(part, steps[0])[Number(steps[1])];
    if (!next) break;
    part = next;
    steps.splice(0, 2);
  }
  for (let length = steps.length; length; length -= 1) {
    const name = CSS.escape(steps.slice(0, length).join("/"));
    const control = own(part, `[data-field="${name}"], [data-at="${name}"]`);
    if (control) return { part, control };
  }
  return { part, control: undefined };
}
