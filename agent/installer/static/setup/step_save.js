// Save: what will change, what is wrong with it and where, and how the trial ended. While the node begins again nothing
// answers; the drawing stays and the page goes on asking.

import { at, button, el, renew, tell } from "./dom.js";
import { changedCameras, check, placeOf, told } from "./mistakes.js";

const ASK_MS = 1000;
let turn = 0;

export const save = {
  enter(app, panel) {
    const words = app.words().save;
    panel.append(el("h2", {}, words.heading), el("div", { id: "save" }));
    if (app.config.trial || app.restarting) watch(app);
    else begin(app);
  },

  leave() {
    turn += 1;
  },
};

// Whether something else runs by now than what was drawn over.
const stale = (app) => [...app.drafts.values()].some((draft) => draft.dirty && draft.base !== app.config.hash);

const begin = (app) => (stale(app) ? conflict(app) : review(app));

async function review(app) {
  const words = app.words().save;
  const mine = (turn += 1);
  const here = () => mine === turn && app.step === "save";
  const changes = el("ul.changes", {}, changesOf(app, words).map((each) => el("li", {}, each)));
  const recalled = app.recalled ? [el("p.notice.mind", {}, words.recalled), button(words.forget, () => {
    app.recalled = false;
    for (const draft of app.drafts.values()) draft.take(app.config.hash, running(app, draft.camera));
    review(app);
  })] : [];
  if (!changedCameras(app).length) {
    return renew(at("save"), el("p.card", {}, words.same), button(app.words().done.finish, () => app.go("done", { same: true }), "main.wide"));
  }
  renew(at("save"), recalled, el("section.card", {}, el("h3", {}, words.changes), changes), el("p.quiet", { role: "status" }, words.checking));
  try {
    await check(app);
  } catch (trouble) {
    if (here()) renew(at("save"), el("section.card", {}, el("h3", {}, words.changes), changes),
      el("p.notice.broken", { role: "alert" }, trouble.kind === "lost" ? app.words().lost : app.say(trouble.text) || app.words().trouble),
      button(app.words().check.again, () => review(app)));
    return;
  }
  if (!here()) return;
  const wrong = app.mistakes.length > 0;
  renew(at("save"), recalled, el("section.card", {}, el("h3", {}, words.changes), changes), wrong ? mistakes(app, words) : el("p.good", {}, `✓ ${words.ready}`),
    app.remarks.length ? el("section.card", {}, el("h3", {}, words.remarks), el("ul", {}, app.remarks.map((each) => el("li", {}, app.say(each))))) : null,
    wrong ? null : el("p.quiet", {}, words.about),
    wrong ? null : button(words.save, () => send(app), "main.wide", { "data-id": "save", id: "save-now" }), el("div", { id: "save-trouble" }));
  tell(wrong ? words.mistakes(app.mistakes.length) : words.ready);
}

function mistakes(app, words) {
  return el("section.card", { role: "alert" }, el("h3", {}, words.mistakes(app.mistakes.length)), el("ul.mistakes", {}, app.mistakes.map((mistake) => {
    const place = placeOf(app, mistake);
    return el("li", {}, told(app, mistake), place ? button(words.goThere, () => {
      if (place.camera !== app.camera) app.chooseCamera(place.camera);
      app.go(place.step, place);
    }) : null);
  })));
}

const running = (app, camera) => app.config.cameras.find((each) => each.id === camera) ?? {};

// In words: what is new, changed or gone.
function changesOf(app, words) {
  const many = app.node.cameras.length > 1;
  return [...app.drafts.values()].filter((draft) => draft.dirty).flatMap((draft) => {
    const before = running(app, draft.camera);
    const after = draft.written();
    const kinds = { zones: "zone", lines: "line", privacy_masks: "mask" };
    const told = Object.entries(kinds).flatMap(([section, kind]) => {
      const [old, now] = [before[section] ?? {}, after[section]];
      const name = (each) => `${words.kind[kind]} ${each}`;
      return [
        ...Object.keys(now).filter((each) => !(each in old)).map((each) => words.fresh(name(each))),
        ...Object.keys(now).filter((each) => each in old && JSON.stringify(old[each]) !== JSON.stringify(now[each])).map((each) => words.changed(name(each))),
        ...Object.keys(old).filter((each) => !(each in now)).map((each) => words.dropped(name(each))),
      ];
    });
    const rules = before.rules ?? [];
    if (JSON.stringify(rules) !== JSON.stringify(after.rules)) told.push(words.rules(rules.length, after.rules.length));
    if ((before.transcode ?? null) !== after.transcode) told.push(words.encode);
    return many ? told.map((each) => `${draft.camera}: ${each}`) : told;
  });
}

async function send(app) {
  at("save-now").disabled = true;
  for (const draft of app.drafts.values()) draft.send();
  try {
    const answer = await app.api.post("/api/save", { hash: app.config.hash, cameras: changedCameras(app) });
    if (answer.job === null) return await kept(app);
    watch(app, answer.window_s);
  } catch (trouble) {
    if (trouble.kind !== "lost") for (const draft of app.drafts.values()) draft.sent = null;
    if (trouble.code === "changed") {
      await app.loadConfig();
      return conflict(app);
    }
    if (trouble.code === "mistakes") return review(app);
    app.troubled(trouble, at("save-trouble"));
    if (trouble.kind === "lost") renew(at("save-trouble"), el("p.notice.broken", { role: "alert" }, app.words().lost));
    at("save-now").disabled = false;
  }
}

// Asks until the trial has ended. Refused connections are the node that begins again.
async function watch(app, windowS = null) {
  const words = app.words().save;
  const mine = (turn += 1);
  app.restarting = true;
  const bar = el("progress", { max: windowS ?? 120, "aria-label": words.trying });
  const line = el("p", { role: "status" }, words.restarting);
  renew(at("save"), el("section.card.trial", {}, el("h3", {}, words.trying), bar, line));
  while (mine === turn) {
    try {
      const now = await app.api.get("/api/save");
      if (mine !== turn) return;
      if (now.state === "kept") return await kept(app);
      if (now.state === "undone") return await undone(app, now.why);
      if (now.state === "none") {
        // Not a trial of this page: what runs tells how it ended.
        await app.loadConfig();
        if (mine !== turn) return;
        app.restarting = app.config.trial;
        if (!app.config.trial) return begin(app);
      } else {
        bar.max = Math.max(bar.max, now.left_s);
        bar.value = bar.max - now.left_s;
        line.textContent = words.left(Math.round(now.left_s));
      }
    } catch (trouble) {
      if (mine !== turn) return;
      if (trouble.kind === "lost") line.textContent = words.restarting;
    }
    await new Promise((done) => { setTimeout(done, ASK_MS); });
  }
}

async function kept(app) {
  await app.loadConfig();
  app.restarting = false;
  app.recalled = false;
  for (const draft of app.drafts.values()) draft.kept(app.config.hash, running(app, draft.camera));
  tell(app.words().save.kept);
  if (app.step !== "save") return;
  if (changedCameras(app).length) begin(app);
  else app.go("done");
}

async function undone(app, why) {
  const words = app.words().save;
  await app.loadConfig();
  app.restarting = false;
  for (const draft of app.drafts.values()) draft.rebase(app.config.hash, running(app, draft.camera));
  renew(at("save"), el("section.notice.broken", { role: "alert" }, el("h3", {}, words.undone), el("p", {}, app.say(why))), el("p.card", {}, words.undoneKept),
    button(app.words().check.again, () => review(app), "main"));
}

function conflict(app) {
  const words = app.words().save;
  turn += 1;
  const settle = (act) => () => {
    for (const draft of app.drafts.values()) act(draft);
    review(app);
  };
  renew(at("save"), el("section.notice.mind", { role: "alert" }, el("h3", {}, words.conflict), el("p", {}, words.conflictAbout)),
    el("div.actions", {},
      button(words.mine, settle((draft) => draft.rebase(app.config.hash, running(app, draft.camera))), "main", { "data-id": "mine" }),
      button(words.theirs, settle((draft) => {
        draft.take(app.config.hash, running(app, draft.camera));
        tell(words.theirsTaken);
      }), "", { "data-id": "theirs" })));
}
