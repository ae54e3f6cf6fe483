/* Keeps a draft on the server as it changes: one request at a time, the newest content, numbered so that a tab
   that is behind overwrites nothing. A lost connection is tried again; what was typed stays in the page.

   new Saver({ url, token, number, read, spent, show })
   read() gives { ratings, comment, answers, remarks }; spent() the seconds of active time; show(state, detail) with state
   "unsaved", "saving", "saved", "offline", "stale" (saved elsewhere since), "refused" (with the server's words) */

const PAUSE = 700;
const FIRST_RETRY = 2000;
const LONGEST_RETRY = 30000;
const LEAST_TIME = 5; // seconds worth a request of their own

export class Saver {
  constructor({ url, token, number, read, spent, show }) {
    Object.assign(this, { url, token, number, read, spent, show });
    this.kept = JSON.stringify(read());
    this.told = spent();
    this.unanswered = null; // what a request carried whose answer never came
    this.running = null;
    this.stopped = false;
    this.refusal = null; // "stale" or "refused": why nothing is saved from here any more
    this.retry = FIRST_RETRY;
    addEventListener("online", () => this.isBehind && this.save());
  }

  get isBehind() {
    return !this.stopped && JSON.stringify(this.read()) !== this.kept;
  }

  /** Something may have changed: save soon. */
  touch() {
    if (!this.isBehind) return;
    if (!this.running) this.show("unsaved");
    this.wait(PAUSE);
  }

  wait(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  /** Save now what is not saved yet; resolves to whether everything is. */
  async save() {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    if (!this.isBehind) return !this.stopped;
    this.running = this.send(JSON.stringify(this.read()));
    await this.running;
    this.running = null;
    return !this.stopped && !this.isBehind;
  }

  /** The page is going away: send what is not saved, or the time alone, without waiting for the answer. */
  leave() {
    if (this.stopped || (!this.isBehind && this.spent() - this.told < LEAST_TIME)) return;
    const body = this.isBehind ? this.body(this.read()) : JSON.stringify({ active_seconds: this.spent() });
    this.request("PATCH", body, { keepalive: true }).catch(() => this.show("offline"));
  }

  body(content) {
    this.told = this.spent();
    return JSON.stringify({ ...content, draft_number: this.number, active_seconds: this.told });
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  async send(content) {
    this.show("saving");
    let response;
    try {
      response = await this.request("PATCH", this.body(JSON.parse(content)));
    } catch {
      this.unanswered = content;
      return this.later();
    }
    if (response.ok) return this.keep(content, (await response.json()).draft_number);
    if (response.status === 412) return this.settle(content);
    if (response.status >= 500 || response.status === 429) return this.later();
    return this.giveUp("refused", (await detailOf(response)) ?? "");
  }

  request(method, body, more = {}) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.token, Accept: "application/json" };
    return fetch(this.url, { method, headers, body, signal: AbortSignal.timeout(15000), ...more });
  }

  keep(content, number) {
    Object.assign(this, { kept: content, number, unanswered: null, retry: FIRST_RETRY });
    if (this.isBehind) this.wait(PAUSE);
    this.show(this.isBehind ? "unsaved" : "saved");
  }

  later() {
    this.show("offline");
    this.wait(this.retry);
    this.retry = Math.min(this.retry * 2, LONGEST_RETRY);
  }

  /** The number did not fit: our own save whose answer was lost, or another tab's? */
  async settle(content) {
    const mine = this.unanswered;
    if (mine !== null) {
      try {
        const draft = await (await this.request("GET")).json();
        if (draft.draft_number === this.number + 1 && isSame(draft, JSON.parse(mine))) {
          return this.keep(mine, draft.draft_number);
        }
      } catch {
        return this.later();
      }
    }
    return this.giveUp("stale");
  }

  giveUp(refusal, detail) {
    this.stop();
    this.refusal = refusal;
    return this.show(refusal, detail);
  }
}

/** The words of a problem answer, or null. */
export async function detailOf(response) {
  try {
    return (await response.json()).detail;
  } catch {
    return null;
  }
}

function isSame(draft, mine) {
  const plain = ({ ratings, comment, answers, remarks }) =>
    JSON.stringify([ratings.map(flat), comment.trim(), Object.entries(answers).map(([key, answer]) => [key, answer.trim()]).sort(), remarks.map(flatRemark)]);
  return plain(draft) === plain(mine);
}

function flat(rating) {
  const { category, option = null, na, comment, root_causes: causes, evidence } = rating;
  return [category, option, na, comment.trim(), causes, evidence.map(({ message, start, end }) => [message, start, end])];
}

const flatRemark = ({ message, start = null, end = null, kind, body }) => [message, start, end, kind, body.trim()];
