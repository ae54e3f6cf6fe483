/* Root causes of a category: the list that fits the rating, numbered so that digits choose, and the other one near. */

const listsOf = (field) => [...field.querySelectorAll("[data-causes] [data-list]")];
const boxesOf = (within) => [...within.querySelectorAll("input[type=checkbox]")];
const shownBoxes = (field) => listsOf(field).filter((list) => !list.hidden).flatMap(boxesOf);
const other = (field) => field.querySelector(".cause-other input");

export const inCauses = (element) => element?.closest?.("[data-causes]") ?? null;

/** What was chosen, as it is stored. */
export function causesOf(field) {
  const own = other(field)?.value.trim();
  return [...boxesOf(field).filter((box) => box.checked).map((box) => box.value), ...(own ? [`Other: ${own}`] : [])];
}

export function setCauses(field, causes) {
  for (const box of boxesOf(field)) box.checked = causes.includes(box.value);
  if (other(field)) other(field).value = causes.filter((cause) => cause.startsWith("Other: ")).map((cause) => cause.slice(7)).join("; ");
}

/** Shows the list of bad or of good ratings, and whatever else has something chosen. */
export function showList(field, kind) {
  const lists = listsOf(field);
  const wanted = lists.find((list) => list.dataset.list === kind) ?? lists[0];
  for (const list of lists) list.hidden = list !== wanted && !boxesOf(list).some((box) => box.checked);
  field.dataset.causeList = wanted?.dataset.list ?? "";
  const turn = field.querySelector("[data-other-list]");
  if (turn) turn.hidden = lists.every((list) => !list.hidden);
  number(field);
}

function number(field) {
  shownBoxes(field).forEach((box, index) => {
    const key = box.parentElement.querySelector("kbd");
    key.textContent = index < 9 ? String(index + 1) : "";
    key.hidden = index > 8;
  });
  const key = field.querySelector(".cause-other kbd");
  if (key) key.hidden = false;
}

export function otherList(field) {
  showList(field, field.dataset.causeList === "negative" ? "positive" : "negative");
  focusCauses(field);
}

export function focusCauses(field) {
  const lists = listsOf(field);
  const list = lists.find((each) => each.dataset.list === field.dataset.causeList);
  (boxesOf(list ?? field)[0] ?? other(field))?.focus();
}

export function chooseCause(field, digit) {
  const box = shownBoxes(field)[Number(digit) - 1];
  box?.click();
  box?.focus();
  return Boolean(box);
}

export function focusOther(field) {
  other(field)?.focus();
  return Boolean(other(field));
}

/** Up and down inside the lists. */
export function stepCause(field, by) {
  const all = [...shownBoxes(field), ...(other(field) ? [other(field)] : [])];
  const at = all.indexOf(document.activeElement);
  all[Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
}
