/* The form of a plan: shows the fields of what is chosen, and keeps the preview beside it up to date. Without
   script all fields show, and the preview has its button. */
const PAUSE = 500;

const form = document.querySelector("[data-plan-form]");
const preview = document.getElementById("plan-preview");

/** data-when="name=value": shown while the field has that value. */
function show() {
  const said = new FormData(form);
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, value] = part.dataset.when.split("=");
    part.hidden = !said.getAll(name).includes(value);
  }
}

let waiting;
let asking;

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
}

/** Asks the page itself, as its button does; an answer that comes too late is dropped. */
async function look() {
  asking?.abort();
  asking = new AbortController();
  const said = new FormData(form);
  said.set("preview", "1");
  try {
    const answer = await fetch(location.href, { method: "POST", body: said, signal: asking.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("plan-preview");
    if (found) preview.replaceChildren(...found.childNodes);
  } catch {
    // Left as it was: the button asks again.
  }
}

show();
form.addEventListener("change", show);
form.addEventListener("input", later);
if (!form.querySelector(".has-error")) look();
