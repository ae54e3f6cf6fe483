/* Moving rows: by buttons and Alt with the arrow keys, and by dragging the handle with mouse, pen or finger.
   While a row is dragged a line shows where it would land; it moves when let go, and Escape leaves it. */
import { list, own, text, words, say } from "./parts.js";

const HOME = { group: "groups", category: "categories", option: "options", question: "questions" };
const START = 4; // pixels before a press becomes a drag
const EDGE = 96; // pixels from the top or bottom of the window where it scrolls
const STEP = 12;

const isRow = (element) => Boolean(element?.dataset.part);
const sibling = (part, by) => {
  const beside = by < 0 ? part.previousElementSibling : part.nextElementSibling;
  return isRow(beside) ? beside : null;
};

function moveAcross(part, by) {
  const group = part.parentElement.closest('[data-part="group"]');
  const other = group && sibling(group, by);
  if (other) list(other, HOME[part.dataset.part])[by < 0 ? "append" : "prepend"](part);
}

/** One place up or down; a category or question goes on into the next group. */
export function step(part, by) {
  const beside = sibling(part, by);
  if (beside) beside[by < 0 ? "before" : "after"](part);
  else if (["category", "question"].includes(part.dataset.part)) moveAcross(part, by);
}

/** Where a row is now, in words. */
export function placeOf(part) {
  const all = [...part.parentElement.children].filter(isRow);
  const group = part.parentElement.closest('[data-part="group"]');
  const values = { place: all.indexOf(part) + 1, count: all.length, group: (group && text(group, "name")) || words.unnamed };
  return say(part.dataset.part === "group" || part.dataset.part === "option" ? words.moved : words.moved_in, values);
}

/** The lists a row may go to: those of its kind, an option only within its category. */
function homesOf(part, root) {
  const name = HOME[part.dataset.part];
  if (part.dataset.part === "option") return [part.parentElement];
  return [...root.querySelectorAll(`[data-list="${name}"]`)];
}

function middle(element) {
  const box = element.getBoundingClientRect();
  return box.top + box.height / 2;
}

function distance(home, y) {
  const box = (home.closest('[data-part="group"]') ?? home).getBoundingClientRect();
  return Math.max(box.top - y, y - box.bottom, 0);
}

function aim(marker, part, homes, y) {
  const home = homes.reduce((best, each) => (distance(each, y) < distance(best, y) ? each : best));
  const next = [...home.children].find((each) => isRow(each) && each !== part && middle(each) > y);
  home.insertBefore(marker, next ?? null);
}

class Drag {
  constructor(part, event, root, done) {
    Object.assign(this, { part, root, done, from: event.clientY, y: event.clientY, handle: event.target.closest("[data-handle]") });
    this.handle.setPointerCapture(event.pointerId);
    this.listeners = new AbortController();
    const on = (target, type, run) => target.addEventListener(type, run, { signal: this.listeners.signal });
    on(this.handle, "pointermove", (move) => this.move(move));
    on(this.handle, "pointerup", () => this.end(true));
    on(this.handle, "pointercancel", () => this.end(false));
    on(document, "keydown", (key) => key.key === "Escape" && this.end(false));
  }

  move(event) {
    this.y = event.clientY;
    if (!this.marker && Math.abs(this.y - this.from) >= START) this.begin();
    if (this.marker) aim(this.marker, this.part, this.homes, this.y);
  }

  begin() {
    this.marker = Object.assign(document.createElement("div"), { className: "sc-marker" });
    this.homes = homesOf(this.part, this.root);
    this.part.classList.add("is-dragged");
    this.root.classList.add("is-sorting");
    this.scroll();
  }

  scroll() {
    if (!this.marker) return;
    const by = this.y < EDGE ? -STEP : this.y > innerHeight - EDGE ? STEP : 0;
    if (by) {
      scrollBy(0, by);
      aim(this.marker, this.part, this.homes, this.y);
    }
    requestAnimationFrame(() => this.scroll());
  }

  end(drop) {
    this.listeners.abort();
    const { marker } = this;
    if (!marker) return;
    this.marker = null;
    if (drop) marker.replaceWith(this.part);
    marker.remove();
    this.part.classList.remove("is-dragged");
    this.root.classList.remove("is-sorting");
    if (drop) this.done(this.part);
    this.handle.focus({ preventScroll: true });
  }
}

function byKey(event, moved) {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by || !event.altKey || event.ctrlKey || event.metaKey || event.target.matches("select, textarea")) return;
  const part = event.target.closest("[data-part]");
  if (!HOME[part?.dataset.part]) return;
  event.preventDefault();
  moveKeepingFocus(part, by, moved);
}

/** Moves the row; what had the focus has it again afterwards, in sight. */
export function moveKeepingFocus(part, by, moved) {
  const focus = document.activeElement;
  step(part, by);
  moved(part);
  focus.focus({ preventScroll: true });
  own(part, "[data-handle]").scrollIntoView({ block: "nearest" });
}

/** Makes the rows below `root` movable; `moved(part)` runs after each move. */
export function sortable(root, moved) {
  root.addEventListener("keydown", (event) => byKey(event, moved));
  root.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (handle && event.button === 0) new Drag(handle.closest("[data-part]"), event, root, moved);
  });
}
