/* Saving a draft, and not losing one: what is not saved yet is kept in this tab and offered again. */
import { words } from "./parts.js";

export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? "");
    Object.assign(this, { status, errors: problem.errors ?? [] });
  }

  get isLoggedOut() {
    return this.status === 401 || (this.status === 403 && this.message.startsWith("CSRF"));
  }
}

/** A call of the API with the session of the page: the JSON of the answer, else a Refusal (status 0: no answer). */
export async function call(form, method, address, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(address, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refusal(0, { detail: words.offline });
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, found);
  return found;
}

/** What was typed and not saved, kept for this tab under the address of the draft. */
export class Kept {
  constructor(address) {
    this.name = `scorecard-draft:${address}`;
  }

  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.name));
    } catch {
      return null;
    }
  }

  write(definition, etag) {
    try {
      sessionStorage.setItem(this.name, JSON.stringify({ definition, etag, at: Date.now() }));
    } catch {
      /* Storage is full or blocked: the guard against leaving still stands. */
    }
  }

  drop() {
    try {
      sessionStorage.removeItem(this.name);
    } catch {
      /* Storage is blocked: nothing was kept. */
    }
  }
}
