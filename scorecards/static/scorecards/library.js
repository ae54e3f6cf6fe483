/* The shared library: categories and root causes put into the scorecard as copies, and saved for others. */
import { toast } from "../common/js/toast.js";
import { make, say, words } from "./parts.js";
import { call } from "./saving.js";

const KIND_WORDS = { category: "library_categories", root_causes: "library_causes" };

function item(row, take) {
  const shown = make("library-item");
  shown.querySelector("[data-name]").textContent = row.name;
  shown.querySelector("[data-text]").textContent = row.content.description ?? [...(row.content.negative ?? []), ...(row.content.positive ?? [])].map((each) => each.cause ?? each).join(" · ");
  shown.querySelector("button").setAttribute("aria-label", say(words.insert, { name: row.name }));
  shown.querySelector("button").addEventListener("click", () => take(row.content));
  return shown;
}

async function everything(form) {
  const rows = [];
  let address = form.dataset.library;
  while (address) {
    const found = await call(form, "GET", address);
    rows.push(...found.results);
    address = found.next;
  }
  return rows;
}

/** Opens the library's list of one kind; `take(content)` gets what is chosen. */
export async function insertFrom(form, kind, take) {
  const dialog = document.getElementById("library-insert");
  const [box, note] = [dialog.querySelector("ul"), dialog.querySelector("[data-note]")];
  dialog.querySelector("h2").textContent = words[KIND_WORDS[kind]];
  box.replaceChildren();
  note.textContent = words.loading;
  dialog.showModal();
  try {
    const rows = (await everything(form)).filter((row) => row.kind === kind);
    const chosen = (content) => {
      dialog.close();
      take(content);
    };
    box.replaceChildren(...rows.map((row) => item(row, chosen)));
    note.textContent = rows.length ? "" : words.library_empty;
  } catch (refusal) {
    note.textContent = refusal.message;
  }
}

/** Asks for a name and saves the content under it. */
export function saveTo(form, kind, name, content) {
  const dialog = document.getElementById("library-save");
  const [input, note] = [dialog.querySelector("input"), dialog.querySelector("[data-note]")];
  input.value = name;
  note.textContent = "";
  dialog.querySelector("form").onsubmit = async (event) => {
    event.preventDefault();
    try {
      await call(form, "POST", form.dataset.library, { kind, name: input.value, content });
      dialog.close();
      toast(words.in_library);
    } catch (refusal) {
      note.textContent = refusal.message;
      input.focus();
    }
  };
  dialog.showModal();
  input.select();
}
