/* While a comment is typed: "@" offers people, "#" the hashtags in use. Arrow keys move, Enter or Tab takes, Escape
   closes. What is offered is fetched once, when it is first needed. */

const WORD = /(?:^|[\s(])([@#])([\p{L}\p{N}\p{M}_][\p{L}\p{N}\p{M}_ .'-]{0,40}|)$/u;
const MOST = 6;
const folded = (text) => text.toLocaleLowerCase().normalize("NFC");

export class Completion {
  /** urls: { people, hashtags }; words: { offers }; say(text): told politely. */
  constructor(root, urls, words, say) {
    Object.assign(this, { urls, words, say, fetched: {} });
    this.list = document.createElement("ul");
    Object.assign(this.list, { id: "completion", className: "completion", hidden: true });
    this.list.setAttribute("role", "listbox");
    root.addEventListener("input", (event) => event.target.matches("textarea[data-markdown]") && this.offer(event.target));
    root.addEventListener("keydown", (event) => this.isOpen && this.key(event));
    root.addEventListener("focusout", () => this.close());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const at = [...this.list.children].indexOf(event.target.closest("li"));
      if (at >= 0) this.take(at);
    });
  }

  get isOpen() {
    return !this.list.hidden && this.list.isConnected;
  }

  async offer(field) {
    const before = field.value.slice(0, field.selectionStart);
    const [, sign, typed] = WORD.exec(before) ?? [];
    if (!sign) return this.close();
    const all = await this.all(sign);
    if (field.value.slice(0, field.selectionStart) !== before) return undefined;
    const wanted = folded(typed);
    const found = all.filter(({ name }) => folded(name).startsWith(wanted) || (wanted && folded(name).includes(` ${wanted}`)));
    if (!found.length || (found.length === 1 && folded(found[0].name) === wanted)) return this.close();
    return this.open(field, found.slice(0, MOST), sign, typed.length);
  }

  all(sign) {
    this.fetched[sign] ??= sign === "@" ? this.people() : this.hashtags();
    return this.fetched[sign];
  }

  async people() {
    return (await this.read(`${this.urls.people}?limit=200`)).map(({ name }) => ({ name, note: "" }));
  }

  async hashtags() {
    return (await this.read(this.urls.hashtags)).map(({ hashtag, reviews }) => ({ name: hashtag, note: String(reviews) }));
  }

  /** Nothing is offered while the server cannot be reached; typing goes on. */
  async read(url) {
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" } });
      return response.ok ? (await response.json()).results : [];
    } catch {
      return [];
    }
  }

  open(field, found, sign, typed) {
    Object.assign(this, { field, found, sign, typed });
    this.list.replaceChildren(...found.map(({ name, note }, index) => this.row(sign + name, note, index)));
    field.after(this.list);
    this.list.hidden = false;
    field.setAttribute("aria-controls", this.list.id);
    field.setAttribute("aria-autocomplete", "list");
    this.mark(0);
    this.say(this.words.offers.replace("{count}", found.length));
  }

  row(name, note, index) {
    const item = document.createElement("li");
    item.id = `completion-${index}`;
    item.setAttribute("role", "option");
    item.append(name);
    if (note) item.append(Object.assign(document.createElement("span"), { className: "muted", textContent: note }));
    return item;
  }

  close() {
    this.list.hidden = true;
    this.field?.removeAttribute("aria-activedescendant");
  }

  mark(at) {
    this.at = (at + this.found.length) % this.found.length;
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === this.at)));
    this.field.setAttribute("aria-activedescendant", `completion-${this.at}`);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "ArrowDown") this.mark(this.at + 1);
    else if (event.key === "ArrowUp") this.mark(this.at - 1);
    else if (event.key === "Enter" || event.key === "Tab") this.take(this.at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  take(at) {
    const { field, sign, typed } = this;
    const end = field.selectionStart;
    field.setRangeText(`${sign}${this.found[at].name} `, end - typed - 1, end, "end");
    this.close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
