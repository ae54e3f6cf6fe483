/* The scorecard as a form: what is chosen, one step back, where the reviewer is, and what is wrong where.
   The inputs themselves hold the state; evidence, which has no input, is kept beside them. */
import { asksComment, optionOf } from "./score.js";

export class GradingForm {
  /** card: of score.js; evidence: { category key: [passages] }; words: the page's translated sentences. */
  constructor(form, { card, evidence, words }, onChange) {
    Object.assign(this, { form, words, onChange });
    this.card = new Map(card.map((category) => [category.key, category]));
    this.fields = [...form.querySelectorAll("[data-category]")];
    this.evidence = new Map(Object.entries(evidence));
    this.steps = [];
    this.before = new Map(this.keys.map((key) => [key, this.state(key)]));
    this.here = 0;
    for (const field of this.fields) field.tabIndex = -1;
    form.addEventListener("change", (event) => this.changed(event.target.closest("[data-category]")));
    form.addEventListener("input", () => this.onChange());
    form.addEventListener("focusin", (event) => this.entered(event.target.closest("[data-category]")));
    this.mark();
  }

  get keys() {
    return this.fields.map((field) => field.dataset.category);
  }

  field(key) {
    return this.fields.find((field) => field.dataset.category === key);
  }

  get current() {
    return this.fields[this.here];
  }

  /** The rating of one category as the API takes it. */
  rating(key) {
    const field = this.field(key);
    const radio = field.querySelector("input[type=radio]:checked");
    const na = radio?.dataset.digit === "0";
    return {
      category: key,
      option: radio && !na ? radio.value : null,
      na: Boolean(na),
      comment: field.querySelector("textarea").value,
      root_causes: na ? [] : [...field.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value),
      evidence: this.evidence.get(key) ?? [],
    };
  }

  /** { ratings, comment }: categories of which nothing was said are left out. */
  read() {
    const said = ({ option, na, comment, root_causes: causes, evidence }) => option || na || comment || causes.length || evidence.length;
    return { ratings: this.keys.map((key) => this.rating(key)).filter(said), comment: this.form.elements.comment.value };
  }

  /** Map of category key to chosen option, for score(). */
  answers() {
    const ratings = this.keys.map((key) => this.rating(key));
    return new Map(ratings.filter((rating) => rating.option).map((rating) => [rating.category, rating.option]));
  }

  get answered() {
    return this.fields.filter((field) => field.querySelector("input[type=radio]:checked")).length;
  }

  // --- choosing, and one step back -----------------------------------------------------------------------

  choose(digit) {
    const radio = this.current?.querySelector(`input[data-digit="${digit}"]`);
    if (!radio || this.current.disabled) return false;
    if (radio.checked) return true;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  state(key) {
    const { option, na, root_causes: causes, evidence } = this.rating(key);
    return { option, na, causes, evidence };
  }

  changed(field) {
    if (field) {
      const key = field.dataset.category;
      this.steps.push([key, this.before.get(key)]);
      this.before.set(key, this.state(key));
      this.fail(key, "");
      this.askComment(field);
    }
    this.onChange();
  }

  undo() {
    const step = this.steps.pop();
    if (!step) return false;
    const [key, { option, na, causes, evidence }] = step;
    const field = this.field(key);
    for (const radio of field.querySelectorAll("input[type=radio]")) {
      radio.checked = radio.dataset.digit === "0" ? na : option === radio.value;
    }
    for (const box of field.querySelectorAll("input[type=checkbox]")) box.checked = causes.includes(box.value);
    this.evidence.set(key, evidence);
    this.before.set(key, this.state(key));
    this.go(this.fields.indexOf(field));
    this.onChange();
    return true;
  }

  setEvidence(key, passages) {
    this.evidence.set(key, passages);
    this.changed(this.field(key));
  }

  /** A bad rating that needs words opens its comment. */
  askComment(field) {
    if (this.lacksComment(field.dataset.category)) field.querySelector("[data-comment]").open = true;
  }

  lacksComment(key) {
    const { option, na, comment } = this.rating(key);
    const category = this.card.get(key);
    return (option || na) && !comment.trim() && asksComment(category, optionOf(category, option));
  }

  // --- where the reviewer is -----------------------------------------------------------------------------

  go(index) {
    const at = Math.min(this.fields.length - 1, Math.max(0, index));
    this.here = at;
    this.mark();
    this.current.focus({ preventScroll: true });
    this.current.scrollIntoView({ block: "nearest" });
  }

  step(by) {
    const inside = this.form.contains(document.activeElement);
    this.go(inside ? this.here + by : this.here);
  }

  /** Under the pointer nothing may move, though the category left behind folds its rubric. */
  entered(field) {
    const index = this.fields.indexOf(field);
    if (index < 0 || index === this.here) return;
    const top = field.getBoundingClientRect().top;
    this.here = index;
    this.mark();
    const pane = this.form.querySelector("[data-scroller]");
    const scroller = pane.scrollHeight > pane.clientHeight ? pane : document.scrollingElement;
    scroller.scrollTop += field.getBoundingClientRect().top - top;
  }

  mark() {
    for (const field of this.fields) field.classList.toggle("is-here", field === this.current);
  }

  open(part) {
    const details = this.current?.querySelector(`[data-${part}]`);
    if (!details) return false;
    details.open = true;
    details.querySelector("textarea, input").focus();
    return true;
  }

  // --- what is wrong -------------------------------------------------------------------------------------

  /** Errors by category key that submitting would meet. */
  problems() {
    const found = new Map();
    for (const field of this.fields) {
      const key = field.dataset.category;
      if (!field.querySelector("input[type=radio]:checked")) found.set(key, this.words.required);
      else if (this.lacksComment(key)) found.set(key, this.words.commentRequired);
    }
    return found;
  }

  /** Shows each error at its category and goes to the first. */
  showProblems(problems) {
    for (const key of this.keys) this.fail(key, problems.get(key) ?? "");
    const first = this.fields.findIndex((field) => problems.has(field.dataset.category));
    if (first < 0) return;
    this.go(first);
    if (this.lacksComment(this.keys[first])) this.open("comment");
  }

  fail(key, words) {
    const field = this.field(key);
    field.classList.toggle("has-error", Boolean(words));
    field.querySelector(".field-error")?.remove();
    field.removeAttribute("aria-describedby");
    if (!words) return;
    const error = document.createElement("p");
    error.className = "field-error";
    error.id = `${key}-error`;
    error.textContent = words;
    field.querySelector(".options").before(error);
    field.setAttribute("aria-describedby", error.id);
  }
}
