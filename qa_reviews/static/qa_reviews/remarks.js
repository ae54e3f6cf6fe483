/* Remarks and praise on messages or on words of them, written under the message. They count nowhere. */
import { bodyOf, wordsOf } from "./passages.js";

export class Remarks {
  /** transcript: of transcript.js; template: one remark; words: the page's sentences; onChange(): something changed;
      remember(back): it can be taken back. */
  constructor(transcript, template, words, { onChange, remember }) {
    Object.assign(this, { transcript, template, words, onChange, remember });
    this.rows = [];
    this.count = 0;
  }

  /** As the API takes them; a remark without words is not said yet. */
  read() {
    return this.rows.filter(({ kind, field }) => kind === "praise" || field.value.trim()).map(({ message, start, end, kind, field }) => ({ message, start, end, kind, body: field.value }));
  }

  /** The words that were remarked on, for the transcript's marks. */
  get passages() {
    const label = (row) => (row.kind === "praise" ? this.words.praise : this.words.remark);
    return this.rows.filter((row) => row.end !== null).map((row) => ({ message: row.message, start: row.start, end: row.end, key: row.key, label: label(row), number: "" }));
  }

  restore(remarks) {
    for (const { body, ...remark } of remarks) this.put(remark, body);
  }

  /** A new one, ready to type. */
  add({ message, start = null, end = null, isWhole = false }, kind) {
    const place = isWhole ? { start: null, end: null } : { start, end };
    const row = this.put({ message, ...place, kind }, "");
    if (!row) return;
    this.remember(() => this.remove(row));
    row.field.focus();
    this.onChange();
  }

  put({ message, start, end, kind }, text) {
    const element = this.transcript.message(message);
    if (!element) return null;
    const made = this.template.content.firstElementChild.cloneNode(true);
    const row = { message, start, end, kind, element: made, field: made.querySelector("textarea"), key: `remark-${(this.count += 1)}` };
    const words = wordsOf(bodyOf(element), { start, end });
    const quoted = words.length > 60 ? `${words.slice(0, 60)}…` : words;
    made.dataset.kind = kind;
    made.querySelector("b").textContent = kind === "praise" ? this.words.praise : this.words.remark;
    row.field.value = text;
    row.field.setAttribute("aria-label", (kind === "praise" ? this.words.praiseFor : this.words.remarkOn).replace("{words}", quoted));
    row.field.addEventListener("input", this.onChange);
    made.addEventListener("focusout", (event) => made.contains(event.relatedTarget) || this.left(row));
    made.querySelector("button").addEventListener("click", () => this.removeForGood(row));
    element.append(made);
    this.rows.push(row);
    return row;
  }

  /** A remark that was left without words is gone. */
  left(row) {
    if (row.kind === "remark" && !row.field.value.trim() && this.rows.includes(row)) this.remove(row);
  }

  removeForGood(row) {
    this.remove(row);
    this.remember(() => {
      this.transcript.message(row.message).append(row.element);
      this.rows.push(row);
      this.onChange();
    });
    this.transcript.go(this.transcript.message(row.message));
  }

  remove(row) {
    this.rows = this.rows.filter((each) => each !== row);
    row.element.remove();
    this.onChange();
  }
}
