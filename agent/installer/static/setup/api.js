// Asking the node. Every failure becomes a `Trouble` that knows what kind it is; what to do is left to the callers.

const PATIENCE_MS = 8000;

export class Trouble extends Error {
  // kind: "lost" (no answer), "login" (no session), "said" (the node says no, in words)
  constructor(kind, status = 0, error = {}, data = {}) {
    super(error.code ?? kind);
    this.kind = kind;
    this.status = status;
    this.code = error.code ?? kind;
    this.text = error.text ?? null;
    this.retryS = error.retry_s ?? null;
    this.data = data;
  }
}

export class Api {
  constructor(heard) {
    this.heard = heard; // (kind: "ok" | "lost" | "login") of every answer
    this.token = null;
  }

  get(path) {
    return this.#ask(path, {});
  }

  post(path, body = {}) {
    const headers = { "Content-Type": "application/json" };
    if (this.token) headers["X-Setup-Token"] = this.token;
    return this.#ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  // A JPEG as a blob.
  async picture(camera, width) {
    const { token } = this;
    const answer = await this.#fetch(`/api/cameras/${camera}/picture.jpg?width=${width}`, {});
    if (!answer.ok) throw await this.#trouble(answer, token);
    return answer.blob();
  }

  async #ask(path, options) {
    const { token } = this;
    const answer = await this.#fetch(path, options);
    if (!answer.ok) throw await this.#trouble(answer, token);
    return answer.json();
  }

  async #fetch(path, options) {
    let answer;
    try {
      answer = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
    } catch {
      this.heard("lost");
      throw new Trouble("lost");
    }
    this.heard("ok");
    return answer;
  }

  // `token`: of the session that asked. An answer to one that is over says nothing of the session that came after it.
  async #trouble(answer, token) {
    const data = await answer.json().catch(() => ({}));
    const error = data.error ?? {};
    const login = answer.status === 401 && error.code !== "wrong_code";
    if ((login || error.code === "token") && token === this.token) this.heard("login");
    return new Trouble(login ? "login" : "said", answer.status, error, data);
  }
}
