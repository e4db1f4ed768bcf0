// The page: asks for the code once, then shows what the device says, and asks again every ten seconds while looked at.

import { Device, at, el, tell } from "./parts.js";
import { asked, kept, line, now, pause, sent } from "./cards.js";
import { WORDS } from "./words.js";

const EVERY_MS = 10_000;
const CARDS = { now, pause, sent, line, asked, kept };

class App {
  device = new Device();
  home = null;
  shown = new Map(); // card: what it was made of
  timer = 0;
  asked = 0; // how often; an answer that was overtaken by what was asked after it is not shown

  constructor() {
    this.language = stored() ?? (document.documentElement.lang === "en" ? "en" : "vi");
    for (const each of document.querySelectorAll("[data-language]")) {
      each.addEventListener("click", () => this.speak(each.dataset.language));
    }
    document.addEventListener("visibilitychange", () => { if (!document.hidden && this.home) this.look(); });
    this.speak(this.language);
    this.begin();
  }

  get words() {
    return WORDS[this.language];
  }

  say(text) {
    return text ? text[this.language] : "";
  }

  speak(language) {
    this.language = language;
    try { localStorage.setItem("language", language); } catch { /* a browser that keeps nothing */ }
    document.documentElement.lang = language;
    for (const each of document.querySelectorAll("[data-language]")) {
      each.setAttribute("aria-pressed", String(each.dataset.language === language));
    }
    document.title = at("title").textContent = this.home ? this.words.title(this.home.label) : this.words.plainTitle;
    this.shown.clear();
    if (this.home) this.draw();
    else if (at("main").querySelector(".entrance")) this.askCode();
  }

  async begin() {
    try {
      const session = await this.device.get("/api/session");
      this.lost(false);
      if (!session.logged_in) return this.askCode(session.locked_s);
      this.device.token = session.token;
      await this.look();
    } catch (trouble) {
      this.lost(true);
      setTimeout(() => this.begin(), 2000);
    }
  }

  askCode(lockedS = 0) {
    clearTimeout(this.timer);
    this.home = null;
    this.shown.clear();
    const words = this.words.code;
    const input = el("input.code", {
      id: "code", autocomplete: "current-password", autocapitalize: "characters", spellcheck: "false", maxlength: 40,
      "aria-describedby": "code-about code-wrong", enterkeyhint: "go",
    });
    const wrong = el("p.wrong", { id: "code-wrong", role: "alert" });
    const enter = el("button.main", { type: "submit" }, words.enter);
    const form = el("form.entrance", {}, el("h2", {}, words.heading), el("p.quiet", { id: "code-about" }, words.about),
      el("label", { for: "code" }, words.label), input, wrong, enter);
    const wait = (seconds) => {
      const until = performance.now() + seconds * 1000;
      enter.disabled = true;
      const count = setInterval(() => {
        const left = Math.ceil((until - performance.now()) / 1000);
        wrong.textContent = left > 0 ? words.locked(left) : "";
        if (left > 0 && form.isConnected) return;
        clearInterval(count);
        enter.disabled = false;
      }, 500);
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      wrong.textContent = input.value.trim() ? "" : words.empty;
      if (wrong.textContent) return;
      enter.disabled = true;
      try {
        this.device.token = (await this.device.post("/api/login", { code: input.value.trim() })).token;
        await this.look();
      } catch (trouble) {
        wrong.textContent = trouble.kind === "lost" ? this.words.lost : this.say(trouble.text) || this.words.trouble;
        input.select();
        if (trouble.code === "locked") return wait(trouble.retryS);
      }
      enter.disabled = false;
    });
    at("main").replaceChildren(form);
    if (lockedS > 0) wait(lockedS);
  }

  async look() {
    clearTimeout(this.timer);
    const mine = (this.asked += 1);
    try {
      const home = await this.device.get("/api/home");
      if (mine !== this.asked) return;
      this.show(home);
    } catch (trouble) {
      if (mine !== this.asked) return;
      if (trouble.kind === "login") return this.askCode();
      this.lost(true);
    }
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), EVERY_MS);
  }

  show(home) {
    this.lost(false);
    this.home = home;
    document.title = at("title").textContent = this.words.title(home.label);
    this.draw();
  }

  draw() {
    const main = at("main");
    if (!main.querySelector(".card")) {
      main.replaceChildren(...Object.keys(CARDS).map((name) => el("section.card", { id: name })), el("footer", { id: "foot" }));
      this.shown.clear();
    }
    for (const [name, card] of Object.entries(CARDS)) {
      const made = card.of(this.home);
      const key = JSON.stringify(made);
      if (this.shown.get(name) === key) continue;
      this.shown.set(name, key);
      const place = at(name);
      const held = place.contains(document.activeElement) ? document.activeElement.id : "";
      const open = place.querySelector("details")?.open ?? false;
      card.draw(this, place, made);
      if (open) place.querySelector("details")?.setAttribute("open", "");
      if (held) at(held)?.focus({ preventScroll: true });
    }
    const words = this.words.foot;
    if (this.shown.has("foot")) return;
    this.shown.set("foot", true);
    at("foot").replaceChildren(el("p.quiet", {}, words.no_picture),
      el("p.quiet", {}, words.node(this.home.node, this.home.ward)),
      el("button", { type: "button", id: "logout", onclick: () => this.logout() }, words.logout));
  }

  async logout() {
    try {
      await this.device.post("/api/logout");
    } catch { /* the session is over anyway, or the device is away */ }
    this.device.token = null;
    this.asked += 1;
    this.askCode();
  }

  // A change of the pause.
  async change(path, body, done) {
    try {
      const home = await this.device.post(path, body);
      if (!this.home) return; // logged out since
      this.asked += 1;
      this.later();
      this.show(home);
      tell(done);
      at("pause").querySelector("button")?.focus();
    } catch (trouble) {
      if (!this.home) return;
      if (trouble.kind === "login") return this.askCode();
      const wrong = at("pause").querySelector(".wrong"); // of now: the card may have been drawn anew since
      if (wrong) wrong.textContent = trouble.kind === "lost" ? this.words.lost : this.say(trouble.text) || this.words.trouble;
    }
  }

  lost(is) {
    at("lost").hidden = !is;
    at("lost").textContent = is ? this.words.lost : "";
  }
}

function stored() {
  try {
    const language = localStorage.getItem("language");
    return language in WORDS ? language : null;
  } catch {
    return null;
  }
}

new App();
