/* Below a comment that is being written: insert a template, see what it will look like. */

/** Adds the tools to each text field of the root. actions: { template(field) or null, preview(text) -> HTML or null } */
export function addTools(root, words, actions) {
  for (const field of root.querySelectorAll("textarea[data-markdown]")) field.after(tools(field, words, actions));
}

function tools(field, words, actions) {
  const bar = document.createElement("div");
  bar.className = "text-tools";
  const preview = button(words.preview);
  preview.setAttribute("aria-pressed", "false");
  preview.addEventListener("click", () => turn(field, bar, preview, actions));
  field.addEventListener("input", () => hide(bar, preview));
  if (actions.template) bar.append(templateButton(words, () => actions.template(field)));
  bar.append(preview);
  return bar;
}

function templateButton(words, insert) {
  const made = button(words.template, "i");
  made.addEventListener("click", insert);
  return made;
}

function button(words, key) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = words;
  if (key) made.append(" ", Object.assign(document.createElement("kbd"), { textContent: key, ariaHidden: "true" }));
  return made;
}

function hide(bar, preview) {
  bar.parentElement.querySelector(":scope > .preview")?.remove();
  preview.setAttribute("aria-pressed", "false");
}

async function turn(field, bar, preview, actions) {
  if (preview.getAttribute("aria-pressed") === "true") return hide(bar, preview);
  const html = await actions.preview(field.value);
  if (html === null) return undefined;
  const shown = document.createElement("div");
  shown.className = "preview prose";
  shown.dir = "auto";
  shown.setAttribute("role", "status");
  shown.innerHTML = html; // cleaned by the server
  bar.after(shown);
  return preview.setAttribute("aria-pressed", "true");
}
