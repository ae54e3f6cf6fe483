/* Passages of the transcript: Unicode code points of a message's text, and where they stand on the page.

   What is shown says the same as the text, letter by letter; where it does not (HTML keeps no line breaks and has
   its own bullets), the message carries the text as data-counted and the two are lined up by their letters. */

const ALIGNED = new WeakMap();
const isBlank = (sign) => /\s/.test(sign);
const codePoints = (text) => [...text].length;
const unitsOf = (text, points) => [...text].slice(0, points).join("").length;

export const bodyOf = (message) => message.querySelector(".message-body");
export const idOf = (message) => Number(message.id.split("-").pop());

/** { shown, counted, there: counted unit -> shown unit, back: shown unit -> counted unit }; blanks have no place. */
function aligned(body) {
  if (!ALIGNED.has(body)) ALIGNED.set(body, align(body.textContent, body.dataset.counted));
  return ALIGNED.get(body);
}

function align(shown, counted = shown) {
  const [there, back] = [new Map(), new Map()];
  for (let at = 0, place = 0; at < counted.length && place < shown.length; ) {
    if (isBlank(counted[at])) at += 1;
    else if (isBlank(shown[place])) place += 1;
    else if (counted !== shown && counted[at] === "-" && shown[place] !== "-") at += 1;
    else {
      there.set(at, place);
      back.set(place, at);
      at += 1;
      place += 1;
    }
  }
  return { shown, counted, there, back };
}

/** The passage between two places of what is shown, or null when there are only blanks. */
export function passageAt(body, from, to) {
  const { counted, back } = aligned(body);
  const places = [...back.keys()].filter((place) => place >= from && place < to);
  if (!places.length) return null;
  const start = codePoints(counted.slice(0, back.get(places[0])));
  return { start, end: codePoints(counted.slice(0, back.get(places.at(-1)) + 1)) };
}

/** Where a passage stands in what is shown, as { from, to }; the whole body without start and end. */
export function spanOf(body, { start, end }) {
  const { shown, counted, there } = aligned(body);
  if (end === undefined || end === null) return { from: 0, to: shown.length };
  const [first, last] = [unitsOf(counted, start), unitsOf(counted, end)];
  const places = [...there].filter(([at]) => at >= first && at < last).map(([, place]) => place);
  return places.length ? { from: places[0], to: places.at(-1) + 1 } : { from: 0, to: 0 };
}

export function wordsOf(body, { start, end }) {
  const { counted } = aligned(body);
  return end === undefined || end === null ? counted.trim() : [...counted].slice(start, end).join("");
}

/** All of a message as a passage, or null when it says nothing. */
export const wholeOf = (body) => passageAt(body, 0, body.textContent.length);

/** The words of what is shown, as { from, to }. */
export const wordsIn = (body) => [...body.textContent.matchAll(/\S+/g)].map((word) => ({ from: word.index, to: word.index + word[0].length }));

/** The pieces of text between two places, as [text node, start, end]. */
export function piecesOf(body, from, to) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const pieces = [];
  for (let node = walker.nextNode(), at = 0; node && at < to; at += node.length, node = walker.nextNode()) {
    const [start, end] = [Math.max(0, from - at), Math.min(node.length, to - at)];
    if (start < end) pieces.push([node, start, end]);
  }
  return pieces;
}

export function rangeOf(body, from, to) {
  const pieces = piecesOf(body, from, to);
  if (!pieces.length) return null;
  const range = document.createRange();
  range.setStart(pieces[0][0], pieces[0][1]);
  range.setEnd(pieces.at(-1)[0], pieces.at(-1)[2]);
  return range;
}

/** The selected words as { message, start, end }, or null when they are not inside one message. */
export function selectedPassage() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const body = holderOf(range.startContainer) ?? holderOf(range.endContainer);
  if (!body) return null;
  const [from, to] = [placeOf(body, range.startContainer, range.startOffset), placeOf(body, range.endContainer, range.endOffset)];
  if (from === null || to === null) return null;
  const passage = passageAt(body, from, to);
  return passage && { message: idOf(body.closest("[data-message]")), ...passage };
}

function holderOf(node) {
  const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
  return element?.closest("[data-message] .message-body") ?? null;
}

/** Letters of the body before a point; a triple click ends just after it, in the next element. */
function placeOf(body, node, offset) {
  const before = document.createRange();
  before.selectNodeContents(body);
  if (holderOf(node) === body) before.setEnd(node, offset);
  else if (node.nodeType === Node.TEXT_NODE || offset || holderOf(node)) return null;
  return before.toString().length;
}
