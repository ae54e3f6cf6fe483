/* The scorecard as a form: what is chosen, what that shows and hides, one step back, where the reviewer is, and what
   is wrong where. The inputs themselves hold the state; evidence, which has no input, is kept beside them. */
import { causesOf, focusCauses, setCauses, showList } from "./causes.js";
import { asksComment, isNegative, optionOf, visible } from "./score.js";

const radioOf = (field) => field.querySelector("input[type=radio]:checked");
const nameOf = (field) => field.querySelector("[data-name]")?.textContent ?? "";
const STOPS = "[data-category], .question[data-question], [data-overall]";

export class GradingForm {
  /** card, questions: of score.js; evidence: { category key: [passages] }; words: the page's translated sentences.
      onChange(): something was chosen or typed; say(text): told politely. */
  constructor(form, { card, questions, evidence, suggestions, words }, { onChange, say }) {
    Object.assign(this, { form, questions, suggestions, words, onChange, say });
    this.card = new Map(card.map((category) => [category.key, category]));
    this.fields = [...form.querySelectorAll("[data-category]")];
    this.asked = [...form.querySelectorAll("[data-question]")];
    this.byKey = new Map(this.fields.map((field) => [field.dataset.category, field]));
    this.evidence = new Map(Object.entries(evidence));
    this.steps = [];
    this.before = new Map([...this.byKey.keys()].map((key) => [key, this.state(key)]));
    this.all = [...form.querySelectorAll(STOPS)];
    for (const stop of this.all) stop.tabIndex = -1;
    for (const field of this.fields) this.fitCauses(field);
    this.shown = this.findShown();
    this.renumber();
    this.here = this.stops[0];
    form.addEventListener("change", (event) => this.changed(event.target.closest("[data-category]"), event.target));
    form.addEventListener("input", (event) => event.target.matches("[type=radio], [type=checkbox]") || this.onChange());
    form.addEventListener("focusin", (event) => this.entered(event.target.closest(STOPS)));
    this.mark();
  }

  get keys() {
    return this.shownFields.map((field) => field.dataset.category);
  }

  get shownFields() {
    return this.fields.filter((field) => !field.hidden);
  }

  get stops() {
    return this.all.filter((stop) => !stop.hidden);
  }

  field(key) {
    return this.byKey.get(key);
  }

  /** The category in which the reviewer is, or null when he is elsewhere on the form. */
  get category() {
    return this.here?.dataset.category ?? null;
  }

  name(key) {
    return nameOf(this.field(key));
  }

  number(key) {
    return this.field(key).querySelector(".category-number").textContent;
  }

  /** The rating of one category as the API takes it. */
  rating(key) {
    const field = this.field(key);
    const { option, na, causes, evidence } = this.state(key);
    return { category: key, option, na, comment: field.querySelector("textarea").value, root_causes: na ? [] : causes, evidence };
  }

  state(key) {
    const field = this.field(key);
    const radio = radioOf(field);
    const na = radio?.dataset.digit === "0";
    return { option: radio && !na ? radio.value : null, na, causes: causesOf(field), evidence: this.evidence.get(key) ?? [] };
  }

  /** { ratings, comment, answers } of what is shown; categories of which nothing was said are left out. */
  read() {
    const said = ({ option, na, comment, root_causes: causes, evidence }) => option || na || comment || causes.length || evidence.length;
    return {
      ratings: this.keys.map((key) => this.rating(key)).filter(said),
      comment: this.form.elements.comment.value,
      answers: Object.fromEntries(this.asked.filter((field) => !field.hidden && this.answer(field)).map((field) => [field.dataset.question, this.answer(field)])),
    };
  }

  answer(field) {
    return (field.querySelector("input[type=radio]") ? radioOf(field)?.value : field.querySelector("input")?.value.trim()) ?? "";
  }

  /** Map of category key to chosen option, null for N/A, for score.js. */
  answers() {
    const rated = this.fields.map((field) => [field.dataset.category, radioOf(field)]).filter(([, radio]) => radio);
    return new Map(rated.map(([key, radio]) => [key, radio.dataset.digit === "0" ? null : radio.value]));
  }

  get answered() {
    return this.shownFields.filter(radioOf).length;
  }

  get total() {
    return this.shownFields.length;
  }

  // --- choosing, and one step back -----------------------------------------------------------------------

  choose(digit) {
    const radio = this.here?.querySelector(`.options input[data-digit="${digit}"]`);
    if (!radio || this.here.disabled) return false;
    if (radio.checked) return true;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  changed(field, input) {
    const own = input?.closest("[data-question]");
    if (own) this.fail(own, "");
    if (field) {
      const key = field.dataset.category;
      const state = this.before.get(key);
      this.steps.push(() => this.restore(key, state));
      this.before.set(key, this.state(key));
      this.fail(field, "");
      this.fitCauses(field);
      if (this.lacksComment(key)) field.querySelector("[data-comment]").open = true;
      this.showWhatApplies();
    }
    this.onChange();
  }

  /** Something that can be taken back: `back` does it. */
  remember(back) {
    this.steps.push(back);
  }

  undo() {
    const step = this.steps.pop();
    step?.();
    return Boolean(step);
  }

  restore(key, { option, na, causes, evidence }) {
    const field = this.field(key);
    for (const radio of field.querySelectorAll(".options input")) radio.checked = radio.dataset.digit === "0" ? na : option === radio.value;
    setCauses(field, causes);
    this.evidence.set(key, evidence);
    this.before.set(key, this.state(key));
    this.fitCauses(field);
    this.showWhatApplies();
    this.go(field);
    this.onChange();
  }

  setEvidence(key, passages) {
    this.evidence.set(key, passages);
    this.changed(this.field(key));
  }

  /** Takes the suggestion for the category over, with its passages; what it says, or null where there is none. */
  takeOver(key) {
    const suggestion = this.suggestions[key];
    if (!suggestion) return null;
    const wanted = suggestion.option === null ? '[data-digit="0"]' : `[value="${CSS.escape(suggestion.option)}"]:not([data-digit="0"])`;
    const radio = this.field(key).querySelector(`.options input${wanted}`);
    radio.checked = true;
    const there = this.evidence.get(key) ?? [];
    const isNew = (passage) => !there.some((each) => ["message", "start", "end"].every((name) => each[name] === passage[name]));
    this.setEvidence(key, [...there, ...suggestion.passages.filter(isNew)]);
    return suggestion.option === null ? this.words.na : radio.parentElement.querySelector("span").textContent;
  }

  // --- what the answers show and hide --------------------------------------------------------------------

  findShown() {
    return visible([...this.card.values()], this.answers(), this.questions);
  }

  /** What is hidden keeps what was typed there, and is not sent. */
  showWhatApplies() {
    const shown = this.findShown();
    const differ = (field) => shown.has(field.dataset.category ?? field.dataset.question) === field.hidden;
    const turned = [...this.fields, ...this.asked].filter(differ);
    this.shown = shown;
    if (!turned.length) return;
    for (const field of turned) field.hidden = !field.hidden;
    for (const group of this.form.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("[data-category]:not([hidden]), [data-question]:not([hidden])");
    this.renumber();
    const names = (hidden) => turned.filter((field) => field.hidden === hidden).map(nameOf).filter(Boolean).join(", ");
    const told = [names(false) && this.words.applies.replace("{names}", names(false)), names(true) && this.words.appliesNot.replace("{names}", names(true))];
    this.say(told.filter(Boolean).join(" "));
  }

  renumber() {
    this.shownFields.forEach((field, index) => (field.querySelector(".category-number").textContent = index + 1));
  }

  // --- causes and comments -------------------------------------------------------------------------------

  isBad(key) {
    const { option } = this.state(key);
    const category = this.card.get(key);
    return option !== null && isNegative(category, optionOf(category, option));
  }

  fitCauses(field) {
    if (field.querySelector("[data-causes]")) showList(field, this.isBad(field.dataset.category) ? "negative" : "positive");
  }

  openCauses() {
    const details = this.here?.querySelector("[data-causes]");
    if (!details) return false;
    details.open = true;
    focusCauses(this.here);
    return true;
  }

  openComment() {
    const details = this.here?.querySelector("[data-comment]");
    if (details) details.open = true;
    const field = this.here?.querySelector("textarea, .question > input");
    field?.focus();
    return Boolean(field);
  }

  lacksComment(key) {
    const { option, na, comment } = this.rating(key);
    const category = this.card.get(key);
    return (option || na) && !comment.trim() && asksComment(category, optionOf(category, option));
  }

  // --- where the reviewer is -----------------------------------------------------------------------------

  go(stop) {
    if (!stop) return;
    this.here = stop;
    this.mark();
    stop.focus({ preventScroll: true });
    stop.scrollIntoView({ block: "nearest" });
  }

  step(by) {
    const stops = this.stops;
    const inside = this.form.contains(document.activeElement) && stops.includes(this.here);
    const at = stops.indexOf(this.here) + (inside ? by : 0);
    this.go(stops[Math.min(stops.length - 1, Math.max(0, at))]);
  }

  /** Under the pointer nothing may move, though the category left behind folds its rubric. */
  entered(stop) {
    if (!stop || stop === this.here) return;
    const top = stop.getBoundingClientRect().top;
    this.here = stop;
    this.mark();
    const pane = this.form.querySelector("[data-scroller]");
    const scroller = pane.scrollHeight > pane.clientHeight ? pane : document.scrollingElement;
    scroller.scrollTop += stop.getBoundingClientRect().top - top;
  }

  mark() {
    for (const stop of this.all) stop.classList.toggle("is-here", stop === this.here);
  }

  // --- what is wrong -------------------------------------------------------------------------------------

  /** Errors by key of category or question that submitting would meet. */
  problems() {
    const found = new Map();
    for (const key of this.keys) {
      if (!radioOf(this.field(key))) found.set(key, this.card.get(key).allow_na ? this.words.required : this.words.optionRequired);
      else if (this.lacksComment(key)) found.set(key, this.words.commentRequired);
    }
    for (const { key, required } of this.questions) {
      const field = this.asked.find((each) => each.dataset.question === key);
      if (required && !field.hidden && !this.answer(field)) found.set(key, this.words.answerRequired);
    }
    return found;
  }

  /** Shows each error at its place and goes to the first. */
  showProblems(problems) {
    const keyOf = (stop) => stop.dataset.category ?? stop.dataset.question;
    for (const stop of this.all) if (keyOf(stop)) this.fail(stop, problems.get(keyOf(stop)) ?? "");
    const first = this.stops.find((stop) => problems.has(keyOf(stop)));
    if (!first) return;
    this.go(first);
    const key = first.dataset.category;
    if (key ? this.lacksComment(key) : !first.querySelector("input[type=radio]")) this.openComment();
  }

  fail(field, words) {
    field.classList.toggle("has-error", Boolean(words));
    field.querySelector(".field-error")?.remove();
    field.removeAttribute("aria-describedby");
    if (!words) return;
    const error = document.createElement("p");
    error.className = "field-error";
    error.id = `${field.dataset.category ?? field.dataset.question}-error`;
    error.textContent = words;
    field.querySelector(".options, .question > input, :scope > input").before(error);
    field.setAttribute("aria-describedby", error.id);
  }
}
