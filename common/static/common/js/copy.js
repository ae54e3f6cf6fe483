/* <button data-controller="copy" data-copy="text" (or data-copy-from="id") data-done="Copied"> */
import { toast } from "./toast.js";

export function copy(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copyFrom);
    const text = button.dataset.copy ?? source?.value ?? source?.textContent ?? "";
    try {
      await navigator.clipboard.writeText(text);
      toast(button.dataset.done);
    } catch {
      selectText(source);
    }
  });
}

/** Without leave to use the clipboard, the text is at least selected for Ctrl+C. */
function selectText(source) {
  if (source?.select) source.select();
  else if (source) getSelection().selectAllChildren(source);
}
