/* Keyboard shortcuts: one listener, off while typing and with modifier keys, listed on the "?" sheet.

   registerShortcuts(title, [{ keys: "j", label, run(event), whileTyping?, unlisted? }])
   keys: one or more of event.key ("j", "?", "Escape"), a sequence ("g q"), or "ctrl+enter" (also Cmd on a Mac).
   Later registrations win. `run` may return false to let the key through. Returns a function that takes them back. */

const groups = [];
const storageKey = "single-key-shortcuts";
let pending = "";
let pendingTimer = 0;

export function registerShortcuts(title, shortcuts) {
  const group = { title, shortcuts };
  groups.push(group);
  return () => groups.splice(groups.indexOf(group), 1);
}

export function isTyping(target) {
  if (!(target instanceof Element)) return false;
  if (target.closest("[contenteditable]:not([contenteditable='false']), textarea, select")) return true;
  const input = target.closest("input");
  return Boolean(input) && !["checkbox", "radio", "button", "submit", "reset"].includes(input.type);
}

function nameOf(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey) return "ctrl+enter";
  return event.ctrlKey || event.metaKey || event.altKey ? "" : event.key;
}

function find(name) {
  for (const group of [...groups].reverse()) {
    const found = group.shortcuts.find((shortcut) => [shortcut.keys].flat().includes(name));
    if (found) return found;
  }
  return undefined;
}

const startsSequence = (name) =>
  groups.some((group) => group.shortcuts.some((shortcut) => [shortcut.keys].flat().some((keys) => keys.startsWith(`${name} `))));

function wait(name) {
  pending = name;
  clearTimeout(pendingTimer);
  pendingTimer = setTimeout(() => (pending = ""), 1500);
}

function onKey(event) {
  const name = nameOf(event);
  if (!name || event.defaultPrevented || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  const sequence = pending && `${pending} ${name}`;
  const shortcut = (sequence && find(sequence)) || find(name);
  pending = "";
  const single = name.length === 1;
  if (isTyping(event.target) && !shortcut?.whileTyping) return;
  if (single && !singleKeysOn()) return;
  if (!shortcut) {
    if (single && startsSequence(name)) wait(name);
    return;
  }
  if (event.repeat && !shortcut.repeats) return;
  if (shortcut.run(event) !== false) event.preventDefault();
}

function singleKeysOn() {
  try {
    return localStorage.getItem(storageKey) !== "off";
  } catch {
    return true;
  }
}

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function describe(group) {
  const listed = group.shortcuts.filter((shortcut) => shortcut.label && !shortcut.unlisted);
  if (!listed.length) return "";
  const section = element("section");
  const list = element("dl");
  for (const { keys, label } of listed) {
    const shown = element("dd");
    shown.append(...[keys].flat()[0].split(" ").map((key) => element("kbd", key)));
    list.append(element("dt", label), shown);
  }
  section.append(element("h3", group.title), list);
  return section;
}

function openSheet(sheet) {
  const slot = sheet.querySelector(".keys-groups");
  slot.replaceChildren(...groups.map(describe));
  sheet.showModal();
}

function visit(link) {
  link.click();
}

/** The shortcuts every page has, worded by data attributes of the sheet, the navigation and the search. */
export function installKeys() {
  document.addEventListener("keydown", onKey);
  const sheet = document.getElementById("keys-sheet");
  if (!sheet) return;
  const places = new Map([...document.querySelectorAll("[data-key]")].reverse().map((link) => [link.dataset.key, link]));
  registerShortcuts(sheet.dataset.places, [...places].reverse().map(([key, link]) => ({
    keys: `g ${key}`, label: link.dataset.label || link.textContent.trim(), run: () => visit(link),
  })));
  const search = document.querySelector("[data-search]");
  registerShortcuts(sheet.dataset.everywhere, [
    { keys: "/", label: sheet.dataset.search, run: () => goToSearch(search) },
    { keys: "?", label: sheet.dataset.sheet, run: () => openSheet(sheet) },
  ]);
  for (const button of document.querySelectorAll("[data-keys-sheet]")) {
    button.hidden = false;
    button.addEventListener("click", () => openSheet(sheet));
  }
  const toggle = sheet.querySelector("input");
  toggle.checked = singleKeysOn();
  toggle.addEventListener("change", () => remember(toggle.checked));
}

function remember(on) {
  try {
    localStorage.setItem(storageKey, on ? "on" : "off");
  } catch {
    /* Storage is blocked: the choice holds for this page only through the checkbox. */
  }
}

function goToSearch(search) {
  if (!search) return false;
  if (search.offsetParent) {
    search.focus();
    search.select();
  } else {
    document.querySelector("[data-search-link]")?.click();
  }
  return true;
}
