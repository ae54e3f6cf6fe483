/* Moves the focus to an element when the page opens (the error summary). */
export function focus(element) {
  element.focus();
}
