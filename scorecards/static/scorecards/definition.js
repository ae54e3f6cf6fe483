/* A definition's JSON to rows of fields and back. Rows are elements with data-part ("card", "group", "category",
   "option"); a field belongs to the nearest row around it. */

const KIND_OF_LIST = { groups: "group", categories: "category", options: "option" };

const ownerOf = (element) => element.closest("[data-part]");
const inside = (part, selector) => [...part.querySelectorAll(selector)].filter((found) => ownerOf(found) === part);

export const own = (part, selector) => inside(part, selector)[0];
export const field = (part, name) => own(part, `[data-field="${name}"]`);
export const list = (part, name) => own(part, `[data-list="${name}"]`);
export const rows = (part, name) => [...(list(part, name)?.children ?? [])];

export function make(kind) {
  return document.querySelector(`template[data-template="${kind}"]`).content.firstElementChild.cloneNode(true);
}

/** Whether the value has the shape of a definition, so that the fields can show it. */
export function isDefinition(value) {
  const categories = Array.isArray(value?.groups) ? value.groups.map((group) => group?.categories) : [null];
  return categories.every((each) => Array.isArray(each) && each.every((category) => category instanceof Object));
}

function lookUp(data, name) {
  return name.split("/").reduce((value, step) => value?.[step], data);
}

function show(control, value) {
  if (control.type === "checkbox") control.checked = value ?? true;
  else if (control.dataset.split) control.value = (value ?? []).join(control.dataset.split === "lines" ? "\n" : " ");
  else control.value = value ?? control.value;
}

/* What a category has when its data does not say, as the API's defaults; no scale means options of its own. */
const DEFAULTS = { category: (data) => ({ weight: "10", scale: data.options ? "" : "5-point" }) };

/** A row of this kind that shows the data. */
export function build(kind, data) {
  const part = make(kind);
  const filled = { ...DEFAULTS[kind]?.(data), ...data };
  for (const control of inside(part, "[data-field]")) show(control, lookUp(filled, control.dataset.field));
  fill(part, data);
  return part;
}

/** Puts the rows of the data's lists into the part. */
export function fill(part, data) {
  for (const [name, kind] of Object.entries(KIND_OF_LIST)) {
    list(part, name)?.replaceChildren(...(data[name] ?? []).map((each) => build(kind, each)));
  }
}

/** The options of the ready scale that the category's select names, as rows. */
export function scaleOptions(select) {
  const labels = select.selectedOptions[0]?.dataset.labels?.split("|") ?? [];
  return labels.map((label, place) => build("option", { key: String(place + 1), label, points: String(place) }));
}

const text = (part, name) => field(part, name).value.trim();
const number = (part, name) => text(part, name).replace(",", ".");
const choice = (value) => (value === "" ? undefined : value === "true");

function words(part, name) {
  const control = field(part, name);
  const apart = control.dataset.split === "lines" ? /\n/ : /[\s,]+/;
  return control.value.split(apart).map((word) => word.trim()).filter(Boolean);
}

function slug(name) {
  const plain = name.toLowerCase().replaceAll("ß", "ss").normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 48);
}

/** A key nobody has yet: the wished one, else with a number behind it. */
function freeKey(wish, taken) {
  let key = wish;
  for (let count = 2; taken.has(key); count += 1) key = `${wish}-${count}`;
  return key;
}

/** Keys of rows: those given stay as they are, also when they clash (the check says so); others are made up. */
function keysOf(parts, wish) {
  const given = parts.map((part) => text(part, "key"));
  const taken = new Set(given);
  return given.map((key, place) => {
    const chosen = key || freeKey(wish(parts[place], place), taken);
    taken.add(chosen);
    return chosen;
  });
}

function readOption(part, key, critical) {
  return {
    key, label: text(part, "label"), points: number(part, "points"), description: text(part, "description"),
    fails: critical ? choice(field(part, "fails").value) : undefined,
  };
}

function readAnswers(part) {
  const scale = field(part, "scale").value;
  if (scale) return { scale };
  const options = rows(part, "options");
  const keys = keysOf(options, (_, place) => String(place + 1));
  const critical = text(part, "critical") !== "none";
  return { options: options.map((option, place) => readOption(option, keys[place], critical)) };
}

function readConditions(part) {
  const lists = ["channel", "topic", "tag", "language"].map((name) => [name, words(part, `show_when/${name}`)]);
  return { ...Object.fromEntries(lists.filter(([, values]) => values.length)), csat: choice(text(part, "show_when/csat")) };
}

function readCategory(part, key) {
  return {
    key, name: text(part, "name"), description: text(part, "description"), weight: number(part, "weight"),
    ...readAnswers(part),
    critical: text(part, "critical"), allow_na: field(part, "allow_na").checked, comment_required: text(part, "comment_required"),
    tags: words(part, "tags"), show_when: readConditions(part),
    root_causes: { negative: words(part, "root_causes/negative"), positive: words(part, "root_causes/positive") },
  };
}

/** The definition that the rows below the card show. */
export function read(card) {
  const groups = rows(card, "groups");
  const groupKeys = keysOf(groups, (part, place) => slug(text(part, "name")) || `group-${place + 1}`);
  const categories = groups.flatMap((group) => rows(group, "categories"));
  const keys = keysOf(categories, (part, place) => slug(text(part, "name")) || `category-${place + 1}`);
  const keyOf = new Map(categories.map((part, place) => [part, keys[place]]));
  return {
    groups: groups.map((group, place) => ({
      key: groupKeys[place], name: text(group, "name"),
      categories: rows(group, "categories").map((part) => readCategory(part, keyOf.get(part))),
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
  const names = [steps.slice(0, 2).join("/"), steps[0]].filter(Boolean);
  const control = names.map((name) => own(part, `[data-field="${name}"], [data-at="${name}"]`)).find(Boolean);
  return { part, control };
}
