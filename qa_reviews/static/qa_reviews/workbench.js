/* The workbench: transcript and scorecard side by side, by keyboard from the first category to the next item. */
import { registerShortcuts } from "../common/js/keys.js";
import { toast } from "../common/js/toast.js";
import { selectedPassage, showPassages } from "./evidence.js";
import { GradingForm } from "./grading-form.js";
import { detailOf, Saver } from "./saver.js";
import { passed, score, shown } from "./score.js";

const root = document.querySelector("[data-workbench]");
const data = JSON.parse(document.getElementById("workbench-data").textContent);
const { words, urls } = data;
const form = root.querySelector("form[data-grading]");
const token = form.elements.csrfmiddlewaretoken.value;
const quote = document.getElementById("quote-template");
const grading = new GradingForm(form, data, changed);
const saver = data.mode === "draft" ? new Saver({ url: urls.draft, token, number: data.number, read: () => grading.read(), show: showSaved }) : null;
let leaving = false;

// --- what the page shows ---------------------------------------------------------------------------------

function changed() {
  showScore();
  saver?.touch();
}

function showScore() {
  const now = score(data.card, grading.answers());
  const output = root.querySelector("[data-score]");
  const result = passed(now.score, data.pass_mark);
  output.dataset.result = result === null ? "none" : result ? "passed" : "failed";
  output.querySelector("[data-score-value]").textContent = now.score === null ? "–" : shown(now.score, data.pass_mark);
  output.title = now.failedBy.length ? `${words.unfailed} ${shown(now.unfailed ?? "0", data.pass_mark)}` : "";
  root.querySelector("[data-answered]").textContent = grading.answered;
  root.querySelector("[data-progress]").value = grading.answered;
  for (const slot of root.querySelectorAll("[data-group-score]")) {
    const value = now.groups.get(slot.dataset.groupScore) ?? null;
    slot.textContent = value === null ? "" : shown(value, data.pass_mark);
  }
  for (const key of grading.keys) showEvidence(key);
}

function showEvidence(key) {
  const passages = grading.evidence.get(key) ?? [];
  const remove = (index) => grading.setEvidence(key, passages.filter((_, at) => at !== index));
  showPassages(grading.field(key), passages, data.texts, quote, remove);
}

function showSaved(state, detail) {
  const slot = root.querySelector("[data-saved]");
  const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  slot.dataset.state = state;
  slot.textContent = words[state].replace("{time}", time);
  if (state === "stale" || state === "refused") showStopped(state === "stale" ? words.staleHelp : detail);
}

/** Nothing is saved from this tab any more; it says so, and keeps what was typed in sight. */
function showStopped(text) {
  const notice = root.querySelector("[data-stopped]");
  notice.querySelector("p").textContent = text;
  notice.hidden = false;
  notice.focus();
}

// --- submitting, skipping, going on ----------------------------------------------------------------------

const post = (url, body) =>
  fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" },
    body: JSON.stringify(body),
  });

async function submit() {
  const problems = grading.problems();
  if (problems.size) return tell(problems);
  if (data.mode === "revise" && !form.elements.reason.value.trim()) return askReason();
  busy(true);
  try {
    if (saver && !(await saver.save())) return toast(words.notSubmitted);
    const response = await post(urls.submit, saver ? { draft_number: saver.number } : { ...grading.read(), reason: form.elements.reason.value });
    if (response.ok) return await goOn();
    return await refused(response);
  } catch {
    return toast(words.notSubmitted);
  } finally {
    busy(false);
  }
}

function tell(problems) {
  showTab("scorecard");
  grading.showProblems(problems);
  return toast(words.incomplete.replace("{count}", problems.size));
}

function askReason() {
  showTab("scorecard");
  form.elements.reason.focus();
  return toast(words.reasonRequired);
}

async function refused(response) {
  if (response.status !== 422) return toast((await detailOf(response)) ?? words.notSubmitted);
  const { errors, detail } = await response.json();
  const sent = grading.read().ratings;
  const problems = new Map();
  for (const error of errors) {
    const index = /^\/ratings\/(\d+)/.exec(error.pointer)?.[1];
    if (index !== undefined) problems.set(sent[index].category, error.detail);
  }
  grading.showProblems(problems);
  return toast(detail);
}

function busy(on) {
  for (const button of root.querySelectorAll("[data-submit]")) button.disabled = on;
}

async function goOn() {
  leaving = true;
  saver?.stop();
  location.assign(urls.next ? await nextItem() : urls.done);
}

async function nextItem() {
  try {
    const response = await post(urls.next, {});
    return response.status === 200 ? urls.item.replace("/0/", `/${(await response.json()).id}/`) : urls.back;
  } catch {
    return urls.back;
  }
}

async function skip(event) {
  event.preventDefault();
  const dialog = event.target.closest("dialog");
  const fields = new FormData(event.target);
  const response = await post(urls.skip, { reason: fields.get("reason"), comment: fields.get("comment") }).catch(() => null);
  dialog.close();
  if (response?.ok) await goOn();
  else toast((response && (await detailOf(response))) ?? words.notSubmitted);
}

function openSkip() {
  const dialog = document.getElementById("skip-dialog");
  if (!dialog) return false;
  dialog.showModal();
  return true;
}

function back() {
  if (form.contains(document.activeElement) && document.activeElement.matches("textarea, input")) {
    return grading.current.focus({ preventScroll: true });
  }
  return location.assign(urls.back);
}

function addEvidence() {
  const passage = selectedPassage(data.texts);
  if (!passage) return toast(words.selectFirst);
  const key = grading.keys[grading.here];
  const before = grading.evidence.get(key) ?? [];
  grading.setEvidence(key, [...before, passage]);
  getSelection().removeAllRanges();
  return toast(words.quoted);
}

// --- tabs on narrow screens ------------------------------------------------------------------------------

function showTab(name) {
  root.dataset.tab = name;
  for (const tab of root.querySelectorAll("[data-show-tab]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.showTab === name));
  }
}

// --- wiring ----------------------------------------------------------------------------------------------

const names = data.keys;
registerShortcuts(names.title, [
  { keys: "j", label: names.next, repeats: true, run: () => grading.step(1) },
  { keys: "k", label: names.previous, repeats: true, run: () => grading.step(-1) },
  { keys: ["1–9", ..."123456789"], label: names.option, run: (event) => grading.choose(event.key) },
  { keys: "0", label: names.na, run: () => grading.choose("0") },
  { keys: "c", label: names.comment, run: () => grading.open("comment") },
  { keys: "r", label: names.cause, run: () => grading.open("causes") },
  { keys: "e", label: names.evidence, run: addEvidence },
  { keys: "u", label: names.undo, run: () => grading.undo() },
  { keys: "ctrl+enter", label: names.submit, whileTyping: true, run: submit },
  { keys: "s", label: names.skip, unlisted: !urls.skip, run: openSkip },
  { keys: "Escape", label: names.back, whileTyping: true, run: back },
]);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
for (const tab of root.querySelectorAll("[data-show-tab]")) tab.addEventListener("click", () => showTab(tab.dataset.showTab));
for (const button of root.querySelectorAll("[data-open-skip]")) button.addEventListener("click", openSkip);
for (const button of root.querySelectorAll("[data-quote]")) button.addEventListener("click", addEvidence);
document.querySelector("#skip-dialog form")?.addEventListener("submit", skip);
document.querySelector("#skip-dialog [data-close]")?.addEventListener("click", (event) => event.target.closest("dialog").close());
addEventListener("beforeunload", (event) => {
  if (!leaving && saver?.isBehind) event.preventDefault();
});
addEventListener("pagehide", () => saver?.leave());
root.classList.add("is-live");
showScore();
if (saver) showSaved(data.number ? "kept" : "fresh");
