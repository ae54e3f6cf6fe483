/* The queue by keyboard: n takes the next one. */
import { registerShortcuts } from "../common/js/keys.js";

const next = document.querySelector("form[data-next]");
if (next) {
  const { keys, label } = next.dataset;
  registerShortcuts(keys, [{ keys: "n", label, run: () => next.requestSubmit() }]);
}
