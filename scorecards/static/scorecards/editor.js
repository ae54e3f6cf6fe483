/* The builder of a draft: rows of fields in place of the JSON, the API's check while one types, and saving by
   the API. Nothing typed is lost: a refused save changes nothing, and unsaved text survives a reload. */
import { registerShortcuts } from "../common/js/keys.js";
import { connect } from "../common/js/main.js";
import { toast } from "../common/js/toast.js";
import { mergeCauses } from "./causes.js";
import { addAnswer, keepChoices, refreshConditions } from "./conditions.js";
import { build, fill, isDefinition, nextOptionKey, read, readOne, scaleOptions, settleKeys } from "./definition.js";
import { goTo, showFindings } from "./findings.js";
import { insertFrom, saveTo } from "./library.js";
import { field, list, own, rows, say, text, words } from "./parts.js";
import { Kept, call } from "./saving.js";
import { moveKeepingFocus, placeOf, sortable } from "./sorting.js";
import { arrange, isOpen, prefillGroupWeights, setOpen, sharesOf } from "./tally.js";

const QUIET = 400; // milliseconds without typing before the check is asked
const NEW = {
  group: () => ({ categories: [{}] }),
  category: () => ({}),
  option: (home) => ({ key: nextOptionKey(home) }),
  question: () => ({}),
};
const LIST_OF = { group: "groups", category: "categories", option: "options", question: "questions" };

const form = document.getElementById("editor-form");
const card = form.querySelector('[data-part="card"]');
const json = form.elements.definition;
const kept = new Kept(form.dataset.version);
const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

let etag = form.elements.etag.value;
let saved = "";
let saving = false;
let leaving = false;
let showAll = false;
let asked = 0;
let timer = 0;

const part = (selector) => form.querySelector(selector);
const announce = (sentence) => (part("[data-said]").textContent = sentence);
const now = () => JSON.stringify(read(card));
const isDirty = () => now() !== saved;

function parsed(given) {
  try {
    return JSON.parse(given);
  } catch {
    return null;
  }
}

/* What a change brings with it */

function changed() {
  refreshConditions(card);
  arrange(card, form);
  connect(card);
  showState();
  clearTimeout(timer);
  timer = setTimeout(afterTyping, QUIET);
}

function afterTyping() {
  if (isDirty()) kept.write(read(card), etag);
  else if (part("[data-restore]").hidden) kept.drop();
  check();
}

function showState(sentence = "") {
  const dirty = isDirty();
  form.classList.toggle("is-dirty", dirty);
  part("[data-state]").textContent = dirty ? words.unsaved : sentence || part("[data-state]").dataset.clean || words.saved;
}

async function check() {
  const number = (asked += 1);
  try {
    const { findings } = await call(form, "POST", form.dataset.validate, { definition: read(card) });
    if (number !== asked) return;
    part("[data-offline]").hidden = true;
    showFindings(form, card, findings, showAll);
  } catch {
    if (number === asked) part("[data-offline]").hidden = false;
  }
}

/* Saving */

async function save() {
  if (saving) return;
  saving = true;
  part("[data-save]").setAttribute("aria-busy", "true");
  const sent = now();
  try {
    const version = await call(form, "PATCH", form.dataset.version, { definition: JSON.parse(sent) }, { "If-Match": etag });
    settled(version, sent);
  } catch (refusal) {
    refused(refusal);
  } finally {
    saving = false;
    part("[data-save]").removeAttribute("aria-busy");
  }
}

function settled(version, sent) {
  etag = version.etag;
  saved = sent;
  if (!isDirty()) kept.drop();
  settleKeys(card);
  part("[data-trouble]").hidden = true;
  const sentence = say(words.saved_at, { time: time.format(new Date()) });
  part("[data-state]").dataset.clean = sentence;
  showState(sentence);
  announce(isDirty() ? words.unsaved : sentence);
  check();
}

/** Says why a save was refused, and what helps; what was typed stays. */
function refused(refusal) {
  kept.write(read(card), etag);
  const kind = refusal.isLoggedOut ? "login" : { 0: "offline", 412: "stale", 422: "invalid" }[refusal.status] ?? "other";
  const box = part("[data-trouble]");
  box.hidden = false;
  box.querySelector("p").textContent = words[`trouble_${kind}`] || refusal.message;
  for (const remedy of box.querySelectorAll("[data-remedy]")) remedy.hidden = remedy.dataset.remedy !== kind;
  if (refusal.errors.length) showRefused(refusal.errors);
  box.focus();
  box.scrollIntoView({ block: "center" });
}

function showRefused(errors) {
  showAll = true;
  asked += 1;
  const findings = errors.map((error) => ({
    severity: "error", code: error.code, pointer: error.pointer.replace("/definition", ""), message: error.detail,
  }));
  showFindings(form, card, findings, true);
}

/** Saves over a colleague's change, once one has been told of it. */
async function replaceTheirs() {
  try {
    etag = (await call(form, "GET", form.dataset.version)).etag;
    await save();
  } catch (refusal) {
    refused(refusal);
  }
}

/* Rows: add, copy, remove, move */

function reveal(row) {
  if (own(row, "[data-toggle]")) setOpen(row, true);
  changed();
  row.querySelector('input:not([type="hidden"]), select').focus();
}

function add(kind, home) {
  const row = build(kind, NEW[kind](home));
  list(home, LIST_OF[kind]).append(row);
  list(home, LIST_OF[kind]).hidden = false;
  reveal(row);
}

function put(home, data) {
  const taken = new Set(rows(card, "groups").flatMap((group) => rows(group, "categories")).map((row) => text(row, "key")));
  const row = build("category", { ...data, key: taken.has(data.key) ? "" : data.key });
  row.dataset.touched = "";
  list(home, "categories").append(row);
  reveal(row);
  announce(say(words.inserted, { name: data.name }));
}

function copy(row) {
  const twin = build("category", { ...readOne(card, row), key: "", name: say(words.copy_of, { name: text(row, "name") }) });
  row.after(twin);
  reveal(twin);
}

function remove(row) {
  const [home, next] = [row.parentElement, row.nextElementSibling];
  const beside = next ?? row.previousElementSibling;
  const group = home.closest("[data-part]");
  row.remove();
  changed();
  (own(beside ?? group, "[data-handle], [data-remove]") ?? group.querySelector("button"))?.focus();
  const undo = () => {
    home.insertBefore(row, next?.parentElement === home ? next : null);
    changed();
    row.querySelector("button").focus();
  };
  toast(words.removed, { action: { label: words.undo, run: undo } });
}

function moved(row) {
  announce(placeOf(row));
  changed();
}

/** Puts the causes of the library below those the category has. */
function takeCauses(row, content) {
  for (const name of ["negative", "positive"]) {
    const control = field(row, `root_causes/${name}`);
    control.value = mergeCauses(control.value, content[name] ?? []);
  }
  field(row, "root_causes/other").checked ||= Boolean(content.other);
  changed();
  field(row, "root_causes/negative").focus();
}

/** A category that gets options of its own starts with those of the scale it had. */
function ownOptions(row) {
  const select = field(row, "scale");
  const home = list(row, "options");
  if (!home.children.length) {
    select.value = select.value || select.dataset.last || "5-point";
    home.append(...scaleOptions(select));
  }
  select.value = "";
}

/* Events */

const ACTIONS = {
  add: (row, button) => add(button.dataset.add, row),
  addAnswer: (row) => {
    const answer = addAnswer(row);
    changed();
    answer.querySelector("select").focus();
  },
  remove: (row) => remove(row),
  copy: (row) => copy(row),
  move: (row, button) => moveKeepingFocus(row, Number(button.dataset.move), moved),
  toggle: (row) => {
    setOpen(row, !isOpen(row));
    arrange(card, form);
  },
  describe: (row) => {
    ownOptions(row);
    changed();
    list(row, "options").querySelector("textarea").focus();
  },
  insertCategory: (row) => insertFrom(form, "category", (content) => put(row, content)),
  insertCauses: (row) => insertFrom(form, "root_causes", (content) => takeCauses(row, content)),
  saveCategory: (row) => saveTo(form, "category", text(row, "name"), readOne(card, row)),
  saveCauses: (row) => saveTo(form, "root_causes", text(row, "name"), readOne(card, row).root_causes),
};

function onClick(event) {
  const button = event.target.closest("button");
  const action = button && Object.keys(ACTIONS).find((name) => name in button.dataset);
  if (!action) return;
  button.closest("details.menu")?.removeAttribute("open");
  ACTIONS[action](button.closest("[data-part]"), button);
}

/** The shares are those from before the groups weighed. */
function weighGroups(box) {
  box.checked = false;
  const shares = sharesOf(card);
  box.checked = true;
  prefillGroupWeights(card, shares);
}

function onInput(event) {
  const control = event.target;
  const row = control.closest("[data-part]");
  control.dataset.touched = "";
  if (control.dataset.field === "scale") {
    if (control.value === "") ownOptions(row);
    else control.dataset.last = control.value;
  }
  if (control.dataset.field === "weigh_groups" && control.checked) weighGroups(control);
  if ("ref" in control.dataset) {
    field(row, "category").value = control.value;
    field(row, "options").value = "[]";
  }
  if (control.closest("[data-choices]")) keepChoices(row);
  changed();
}

/** Who has logged in again, or comes back after a reload, gets what was typed. */
function offerRestore() {
  const found = kept.read();
  if (!found || !isDefinition(found.definition) || JSON.stringify(found.definition) === saved) return;
  const box = part("[data-restore]");
  const sentence = say(words.restore, { time: time.format(new Date(found.at)) });
  box.querySelector("p").textContent = sentence;
  box.hidden = false;
  announce(sentence);
  const close = () => {
    box.hidden = true;
    part("[data-list=groups] input").focus();
  };
  box.querySelector("[data-take]").addEventListener("click", () => {
    etag = found.etag;
    show(found.definition);
    changed();
    close();
    announce(words.restored);
  });
  box.querySelector("[data-discard]").addEventListener("click", () => {
    kept.drop();
    close();
  });
}

function show(definition) {
  fill(card, "card", definition);
  for (const select of card.querySelectorAll('[data-field="scale"]')) select.dataset.last = select.value;
  refreshConditions(card);
}

function nextProblem() {
  const found = form.querySelector('[data-findings]:not([hidden]) li button');
  found?.click();
}

function listen() {
  card.addEventListener("click", onClick);
  card.addEventListener("input", onInput);
  card.addEventListener("focusout", (event) => {
    if (!event.target.dataset?.field) return;
    event.target.dataset.touched = "";
    changed();
  });
  part("[data-next-problem]").addEventListener("click", nextProblem);
  part("[data-replace]").addEventListener("click", replaceTheirs);
  for (const link of form.querySelectorAll("[data-leaves]")) link.addEventListener("click", () => (leaving = true));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  addEventListener("pagehide", () => isDirty() && kept.write(read(card), etag));
  addEventListener("beforeunload", (event) => isDirty() && !leaving && event.preventDefault());
  for (const close of document.querySelectorAll("dialog [data-close]")) close.addEventListener("click", () => close.closest("dialog").close());
}

function start(definition) {
  show(definition);
  form.querySelector("[data-json]").hidden = true;
  part("[data-builder]").hidden = part("[data-bar]").hidden = false;
  if (document.querySelector(".error-summary")) showAll = true;
  saved = now();
  listen();
  sortable(card, moved);
  registerShortcuts(words.keys, [
    { keys: "ctrl+enter", label: words.save, whileTyping: true, run: () => form.requestSubmit() },
    { keys: "Alt ↑", label: words.move_up, run: () => false }, // sorting.js listens; named here for the sheet
    { keys: "Alt ↓", label: words.move_down, run: () => false },
  ]);
  offerRestore();
  changed();
}

const given = parsed(json.value);
if (isDefinition(given)) start(given);
