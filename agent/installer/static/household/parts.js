// Small makers of elements, and asking the device. Text is only ever set as text.

const PATIENCE_MS = 8000;

export const at = (id) => document.getElementById(id);

// el("p.quiet", {id: "x", onclick: f}, "text", child, …); null children are left out.
export function el(kind, given = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.classList.add(...classes);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "disabled") made[name] = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export class Trouble extends Error {
  // kind: "lost" (no answer), "login" (no session), "said" (the device says no, in words)
  constructor(kind, error = {}) {
    super(error.code ?? kind);
    this.kind = kind;
    this.code = error.code ?? kind;
    this.text = error.text ?? null;
    this.retryS = error.retry_s ?? null;
  }
}

export class Device {
  token = null;

  get(path) {
    return this.#ask(path, {});
  }

  post(path, body = {}) {
    const headers = { "Content-Type": "application/json" };
    if (this.token) headers["X-Household-Token"] = this.token;
    return this.#ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async #ask(path, options) {
    let answer;
    try {
      answer = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
    } catch {
      throw new Trouble("lost");
    }
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    const error = told.error ?? {};
    throw new Trouble(error.code === "login" || error.code === "token" ? "login" : "said", error);
  }
}

export function tell(text) {
  const place = at("told");
  place.textContent = "";
  setTimeout(() => { place.textContent = text; }, 60);
}
