/* Marks the words of the transcript that a review points at; each mark leads to what it says, and back.
   A passage counts Unicode code points of the message's plain text, which differs from what is shown only by blanks,
   by the dash of a list item, and by characters made visible one for one. */

const { marks, texts } = JSON.parse(document.getElementById("review-marks").textContent);

/** For each code point of the text where it is shown: [text node, offset, character], null for blanks. */
function places(body, text) {
  const shown = [];
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    let offset = 0;
    for (const character of walker.currentNode.data) {
      if (character.trim()) shown.push([walker.currentNode, offset, character]);
      offset += character.length;
    }
  }
  let at = 0;
  return [...text].map((character) => {
    if (!character.trim() || (character === "-" && shown[at]?.[2] !== "-")) return null;
    return shown[at++] ?? null;
  });
}

/** Text node -> for each of its characters the marks that cover it; blanks between marked words are marked too. */
function covered(body, text, passages) {
  const where = places(body, text);
  const cover = new Map();
  for (const passage of passages) {
    const ends = new Map();
    for (const place of where.slice(passage.start, passage.end)) {
      if (!place) continue;
      const [node, offset, character] = place;
      const [from] = ends.get(node) ?? [offset];
      ends.set(node, [from, offset + character.length]);
    }
    for (const [node, [from, to]] of ends) {
      if (!cover.has(node)) cover.set(node, Array.from({ length: node.data.length }, () => []));
      for (let place = from; place < to; place += 1) cover.get(node)[place].push(passage);
    }
  }
  return cover;
}

/** A link to what the innermost mark says; inside a link of the message only a mark. */
function element(node, passages) {
  const passage = passages.at(-1);
  const linked = node.parentElement.closest("a");
  const made = document.createElement(linked ? "mark" : "a");
  made.className = `marked is-${passage.kind}`;
  made.dataset.marks = passages.map((each) => each.id).join(" ");
  if (!linked) {
    made.href = `#${passage.target}`;
    made.title = passage.label;
    made.addEventListener("click", (event) => go(event, made, document.getElementById(passage.target)));
  }
  return made;
}

function wrap(node, covers) {
  let end = covers.length;
  while (end > 0) {
    let start = end - 1;
    const key = covers[start].map((each) => each.id).join(" ");
    while (start > 0 && covers[start - 1].map((each) => each.id).join(" ") === key) start -= 1;
    if (key) {
      const made = element(node, covers[start]);
      const piece = node.splitText(start);
      if (piece.data.length > end - start) piece.splitText(end - start);
      piece.replaceWith(made);
      made.append(piece);
    }
    end = start;
  }
}

/** Scrolls no further than needed, so that both sides stay in sight where there is room. */
function go(event, from, target) {
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  for (const other of document.querySelectorAll(".is-here")) other.classList.remove("is-here");
  target.classList.add("is-here");
  history.replaceState(null, "", from.getAttribute("href"));
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest" });
}

function link(anchor) {
  const parts = [...document.querySelectorAll(`[data-marks~="${anchor.dataset.passage}"]`)];
  if (!parts.length) return;
  parts[0].id = anchor.dataset.passage;
  if (parts[0].tabIndex < 0) parts[0].tabIndex = -1; // a <mark> takes the focus only when it is told to
  anchor.href = `#${anchor.dataset.passage}`;
  anchor.addEventListener("click", (event) => {
    go(event, anchor, parts[0]);
    for (const part of parts) part.classList.add("is-here");
  });
}

for (const [message, text] of Object.entries(texts)) {
  const body = document.querySelector(`#message-${message} .message-body`);
  const passages = marks.filter((mark) => String(mark.message) === message);
  if (body) for (const [node, covers] of covered(body, text, passages)) wrap(node, covers);
}
for (const anchor of document.querySelectorAll("[data-passage]")) if (anchor.dataset.passage) link(anchor);
