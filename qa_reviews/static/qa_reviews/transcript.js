/* The conversation by keyboard: from message to message, from word to word; with evidence and remarks marked in it. */
import { mark } from "./marks.js";
import { bodyOf, idOf, rangeOf, selectedPassage, wholeOf, wordsIn } from "./passages.js";

export class Transcript {
  constructor(root) {
    this.root = root;
    this.messages = [...root.querySelectorAll("[data-message]")];
    this.marked = new Map();
    root.addEventListener("focusin", (event) => this.entered(event.target.closest("[data-message]")));
    root.addEventListener("pointerup", (event) => this.entered(event.target.closest("[data-message]")));
  }

  message(id) {
    return document.getElementById(`message-${id}`);
  }

  /** Whether the reviewer is reading, and not grading. */
  get isFocused() {
    return this.root.contains(document.activeElement);
  }

  entered(message) {
    if (!message) return;
    this.here?.classList.remove("is-here");
    this.here = message;
    message.classList.add("is-here");
  }

  go(message, block = "nearest") {
    if (!message) return false;
    this.entered(message);
    message.focus({ preventScroll: true });
    message.scrollIntoView({ block });
    return true;
  }

  /** To where the reviewer was, else to the first message in sight. */
  enter() {
    const { top } = this.root.getBoundingClientRect();
    const inSight = (message) => message.getBoundingClientRect().bottom > Math.max(top, 0) + 40;
    return this.go(this.here ?? this.messages.find(inSight));
  }

  step(by) {
    if (!this.here || !this.root.contains(document.activeElement)) return this.enter();
    const at = this.messages.indexOf(this.here) + by;
    return this.go(this.messages[Math.min(this.messages.length - 1, Math.max(0, at))]);
  }

  /** The next word is selected, or with `more` added to what is selected. False where that is none of our business. */
  selectWord(by, more) {
    if (document.activeElement !== this.here || !this.here) return false;
    const body = bodyOf(this.here);
    const words = wordsIn(body);
    if (!words.length) return false;
    const kept = this.selected?.body === body && !getSelection().isCollapsed ? this.selected : null;
    const last = words.length - 1;
    const head = kept ? Math.min(last, Math.max(0, kept.head + by)) : by > 0 ? 0 : last;
    const anchor = kept && more ? kept.anchor : head;
    this.selected = { body, head, anchor };
    const range = rangeOf(body, words[Math.min(head, anchor)].from, words[Math.max(head, anchor)].to);
    getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    return true;
  }

  /** What is meant by "this": the selected words, else the message that has the focus; null for neither. */
  passage() {
    const selected = selectedPassage();
    if (selected || !this.here || document.activeElement !== this.here) return selected;
    const whole = wholeOf(bodyOf(this.here));
    return whole && { message: idOf(this.here), ...whole, isWhole: true };
  }

  clearSelection() {
    getSelection().removeAllRanges();
    this.selected = null;
  }

  /** Marks passages: [{ message, start, end, key, label, number }]; only messages in which something changed. */
  mark(passages) {
    const wanted = new Map();
    for (const passage of passages) wanted.set(passage.message, [...(wanted.get(passage.message) ?? []), passage]);
    for (const id of new Set([...this.marked.keys(), ...wanted.keys()])) {
      const own = wanted.get(id) ?? [];
      const message = this.message(id);
      if (!message || JSON.stringify(own) === JSON.stringify(this.marked.get(id) ?? [])) continue;
      mark(bodyOf(message), own);
      this.marked.set(id, own);
    }
  }
}
