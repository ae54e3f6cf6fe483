/* The workbench: transcript and scorecard side by side, by keyboard from the first category to the next item. */
import { registerShortcuts } from "../common/js/keys.js";
import { toast } from "../common/js/toast.js";
import { ActiveTime } from "./active-time.js";
import { chooseCause, focusOther, inCauses, otherList, stepCause } from "./causes.js";
import { Completion } from "./completion.js";
import { Finish, postJson } from "./finish.js";
import { GradingForm } from "./grading-form.js";
import { highlight } from "./marks.js";
import { bodyOf, wordsOf } from "./passages.js";
import { Remarks } from "./remarks.js";
import { Saver } from "./saver.js";
import { showScore } from "./score-bar.js";
import { Templates } from "./templates.js";
import { addTools } from "./text-tools.js";
import { Transcript } from "./transcript.js";

const root = document.querySelector("[data-workbench]");
const data = JSON.parse(document.getElementById("workbench-data").textContent);
const { words, urls } = data;
const form = root.querySelector("form[data-grading]");
const token = form.elements.csrfmiddlewaretoken.value;
const live = root.querySelector("[data-live]");
const say = (text) => (live.textContent = text);
let started = false;

const transcript = new Transcript(root.querySelector("[data-transcript]"));
const grading = new GradingForm(form, data, { onChange: changed, say });
const remarks = new Remarks(transcript, document.getElementById("remark-template"), words, {
  onChange: changed,
  remember: (back) => grading.remember(back),
});
const read = () => ({ ...grading.read(), remarks: remarks.read() });
const active = data.mode === "draft" ? new ActiveTime(data.active, showActive) : null;
const templates = new Templates(document.getElementById("template-dialog"), urls.templates, words, toast);

remarks.restore(data.remarks);
addTools(form, words, { template: urls.templates ? insertInto : null, preview });
new Completion(root, urls, words, say);
const saver = active && new Saver({ url: urls.draft, token, number: data.number, read, spent: () => active.seconds, show: showSaved });
const finish = new Finish({ root, form, urls, words, token, item: data.item, grading, read, saver, active, toast, showTab });

// --- what the page shows ---------------------------------------------------------------------------------

function changed() {
  if (!started) return;
  showAll();
  saver?.touch();
}

function showAll() {
  showScore(root, data, grading);
  showMarks();
}

function showMarks() {
  const evidence = grading.keys.flatMap((key) => {
    const [label, number] = [words.evidenceFor.replace("{name}", grading.name(key)), grading.number(key)];
    return (grading.evidence.get(key) ?? []).map((passage) => ({ ...passage, key, label, number }));
  });
  transcript.mark([...evidence, ...remarks.passages]);
  for (const key of grading.keys) showQuotes(key);
}

/** Below the category: its passages, each with a link to its message and a way to take it back. */
function showQuotes(key) {
  const field = grading.field(key);
  const passages = grading.evidence.get(key) ?? [];
  const before = field.querySelector(".quotes");
  if ((before?.dataset.passages ?? "[]") === JSON.stringify(passages)) return;
  before?.remove();
  if (!passages.length) return;
  const list = Object.assign(document.createElement("ul"), { className: "quotes" });
  list.dataset.passages = JSON.stringify(passages);
  list.append(...passages.map((passage) => quote(key, passage)));
  field.querySelector(".category-more").before(list);
}

function quote(key, passage) {
  const item = document.getElementById("quote-template").content.firstElementChild.cloneNode(true);
  const message = transcript.message(passage.message);
  const link = item.querySelector("a");
  link.textContent = message ? wordsOf(bodyOf(message), passage) : "…";
  link.href = `#message-${passage.message}`;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    showTab("conversation");
    transcript.go(message, "center");
  });
  const others = () => grading.evidence.get(key).filter((each) => each !== passage);
  item.querySelector("button").addEventListener("click", () => grading.setEvidence(key, others()));
  return item;
}

function showActive(seconds) {
  const slot = root.querySelector("[data-active]");
  const minutes = Math.floor(seconds / 60);
  slot.hidden = minutes < 1;
  slot.querySelector("span").textContent = words.minutes.replace("{minutes}", minutes);
  slot.title = words.active.replace("{minutes}", minutes).replace("{seconds}", seconds % 60);
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

function openDialog(id) {
  const dialog = document.getElementById(id);
  dialog?.showModal();
  return Boolean(dialog);
}

// --- what keys do ----------------------------------------------------------------------------------------

function step(by) {
  if (transcript.isFocused) transcript.step(by);
  else grading.step(by);
}

function digit(event) {
  if (inCauses(document.activeElement)) return chooseCause(grading.here, event.key);
  return grading.choose(event.key);
}

function causes() {
  if (inCauses(document.activeElement)) return otherList(grading.here);
  showTab("scorecard");
  return grading.openCauses();
}

function comment() {
  showTab("scorecard");
  return grading.openComment();
}

function addEvidence() {
  const key = grading.category;
  const passage = transcript.passage();
  if (!passage || !key) return toast(words.selectFirst);
  const { message, start, end } = passage;
  grading.setEvidence(key, [...(grading.evidence.get(key) ?? []), { message, start, end }]);
  transcript.clearSelection();
  return say(words.quoted.replace("{name}", grading.name(key)));
}

function remark(kind) {
  const passage = transcript.passage() ?? (transcript.here && { message: Number(transcript.here.id.split("-").pop()), isWhole: true });
  if (!passage) return toast(words.messageFirst);
  showTab("conversation");
  transcript.clearSelection();
  return remarks.add(passage, kind);
}

function takeOver(key = grading.category) {
  const taken = key && grading.takeOver(key);
  if (!taken) return toast(words.noSuggestion);
  return say(words.taken.replace("{option}", taken));
}

function insertInto(field) {
  const key = field.closest("[data-category]")?.dataset.category ?? "";
  return templates.open(key, (text) => {
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function insertTemplate() {
  const remarked = transcript.isFocused && transcript.here?.querySelector(".remark textarea");
  if (!remarked && !comment()) return false;
  return insertInto(remarked || document.activeElement);
}

async function preview(text) {
  const response = await postJson(urls.markdown, token, { text }).catch(() => null);
  if (!response?.ok) return toast(words.notDone) ?? null;
  return (await response.json()).html;
}

function handBack() {
  return finish.move(urls.handBack, {}, urls.back);
}

function toConversation() {
  showTab("conversation");
  return transcript.enter();
}

function toScorecard() {
  showTab("scorecard");
  return grading.go(grading.here);
}

/** Out of a field to its category or message; from the conversation to the scorecard; then off the page. */
function back() {
  const at = document.activeElement;
  const remarked = at.closest(".remark");
  if (remarked) return transcript.go(remarked.closest("[data-message]"));
  if (form.contains(at) && at !== grading.here) return grading.go(grading.here);
  if (transcript.isFocused && !transcript.selected) return toScorecard();
  if (transcript.isFocused) return transcript.clearSelection();
  return location.assign(urls.back);
}

function word(event) {
  const isRightToLeft = transcript.here && getComputedStyle(bodyOf(transcript.here)).direction === "rtl";
  const by = (event.key === "ArrowRight") === !isRightToLeft ? 1 : -1;
  return transcript.selectWord(by, event.shiftKey);
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
  { keys: "j", label: names.next, repeats: true, run: () => step(1) },
  { keys: "k", label: names.previous, repeats: true, run: () => step(-1) },
  { keys: ["1–9", ..."123456789"], label: names.option, run: digit },
  { keys: "0", label: names.na, run: () => grading.choose("0") },
  { keys: "c", label: names.comment, run: comment },
  { keys: "i", label: names.template, unlisted: !urls.templates, run: () => (urls.templates ? insertTemplate() : false) },
  { keys: "r", label: names.cause, run: causes },
  { keys: "o", unlisted: true, run: () => Boolean(inCauses(document.activeElement)) && focusOther(grading.here) },
  { keys: ["ArrowDown", "ArrowUp"], unlisted: true, repeats: true, run: (event) => (inCauses(document.activeElement) ? stepCause(grading.here, event.key === "ArrowDown" ? 1 : -1) : false) },
  { keys: "t", label: names.take, unlisted: !Object.keys(data.suggestions).length, run: () => takeOver() },
  { keys: "e", label: names.evidence, run: addEvidence },
  { keys: "u", label: names.undo, run: () => grading.undo() },
  { keys: "ctrl+enter", label: names.submit, whileTyping: true, run: () => finish.submit() },
  { keys: "s", label: names.skip, unlisted: !urls.skip, run: () => openDialog("skip-dialog") },
  { keys: "a", label: names.ask, unlisted: !urls.ask, run: () => openDialog("ask-dialog") },
  { keys: "b", label: names.handBack, unlisted: !urls.handBack, run: () => (urls.handBack ? handBack() : false) },
  { keys: "n", label: names.later, unlisted: !urls.next, run: () => (urls.next ? finish.later() : false) },
  { keys: "Escape", label: names.back, whileTyping: true, run: back },
]);
registerShortcuts(names.reading, [
  { keys: "h", label: names.conversation, run: toConversation },
  { keys: "l", label: names.scorecard, run: toScorecard },
  { keys: ["→", "ArrowRight", "ArrowLeft"], label: names.word, repeats: true, run: word },
  { keys: "shift →", label: names.more, run: word },
  { keys: "m", label: names.remark, run: () => remark("remark") },
  { keys: "p", label: names.praise, run: () => remark("praise") },
]);

function onSubmit(target, run) {
  target?.addEventListener("submit", (event) => {
    event.preventDefault();
    event.target.closest("dialog")?.close();
    run(new FormData(event.target));
  });
}

onSubmit(form, () => finish.submit());
onSubmit(document.querySelector("[data-skip]"), (fields) => finish.skip(fields.get("reason"), fields.get("comment")));
onSubmit(document.querySelector("[data-ask]"), (fields) => finish.ask(fields.get("text")));
onSubmit(document.querySelector("[data-hand-back]"), handBack);
onSubmit(document.querySelector("[data-reveal]"), () => finish.move(urls.reveal, {}, location.href));
const clicks = {
  "[data-show-tab]": (button) => showTab(button.dataset.showTab),
  "[data-open]": (button) => openDialog(button.dataset.open),
  "[data-go-on]": () => finish.later(),
  "[data-close]": (button) => button.closest("dialog").close(),
  "[data-reviewee]": (button) => finish.move(urls.reviewee, { agent: Number(button.dataset.reviewee) }, urls.edit),
  "[data-take-over]": (button) => takeOver(button.closest("[data-category]").dataset.category),
  "[data-other-list]": (button) => otherList(button.closest("[data-category]")),
  "mark.passage": (mark) => goToMark(mark),
};
document.addEventListener("click", (event) => {
  for (const [selector, run] of Object.entries(clicks)) {
    const found = event.target.closest(selector);
    if (found) return run(found);
  }
  return undefined;
});

function goToMark(mark) {
  const key = mark.dataset.of.split(" ").find((each) => grading.byKey.has(each));
  if (!key || !getSelection().isCollapsed) return;
  showTab("scorecard");
  grading.go(grading.field(key));
}

transcript.root.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("mark.passage")) return;
  event.preventDefault();
  goToMark(event.target);
});
for (const kind of ["pointerover", "focusin"]) {
  root.addEventListener(kind, (event) => {
    const key = event.target.closest("mark.passage")?.dataset.of.split(" ")[0] ?? event.target.closest("[data-category]")?.dataset.category;
    highlight(transcript.root, key ?? null);
  });
}
addEventListener("beforeunload", (event) => {
  if (!finish.leaving && saver?.isBehind) event.preventDefault();
});
addEventListener("pagehide", () => finish.leaving || saver?.leave());
root.classList.add("is-live");
started = true;
showAll();
if (saver) showSaved(data.number ? "kept" : "fresh");
