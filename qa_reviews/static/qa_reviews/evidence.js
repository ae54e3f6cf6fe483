/* Passages of the transcript that show why: taken from the selection, listed at their category.
   A passage counts Unicode code points of the message's plain text, which the page carries for each message. */

const codePoints = (text) => [...text].length;
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The selected words as { message, start, end }, or null when they are not inside one message's body. */
export function selectedPassage(texts) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const body = bodyOf(range.startContainer);
  if (!body || body !== bodyOf(range.endContainer)) return null;
  const message = Number(body.closest("[data-message]").id.split("-").pop());
  const before = document.createRange();
  before.setStart(body, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const found = locate(texts[message] ?? "", range.toString(), before.toString().length);
  return found && { message, ...found };
}

function bodyOf(node) {
  const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
  return element?.closest("[data-message] .message-body") ?? null;
}

/** Where the words stand in the text, blanks taken alike, nearest to the offset at which they were seen. */
export function locate(text, words, near) {
  const parts = words.trim().split(/\s+/).filter(Boolean);
  if (!parts.length) return null;
  const matches = [...text.matchAll(new RegExp(parts.map(escaped).join("\\s+"), "gu"))];
  const closest = matches.sort((a, b) => Math.abs(a.index - near) - Math.abs(b.index - near))[0];
  if (!closest) return null;
  const start = codePoints(text.slice(0, closest.index));
  return { start, end: start + codePoints(closest[0]) };
}

/** Lists the passages of one category, each with a link to its message and a way to take it back. */
export function showPassages(field, passages, texts, template, remove) {
  field.querySelector(".quotes")?.remove();
  if (!passages.length) return;
  const list = document.createElement("ul");
  list.className = "quotes";
  passages.forEach((passage, index) => {
    const item = template.content.firstElementChild.cloneNode(true);
    const link = item.querySelector("a");
    link.textContent = [...(texts[passage.message] ?? "")].slice(passage.start, passage.end).join("");
    link.href = `#message-${passage.message}`;
    item.querySelector("button").addEventListener("click", () => remove(index));
    list.append(item);
  });
  field.querySelector(".category-more").before(list);
}
