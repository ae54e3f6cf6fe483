/* Submitting, skipping, going on to the next: what leaves the page, and what is said when it does not work. */
import { detailOf } from "./saver.js";

export const postJson = (url, token, body) =>
  fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" },
    body: JSON.stringify(body),
  });

export class Finish {
  /** parts: root, form, urls, words, token, item (id of the queue item), grading, read(), saver and active (null in a revision), toast, showTab */
  constructor(parts) {
    Object.assign(this, parts, { leaving: false });
  }

  /** Why what was typed is not on the server: the page tells above why it saves no more, or nobody answered. */
  get unsaved() {
    return this.saver.refusal ? this.words[this.saver.refusal] : this.words.notSubmitted;
  }

  post(url, body) {
    return postJson(url, this.token, body);
  }

  async submit() {
    const { grading, form, saver, words } = this;
    const problems = grading.problems();
    if (problems.size) return this.tell(problems);
    if (!saver && !form.elements.reason.value.trim()) return this.askReason();
    this.busy(true);
    try {
      if (saver && !(await saver.save())) return this.toast(this.unsaved);
      const response = await this.post(this.urls.submit, this.content());
      return response.ok ? await this.goOn() : await this.refused(response);
    } catch {
      return this.toast(words.notSubmitted);
    } finally {
      this.busy(false);
    }
  }

  /** The draft is on the server already; a revision is sent whole. */
  content() {
    if (!this.saver) return { ...this.read(), reason: this.form.elements.reason.value };
    return { draft_number: this.saver.number, active_seconds: this.active.seconds };
  }

  tell(problems) {
    this.showTab("scorecard");
    this.grading.showProblems(problems);
    return this.toast(this.words.incomplete.replace("{count}", problems.size));
  }

  askReason() {
    this.showTab("scorecard");
    this.form.elements.reason.focus();
    return this.toast(this.words.reasonRequired);
  }

  async refused(response) {
    if (response.status !== 422) return this.toast((await detailOf(response)) ?? this.words.notSubmitted);
    const { errors, detail } = await response.json();
    const sent = this.grading.read().ratings;
    const problems = new Map();
    for (const error of errors) {
      const [, part, key] = error.pointer.split("/");
      if (part === "ratings" && sent[key]) problems.set(sent[key].category, error.detail);
      if (part === "answers") problems.set(key, error.detail);
    }
    this.grading.showProblems(problems);
    return this.toast(detail);
  }

  busy(on) {
    for (const button of this.root.querySelectorAll("[data-submit]")) button.disabled = on;
  }

  leave(url) {
    this.leaving = true;
    this.saver?.stop();
    location.assign(url);
  }

  async goOn() {
    this.leaving = true;
    this.saver?.stop();
    location.assign(this.urls.next ? await this.nextItem() : this.urls.done);
  }

  async nextItem(asked = {}) {
    return (await this.another(asked)) ?? this.urls.back;
  }

  /** The address of the next item, or null where nothing waits. */
  async another(asked) {
    const { next, item } = this.urls;
    const response = await this.post(next, asked).catch(() => null);
    return response?.status === 200 ? item.replace("/0/", `/${(await response.json()).id}/`) : null;
  }

  /** To the next one, this one as it is: the server has what was typed. */
  async later() {
    if (!(await this.saver.save())) return this.toast(this.unsaved);
    const address = await this.another({ after: this.item });
    return address ? this.leave(address) : this.toast(this.words.nothingElse);
  }

  async ask(text) {
    if (!(await this.saver.save())) return this.toast(this.unsaved);
    const response = await this.post(this.urls.ask, { text }).catch(() => null);
    return response?.ok ? this.leave(await this.nextItem({ after: this.item })) : this.trouble(response);
  }

  async skip(reason, comment) {
    const response = await this.post(this.urls.skip, { reason, comment }).catch(() => null);
    return response?.ok ? this.goOn() : this.trouble(response);
  }

  /** Saves what was typed, makes the move, and shows the page that it leads to. */
  async move(url, body, next) {
    if (this.saver && !(await this.saver.save())) return this.toast(this.unsaved);
    const response = await this.post(url, body).catch(() => null);
    return response?.ok ? this.leave(next) : this.trouble(response);
  }

  async trouble(response) {
    return this.toast((response && (await detailOf(response))) ?? this.words.notDone);
  }
}
