/* Connects elements with data-controller="name ..." to the controllers below, once each.
   Pages with markup of their own call connect(element) on what they add. */
import { chart } from "./chart.js";
import { confirm } from "./confirm.js";
import { copy } from "./copy.js";
import { focus } from "./focus.js";
import { installKeys } from "./keys.js";
import { menu } from "./menu.js";
import { rows } from "./rows.js";
import { theme } from "./theme.js";
import { toasts } from "./toast.js";

const controllers = { chart, confirm, copy, focus, menu, rows, theme, toasts };
const connected = new WeakSet();

export function connect(root = document) {
  for (const element of root.querySelectorAll("[data-controller]")) {
    if (connected.has(element)) continue;
    connected.add(element);
    for (const name of element.dataset.controller.split(/\s+/)) controllers[name]?.(element);
  }
}

installKeys();
connect();
