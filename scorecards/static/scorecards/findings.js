/* What the check of the API finds, while one types: beside the field, in a list that leads there, and as counts. */
import { locate } from "./definition.js";
import { decimal, setOpen } from "./tally.js";
import { field, make, own, ownPart, say, text, words } from "./parts.js";

const UNTOUCHED_IS_FINE = new Set(["blank", "required", "too_few"]);
const SEVERITIES = ["error", "warning", "suggestion"];
let numbered = 0;

const nameOf = (part) => {
  const owner = part.dataset.part === "option" || part.dataset.part === "answer" ? part.parentElement.closest("[data-part]") : part;
  return field(owner, "name") ? text(owner, "name") || words.unnamed : words.whole;
};

/** A control that is hidden by what was chosen elsewhere stands for its row. */
const usable = (control) => control && !control.closest("[data-own][hidden], [data-ready][hidden], [data-rated][hidden], [data-weighed][hidden]");

function openWay(element) {
  for (let part = element.closest("[data-part]"); part; part = part.parentElement.closest("[data-part]")) {
    const body = own(part, "[data-body]");
    if (body?.contains(element)) setOpen(part, true);
  }
  for (let box = element.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
}

/** Opens whatever hides the element and puts the focus there. */
export function goTo(element) {
  openWay(element);
  const target = element.matches("input:not([type=hidden]), select, textarea, button") ? element : element.querySelector("input:not([type=hidden]), select, textarea, button");
  (target ?? element).focus({ preventScroll: true });
  (target ?? element).scrollIntoView({ block: "center" });
}

function fresh(control, part) {
  const touched = "touched" in (control?.dataset ?? {}) || "touched" in part.dataset;
  return !touched;
}

function clear(card) {
  for (const shown of card.querySelectorAll(".sc-finding")) shown.remove();
  for (const control of card.querySelectorAll("[data-finding]")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
    delete control.dataset.finding;
  }
  for (const badge of card.querySelectorAll('[data-shown="problems"]')) badge.hidden = true;
}

function noteBeside(finding, part, control) {
  const note = make(finding.severity);
  note.id = `finding-${(numbered += 1)}`;
  note.querySelector("[data-message]").textContent = finding.message;
  if (control?.dataset.field && control.type !== "hidden") {
    (control.closest("label") ?? control).after(note);
    control.dataset.finding = "";
    control.setAttribute("aria-describedby", note.id);
    if (finding.severity === "error") control.setAttribute("aria-invalid", "true");
  } else {
    (control ?? own(part, "[data-notes]") ?? part).append(note);
  }
}

function mark(part) {
  for (let row = part; row; row = row.parentElement.closest("[data-part]")) {
    const badge = ownPart(row, "problems");
    if (badge) badge.hidden = false;
  }
}

function entry(finding, part, target) {
  const item = make(`${finding.severity}-entry`);
  const link = item.querySelector("button");
  const at = part.dataset.part === "card" ? "" : `${nameOf(part)}: `;
  link.querySelector("[data-message]").textContent = at + finding.message;
  link.addEventListener("click", () => goTo(target));
  return item;
}

/** Shows the findings; answers how many of each severity are to be told. With `all`, fields not yet touched too. */
export function showFindings(form, card, findings, all) {
  clear(card);
  const lists = new Map(SEVERITIES.map((severity) => [severity, []]));
  for (const finding of findings) {
    const found = locate(card, finding.pointer);
    const control = usable(found.control) ? found.control : undefined;
    if (!all && finding.severity === "error" && UNTOUCHED_IS_FINE.has(finding.code) && fresh(control, found.part)) continue;
    noteBeside(finding, found.part, control);
    if (finding.severity === "error") mark(found.part);
    lists.get(finding.severity).push(entry(finding, found.part, control ?? field(found.part, "name") ?? found.part));
  }
  for (const [severity, entries] of lists) showList(form, severity, entries);
  form.querySelector("[data-clean]").hidden = findings.length > 0;
  tell(form, lists);
  return lists;
}

function showList(form, severity, entries) {
  const section = form.querySelector(`[data-findings="${severity}"]`);
  section.hidden = !entries.length;
  section.querySelector("[data-count]").textContent = decimal.format(entries.length);
  section.querySelector("ul").replaceChildren(...entries);
}

/** The count in the bar; a screen reader hears of it only when it changes. */
function tell(form, lists) {
  const [errors, others] = [lists.get("error").length, lists.get("warning").length + lists.get("suggestion").length];
  const bar = form.querySelector("[data-next-problem]");
  bar.hidden = !errors && !others;
  bar.classList.toggle("is-bad", errors > 0);
  const sentence = errors ? say(words.to_fix, { count: errors }) : say(words.worth_a_look, { count: others });
  const shown = bar.querySelector("span");
  if (shown.textContent !== sentence) shown.textContent = sentence;
}
