/* The rows of the builder and what is their own: fields and lists that no row in between holds. */

const ownerOf = (element) => element.closest("[data-part]");
const inside = (part, selector) => [...part.querySelectorAll(selector)].filter((found) => ownerOf(found) === part);

export const own = (part, selector) => inside(part, selector)[0];
export const field = (part, name) => own(part, `[data-field="${name}"]`);
export const fieldsOf = (part) => inside(part, "[data-field]");
export const text = (part, name) => field(part, name).value.trim();
export const list = (part, name) => own(part, `[data-list="${name}"]`);
export const rows = (part, name) => [...(list(part, name)?.children ?? [])].filter((row) => row.dataset.part);
export const ownPart = (part, name) => own(part, `[data-shown="${name}"]`);
export const categoriesOf = (card) => rows(card, "groups").flatMap((group) => rows(group, "categories"));
export const numberOf = (part, name) => Number(text(part, name).replace(",", ".")) || 0;

/** A fresh copy of a row's template. */
export function make(kind) {
  return document.querySelector(`template[data-template="${kind}"]`).content.firstElementChild.cloneNode(true);
}

/** Puts "{name}" places of a sentence in. */
export const say = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** The words of the page, in the reader's language. */
export const words = JSON.parse(document.getElementById("editor-words").textContent);
