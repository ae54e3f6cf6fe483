/* Passages marked inside the transcript: evidence with the number of its category, and words that were remarked on. */
import { piecesOf, spanOf } from "./passages.js";

/** Marks the passages of one message: [{ start, end, key, label, number }]; those marked before are taken off.
    Where passages overlap, a mark belongs to them all. */
export function mark(body, passages) {
  for (const old of body.querySelectorAll("mark.passage")) old.replaceWith(...old.childNodes);
  body.normalize();
  const spans = passages.map((passage) => ({ ...passage, ...spanOf(body, passage) }));
  const edges = [...new Set(spans.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  edges.slice(1).forEach((to, index) => {
    const over = spans.filter((span) => span.from <= edges[index] && span.to >= to);
    if (over.length) wrap(body, edges[index], to, over);
  });
}

function wrap(body, from, to, spans) {
  const ending = spans.filter((span) => span.to === to && span.number);
  const pieces = piecesOf(body, from, to).filter(([node, start, end]) => node.data.slice(start, end).trim());
  pieces.forEach(([node, start, end], index) => {
    const made = document.createElement("mark");
    made.className = "passage";
    made.dataset.of = spans.map(({ key }) => key).join(" ");
    made.title = [...new Set(spans.map(({ label }) => label))].join("; ");
    if (index === 0) made.tabIndex = 0;
    if (index === pieces.length - 1 && ending.length) made.dataset.number = ending.map(({ number }) => number).join(" ");
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, end);
    range.surroundContents(made);
  });
}

/** Lets the marks of one key stand out; null for none. */
export function highlight(root, key) {
  for (const each of root.querySelectorAll("mark.passage")) each.classList.toggle("is-lit", key !== null && each.dataset.of.split(" ").includes(key));
}
