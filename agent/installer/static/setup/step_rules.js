// Rules: what to tell, where, and when. The forms are made from what the node says of each rule.

import { at, button, el, renew, tell } from "./dom.js";
import { field, plain } from "./forms.js";
import { centre } from "./geometry.js";
import { check, placeOf } from "./mistakes.js";
import { inShort } from "./schedule.js";

let open = null; // the key of the rule that is shown
let choosing = false;
let asked = 0;

export const rules = {
  enter(app, panel) {
    if (app.more?.key) open = app.more.key;
    app.placeOfRule = () => placeOfRule(app);
    app.drawArrow = (done) => drawArrow(app, done);
    panel.append(el("div", { id: "rules-panel" }));
    rules.changed(app);
    if (app.more?.field) at(`field-${app.more.field}-all`)?.scrollIntoView({ block: "center" });
  },

  leave(app) {
    choosing = false;
    app.board.arrow = null;
    app.board.edit(false);
  },

  changed(app) {
    const words = app.words().rules;
    const { state } = app.draft;
    if (!state.rules.some((rule) => rule.key === open)) open = null;
    shine(app);
    if (app.board.adding) return renew(at("rules-panel"), el("p.card.big", {}, app.words().draw.start.arrow));
    renew(at("rules-panel"), el("h2", {}, words.heading), el("p.quiet", {}, words.about),
      state.rules.length ? el("ul.rules", {}, state.rules.map((rule) => card(app, rule, words))) : el("p.card", {}, words.none),
      choosing ? gallery(app, words) : button(words.add, () => choose(app), "main.wide", { "data-id": "add-rule" }));
    renew(at("tools"));
    showMistakes(app);
    soon(app);
  },
};

const specOf = (app, rule) => app.schema.rules.find((each) => each.rule === rule.rule);
const aboutOf = (app, spec) => app.words().rules.abouts[spec.rule] ?? plain(app.say(spec.about));
const placeOfIt = (spec, rule) => (spec?.place ? rule[spec.place] : null);

function card(app, rule, words) {
  const spec = specOf(app, rule);
  const own = rule.key === open;
  const where = placeOfIt(spec, rule) ?? (spec?.place === "zone" ? words.wholePicture : "");
  const head = button("", () => {
    open = own ? null : rule.key;
    choosing = false;
    rules.changed(app);
  }, "row", { "aria-expanded": String(own), "data-id": `rule.${rule.key}` });
  head.append(el("b", {}, spec ? app.say(spec.title) : rule.rule), el("span.quiet", {}, [where, inShort(app, rule.schedule)].filter(Boolean).join(" · ")));
  return el("li.card", { "data-own": own, "data-rule": rule.key }, el("h3", {}, head), el("div.wrongs"), own && spec ? form(app, rule, spec, words) : null);
}

function form(app, rule, spec, words) {
  const made = (each) => field(app, each, rule[each.key], (value) => {
    app.silent = true;
    app.draft.setRule(rule.key, each.key, value);
    app.silent = false;
    if (["zone", "line", "arrow", "schedule"].includes(each.kind)) shine(app);
    const head = document.querySelector(`[data-id="rule.${rule.key}"] .quiet`);
    const now = app.draft.state.rules.find((one) => one.key === rule.key);
    if (head) head.textContent = [placeOfIt(spec, now) ?? (spec.place === "zone" ? words.wholePicture : ""), inShort(app, now.schedule)].filter(Boolean).join(" · ");
    soon(app);
  });
  const shown = spec.fields.filter((each) => each.key !== "rule");
  const order = (each) => ["zone", "line", "arrow"].indexOf(each.kind) + 1 || (each.kind === "schedule" ? 9 : 5);
  const always = shown.filter((each) => !each.advanced).sort((a, b) => order(a) - order(b));
  const folded = shown.filter((each) => each.advanced);
  return el("div.form", {}, el("p.quiet", {}, aboutOf(app, spec)), always.map(made),
    folded.length ? el("details", {}, el("summary", {}, words.more), folded.map(made)) : null,
    button(words.removeRule, () => {
      app.draft.removeRule(rule.key);
      tell(words.removed);
    }, "danger", { "data-id": "remove-rule" }));
}

function choose(app) {
  choosing = true;
  open = null;
  rules.changed(app);
  at("gallery").scrollIntoView({ block: "start" });
  at("gallery").querySelector("button").focus({ preventScroll: true });
}

function gallery(app, words) {
  return el("section.gallery", { id: "gallery", "aria-label": words.choose }, el("h3", {}, words.choose), el("ul", {}, app.schema.rules.map((spec) => {
    const pick = button("", () => add(app, spec), "card", { "data-id": `pick.${spec.rule}` });
    pick.append(el("b", {}, app.say(spec.title)), el("span.quiet", {}, aboutOf(app, spec)));
    return el("li", {}, pick);
  })), button(app.words().close, () => {
    choosing = false;
    rules.changed(app);
  }));
}

// A new rule begins at the shape that no rule uses yet, else at the last one drawn.
function add(app, spec) {
  const shapes = spec.place ? app.draft.of(spec.place) : [];
  const shape = shapes.filter((each) => !app.draft.users(each).length).at(-1) ?? shapes.at(-1);
  choosing = false;
  const rule = { rule: spec.rule };
  if (shape) rule[spec.place] = shape.name;
  app.silent = true;
  open = app.draft.addRule(rule);
  app.silent = false;
  rules.changed(app);
  const head = document.querySelector(`[data-id="rule.${open}"]`);
  head?.focus({ preventScroll: true });
  head?.scrollIntoView({ block: "nearest" });
}

// On the picture: the rule's place stands out, its arrow is shown.
function shine(app) {
  const rule = app.draft.state.rules.find((each) => each.key === open);
  const spec = rule && specOf(app, rule);
  const name = rule && placeOfIt(spec, rule);
  const shape = name ? app.draft.of(spec.place).find((each) => each.name === name) : null;
  const arrow = spec?.fields.find((each) => each.kind === "arrow");
  app.board.arrow = arrow ? rule[arrow.key] ?? null : null;
  app.board.selected = shape?.key ?? null;
  app.board.draw();
}

function placeOfRule(app) {
  const shape = app.draft.shape(app.board.selected);
  return shape ? centre(shape.points) : [0.5, 0.5];
}

function drawArrow(app, done) {
  app.steps.draw.listen(app);
  app.board.editable = true;
  app.board.say.arrow = (points) => {
    app.board.editable = false;
    if (points) done(points);
    rules.changed(app);
  };
  app.board.begin("arrow");
  tell(app.words().draw.start.arrow);
  at("figure").scrollIntoView({ block: "nearest" });
  app.board.focus("cursor");
}

// --- what the node says of it, a moment after the last change ---

function soon(app) {
  const mine = (asked += 1);
  setTimeout(async () => {
    if (mine !== asked || app.step !== "rules") return;
    await check(app).catch(() => {});
    if (mine === asked && app.step === "rules") showMistakes(app);
  }, 600);
}

function showMistakes(app) {
  for (const place of document.querySelectorAll(".rules .wrongs")) place.replaceChildren();
  for (const place of document.querySelectorAll("[data-field][data-said]")) {
    place.textContent = "";
    delete place.dataset.said;
  }
  for (const mistake of app.mistakes) {
    const place = placeOf(app, mistake);
    if (place?.step !== "rules" || place.camera !== app.camera) continue;
    const text = [app.say(mistake.text), app.say(mistake.remedy)].filter(Boolean).join(". ");
    const spot = place.key === open && place.field ? document.querySelector(`[data-field="${place.field}"]`) : null;
    if (spot) {
      spot.textContent = text;
      spot.dataset.said = "node";
    } else document.querySelector(`[data-rule="${place.key}"] .wrongs`)?.append(el("p.wrong", {}, text));
  }
}
