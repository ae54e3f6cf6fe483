/* The editor of a draft: fields in place of the JSON, which is still what the form posts.
   What the API's check finds is shown beside its field while one types. */
import { registerShortcuts } from "../common/js/keys.js";
import { toast } from "../common/js/toast.js";
import { build, field, fill, isDefinition, list, locate, make, own, read, rows, scaleOptions } from "./definition.js";

const QUIET = 400;
const UNTOUCHED_IS_FINE = new Set(["blank", "required"]);
const NEW = { group: { categories: [{}] }, category: {}, option: {} };
const LIST_OF = { group: "groups", category: "categories", option: "options" };

const form = document.getElementById("editor-form");
const card = form.querySelector('[data-part="card"]');
const json = form.elements.definition;
const language = document.documentElement.lang;
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 4 });
let saved = "";
let asked = 0;
let timer = 0;

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const say = (text) => (form.querySelector("[data-said]").textContent = text);
const categories = () => [...card.querySelectorAll('[data-part="category"]')];
const weightOf = (category) => Number(field(category, "weight").value.replace(",", ".")) || 0;
const nameOf = (category) => field(category, "name").value.trim() || form.dataset.unnamed;

/* What follows from the fields */

function arrange(category) {
  const critical = field(category, "critical").value !== "none";
  own(category, "[data-own]").hidden = field(category, "scale").value !== "";
  own(category, '[data-shown="name"]').textContent = nameOf(category);
  own(category, '[data-shown="critical"]').hidden = !critical;
  for (const option of rows(category, "options")) own(option, "[data-when-critical]").hidden = !critical;
}

function tally() {
  const total = categories().reduce((sum, category) => sum + weightOf(category), 0);
  for (const category of categories()) {
    own(category, '[data-shown="share"]').textContent = total ? percent.format(weightOf(category) / total) : "";
  }
  count("categories", decimal.format(categories().length));
  count("weight", decimal.format(total));
}

function count(name, shown) {
  form.querySelector(`[data-count="${name}"]`).textContent = shown;
}

function changed() {
  categories().forEach(arrange);
  tally();
  clearTimeout(timer);
  timer = setTimeout(check, QUIET);
}

/* The check */

async function check() {
  const number = (asked += 1);
  try {
    const answer = await fetch(form.dataset.validate, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      body: JSON.stringify({ definition: read(card) }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { findings } = await answer.json();
    if (number === asked) showFindings(findings);
  } catch {
    form.querySelector("[data-offline]").hidden = false;
  }
}

function showFindings(findings) {
  form.querySelector("[data-offline]").hidden = true;
  for (const shown of card.querySelectorAll(".sc-finding")) shown.remove();
  for (const control of card.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const badge of card.querySelectorAll('[data-shown="problems"]')) badge.hidden = true;
  findings.forEach(showFinding);
  const errors = findings.filter((finding) => finding.severity === "error").length;
  form.querySelector("[data-next-problem]").hidden = !errors;
  form.querySelector("[data-advice]").hidden = errors > 0 || !findings.length;
  count("error", decimal.format(errors));
  count("advice", decimal.format(findings.length - errors));
}

function showFinding(finding, place) {
  const { part, control } = locate(card, finding.pointer);
  if (finding.severity === "error") {
    const category = part.closest('[data-part="category"]');
    if (category) own(category, '[data-shown="problems"]').hidden = false;
    if (UNTOUCHED_IS_FINE.has(finding.code) && control && !("touched" in control.dataset) && !form.dataset.submitted) return;
  }
  const note = make(finding.severity);
  note.id = `finding-${place}`;
  note.querySelector("span").textContent = finding.message;
  if (control?.dataset.field && control.type !== "hidden") {
    control.closest("label").after(note);
    control.setAttribute("aria-describedby", note.id);
    if (finding.severity === "error") control.setAttribute("aria-invalid", "true");
  } else {
    (control ?? own(part, ".sc-edit-body") ?? part).append(note);
  }
}

function goToProblem() {
  form.dataset.submitted = "true";
  const problems = [...card.querySelectorAll('[aria-invalid="true"], .field-error.sc-finding')];
  const found = problems[0] ?? card.querySelector('[data-shown="problems"]:not([hidden])');
  if (!found) return;
  for (let box = found.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  const target = found.matches("input, select, textarea") ? found : found.closest("[data-part]").querySelector("input, select, textarea");
  target.focus();
  target.scrollIntoView({ block: "center" });
}

/* Rows: add, move, remove */

function open(part) {
  const box = own(part, "details");
  if (box) box.open = true;
  part.querySelector('input:not([type="hidden"])').focus();
}

function add(kind, home) {
  const part = build(kind, NEW[kind]);
  list(home, LIST_OF[kind]).append(part);
  changed();
  open(part);
}

function remove(part) {
  const [home, next] = [part.parentElement, part.nextElementSibling];
  const beside = next ?? part.previousElementSibling;
  const focus = beside?.querySelector(":scope > .sc-tools [data-remove], :scope > .sc-edit-head [data-remove]");
  part.remove();
  changed();
  (focus ?? home.nextElementSibling)?.focus();
  const undo = () => {
    home.insertBefore(part, next?.parentElement === home ? next : null);
    changed();
    part.querySelector("[data-remove]").focus();
  };
  toast(form.dataset.removed, { action: { label: form.dataset.undo, run: undo } });
}

/** One place up or down; a category goes on into the next group. */
function move(part, by) {
  const beside = by < 0 ? part.previousElementSibling : part.nextElementSibling;
  if (beside) beside[by < 0 ? "before" : "after"](part);
  else if (part.dataset.part === "category") moveAcross(part, by);
  const all = [...part.parentElement.children];
  say(form.dataset.moved.replace("{place}", all.indexOf(part) + 1).replace("{count}", all.length));
  changed();
}

function moveAcross(category, by) {
  const group = category.parentElement.closest("[data-part]");
  const other = by < 0 ? group.previousElementSibling : group.nextElementSibling;
  if (other) list(other, "categories")[by < 0 ? "append" : "prepend"](category);
}

/* Events */

function onClick(event) {
  const button = event.target.closest("button");
  if (!button) return;
  const part = button.closest("[data-part]");
  if ("add" in button.dataset) add(button.dataset.add, part);
  if ("remove" in button.dataset) remove(part);
  if ("nextProblem" in button.dataset) check().then(goToProblem);
  if ("move" in button.dataset) {
    move(part, Number(button.dataset.move));
    button.focus();
    button.scrollIntoView({ block: "nearest" });
  }
}

/** A category that gets options of its own starts with those of the scale it had. */
function onScale(select) {
  const category = select.closest("[data-part]");
  const home = list(category, "options");
  if (select.value === "" && !home.children.length) {
    select.value = select.dataset.last ?? "5-point";
    home.append(...scaleOptions(select));
    select.value = "";
  }
  select.dataset.last = select.value || select.dataset.last;
}

function onInput(event) {
  event.target.dataset.touched = "";
  if (event.target.dataset.field === "scale") onScale(event.target);
  changed();
}

function start(definition) {
  fill(card, definition);
  for (const select of card.querySelectorAll('[data-field="scale"]')) select.dataset.last = select.value;
  form.querySelector("[data-json]").hidden = true;
  card.hidden = form.querySelector("[data-tally]").hidden = false;
  if (document.querySelector(".error-summary")) form.dataset.submitted = "true";
  saved = JSON.stringify(read(card));
  card.addEventListener("click", onClick);
  form.querySelector("[data-next-problem]").addEventListener("click", onClick);
  card.addEventListener("input", onInput);
  card.addEventListener("focusout", (event) => event.target.dataset?.field && (event.target.dataset.touched = ""));
  form.addEventListener("submit", () => {
    json.value = JSON.stringify(read(card), null, 2);
    saved = JSON.stringify(read(card));
  });
  addEventListener("beforeunload", (event) => JSON.stringify(read(card)) !== saved && event.preventDefault());
  registerShortcuts(form.dataset.keys, [
    { keys: "ctrl+enter", label: form.dataset.save, whileTyping: true, run: () => form.requestSubmit() },
  ]);
  changed();
}

const given = parsed(json.value);
if (isDefinition(given)) start(given);
