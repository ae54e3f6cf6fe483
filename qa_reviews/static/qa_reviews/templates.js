/* Ready texts for comments: a short list to filter by typing, the category's own first. */

const folded = (text) => text.toLocaleLowerCase();

export class Templates {
  /** dialog with an input and a list; url of the templates; words: { noTemplates, notDone }; say(text). */
  constructor(dialog, url, words, say) {
    Object.assign(this, { dialog, url, words, say });
    this.input = dialog.querySelector("input");
    this.list = dialog.querySelector("[role=listbox]");
    this.input.addEventListener("input", () => this.filter());
    dialog.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.take([...this.list.children].indexOf(event.target.closest("[role=option]"))));
  }

  /** insert(text) gets what is chosen; category: the key of the category that is written about. */
  async open(category, insert) {
    Object.assign(this, { category, insert, found: [] });
    this.input.value = "";
    this.list.replaceChildren();
    this.dialog.showModal();
    this.input.focus();
    this.all ??= await this.read();
    if (this.all) return this.filter();
    this.dialog.close();
    return this.say(this.words.notDone);
  }

  async read() {
    const found = [];
    try {
      for (let url = `${this.url}?limit=200`; url; ) {
        const response = await fetch(url, { headers: { Accept: "application/json" } });
        if (!response.ok) return null;
        const page = await response.json();
        found.push(...page.results);
        url = page.next;
      }
    } catch {
      return null;
    }
    return found;
  }

  filter() {
    if (!this.all) return;
    const words = folded(this.input.value).split(/\s+/).filter(Boolean);
    const fits = ({ name, body }) => words.every((word) => folded(`${name} ${body}`).includes(word));
    const rank = ({ category }) => (category === this.category ? 0 : category ? 2 : 1);
    this.found = this.all.filter(fits).sort((a, b) => rank(a) - rank(b));
    this.list.replaceChildren(...(this.found.length ? this.found.map((each, index) => this.row(each, index)) : [this.none()]));
    this.mark(0);
  }

  none() {
    return Object.assign(document.createElement("li"), { className: "muted", textContent: this.words.noTemplates });
  }

  row({ name, body }, index) {
    const item = document.createElement("li");
    item.id = `template-${index}`;
    item.setAttribute("role", "option");
    const [title, text] = [document.createElement("b"), document.createElement("span")];
    title.textContent = name;
    text.textContent = body;
    for (const each of [title, text]) each.dir = "auto";
    item.append(title, text);
    return item;
  }

  mark(at) {
    if (!this.found.length) return this.input.removeAttribute("aria-activedescendant");
    this.at = (at + this.found.length) % this.found.length;
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === this.at)));
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
    return this.input.setAttribute("aria-activedescendant", `template-${this.at}`);
  }

  key(event) {
    if (event.key === "ArrowDown") this.mark(this.at + 1);
    else if (event.key === "ArrowUp") this.mark(this.at - 1);
    else if (event.key === "Enter" && event.target === this.input) this.take(this.at);
    else return;
    event.preventDefault();
  }

  take(at) {
    const chosen = this.found[at];
    if (!chosen) return;
    this.dialog.close();
    this.insert(chosen.body);
  }
}
