/* j and k move the focus along the .row-link of each row (or the rows themselves); Enter then is the browser's own. */
import { registerShortcuts } from "./keys.js";

const targets = (container) => [...container.querySelectorAll("[data-row], .row-link")].filter((row) => row.offsetParent);

export function rows(container) {
  const step = (by) => {
    const all = targets(container);
    if (!all.length) return false;
    const here = all.findIndex((row) => row.contains(document.activeElement));
    const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + by));
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
    return true;
  };
  const { list, next, previous } = document.getElementById("keys-sheet")?.dataset ?? {};
  registerShortcuts(list, [
    { keys: "j", label: next, repeats: true, run: () => step(1) },
    { keys: "k", label: previous, repeats: true, run: () => step(-1) },
  ]);
}
