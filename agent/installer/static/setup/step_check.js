// Check: what the node says of its own health, a test event to the ward, the photo for the hand-over.

import { at, button, el, renew } from "./dom.js";

const ASK_MS = 700;
const ORDER = ["broken", "mind", "unknown", "good"];
let turn = 0;

export const check = {
  enter(app, panel) {
    const words = app.words().check;
    panel.append(el("h2", {}, words.heading), el("p.quiet", {}, words.about), el("div", { id: "checks", role: "status" }),
      el("section.card", { "aria-labelledby": "test-heading" }, el("h3", { id: "test-heading" }, words.test), el("p.quiet", {}, words.testAbout),
        button(words.send, () => send(app), "main", { id: "send" }), el("p.big", { id: "test", role: "status" })),
      el("section.card", { "aria-labelledby": "photo-heading" }, el("h3", { id: "photo-heading" }, words.photo), el("p.quiet", {}, words.photoAbout),
        el("div", { id: "photo" }), button(words.take, () => take(app), "main", { id: "take" })));
    checks(app);
    if (app.view.reference_utc) photo(app, app.view.reference_utc);
  },

  leave() {
    turn += 1;
  },
};

async function checks(app) {
  const words = app.words().check;
  const mine = turn;
  renew(at("checks"), el("p", {}, words.running));
  try {
    const { checks: rows } = await app.api.get("/api/checks");
    if (mine !== turn || app.step !== "check") return;
    const of = (level) => rows.filter((row) => row.level === level);
    const count = (level) => of(level).length;
    const told = words.some(count("broken"), count("mind")) || words.allGood;
    const bad = ORDER.slice(0, 3).flatMap(of);
    renew(at("checks"), el("p.big", {}, told), list(app, bad),
      count("good") ? el("details", { open: !bad.length }, el("summary", {}, words.goodOnes(count("good"))), list(app, of("good"))) : null,
      button(words.again, () => checks(app)));
  } catch (trouble) {
    if (mine === turn && app.step === "check") {
      renew(at("checks"), el("p.notice.mind", {}, app.say(trouble.text) || app.words().trouble), button(words.again, () => checks(app)));
    }
  }
}

const list = (app, rows) => el("ul.checks", {}, rows.map((row) => el("li", { "data-level": row.level },
  el("span.mark", { role: "img", "aria-label": app.words().level[row.level] }), el("b", {}, app.say(row.title)), el("span", {}, app.say(row.text)),
  row.remedy ? el("span.remedy", {}, app.say(row.remedy)) : null)));

async function send(app) {
  const words = app.words().check;
  const mine = turn;
  const say = (text) => { if (mine === turn && at("test")) at("test").textContent = text; };
  at("send").disabled = true;
  try {
    await app.api.post("/api/test", { cam: app.camera });
    say(words.sent);
    let told;
    do {
      await new Promise((done) => { setTimeout(done, ASK_MS); });
      told = await app.api.get("/api/test");
    } while (told.state === "sent" && mine === turn);
    say(told.state === "back" ? words.backAfter(told.ms) : app.say(told.text));
  } catch (trouble) {
    say(trouble.kind === "lost" ? app.words().lost : app.say(trouble.text));
  }
  if (mine === turn && at("send")) at("send").disabled = false;
}

async function take(app) {
  const mine = turn;
  const { view } = app; // another camera may be chosen before the answer comes
  at("take").disabled = true;
  try {
    view.reference_utc = (await app.api.post(`/api/cameras/${view.id}/reference`)).at_utc;
    if (mine === turn) photo(app, view.reference_utc);
  } catch (trouble) {
    if (mine === turn) app.troubled(trouble, at("photo"));
  }
  if (mine === turn) at("take").disabled = false;
}

function photo(app, taken) {
  const words = app.words().check;
  const when = new Date(taken).toLocaleString(app.language, { timeZone: app.node.timezone, dateStyle: "short", timeStyle: "short" });
  const told = words.taken(when);
  renew(at("photo"), el("img.photo", { src: `/api/cameras/${app.camera}/reference.jpg?${encodeURIComponent(taken)}`, alt: told }), el("p.quiet", {}, told));
  at("take").textContent = words.takeAgain;
}
