// Aim: the live picture with a grid, how sharp and how light it is, the wifi, and the walk test.

import { at, button, el, renew } from "./dom.js";

const ASK_MS = 1000;
// What is printed on lenses that are sold here, for a sensor of 1/2.8 inch; the Raspberry Pi's by their angle.
const LENSES = {
  "": null,
  "2.8 mm": { lens_mm: 2.8, sensor: 2.8 },
  "3.6 mm": { lens_mm: 3.6, sensor: 2.8 },
  "4 mm": { lens_mm: 4, sensor: 2.8 },
  "6 mm": { lens_mm: 6, sensor: 2.8 },
  "8 mm": { lens_mm: 8, sensor: 2.8 },
  "Pi Camera 2": { fov_deg: 62 },
  "Pi Camera 3": { fov_deg: 66 },
  "Pi Camera 3 Wide": { fov_deg: 102 },
};

let turn = 0;
let walking = null; // the camera of the walk test

export const aim = {
  enter(app, panel) {
    const words = app.words().aim;
    tools(app, words);
    panel.append(
      el("h2", {}, words.heading), el("p.quiet", {}, words.about), el("div.meters", { id: "meters" }),
      el("section.card", { "aria-labelledby": "walk-heading" }, el("h3", { id: "walk-heading" }, words.walk),
        el("p.quiet", {}, app.node.has_model ? words.walkAbout : words.noModel), el("div", { id: "walk" })),
    );
    if (app.node.has_model) walk(app, words);
    look(app, (turn += 1));
  },

  leave(app) {
    turn += 1;
    at("grid").toggleAttribute("hidden", true);
    if (app.board) app.board.walkers = [];
    if (walking) end(app, walking);
    walking = null;
  },
};

const end = (app, camera) => app.api.post(`/api/cameras/${camera}/walk`, { on: false }).catch(() => {});

function tools(app, words) {
  const on = localStorage.getItem("grid") !== "off";
  at("grid").toggleAttribute("hidden", !on);
  const grid = button(words.grid, () => {
    const shown = at("grid").toggleAttribute("hidden") === false;
    localStorage.setItem("grid", shown ? "on" : "off");
    grid.setAttribute("aria-pressed", String(shown));
  }, "tool", { "aria-pressed": String(on) });
  const again = button(words.again, () => app.api.post(`/api/cameras/${app.camera}/focus`).catch(app.troubled), "tool");
  at("tools").replaceChildren(grid, again);
}

async function look(app, mine) {
  while (mine === turn) {
    if (!document.hidden) {
      try {
        const seen = await app.api.get(`/api/look?cam=${app.camera}`);
        if (mine !== turn) return;
        show(app, seen);
      } catch (trouble) {
        if (trouble.kind === "said" && mine === turn) app.troubled(trouble, at("meters"));
      }
    }
    await new Promise((done) => { setTimeout(done, ASK_MS); });
  }
}

function show(app, seen) {
  const words = app.words().aim;
  const { focus, exposure, wifi, link } = seen;
  app.closesIn(seen.closes_in_s);
  app.view.state = seen.state;
  renew(at("meters"), meter(app, words.focus, focus, focusBar(words, focus)), meter(app, words.exposure, exposure),
    meter(app, words.wifi, wifi, waves(wifi, words)), meter(app, words.link, link));
  if (walking) results(app, seen);
  if (!app.board) return; // not fetched yet
  app.board.walkers = walking ? seen.tracks.filter((track) => track.confirmed).map((track) => ({
    box: track.box, enough: track.label === "person",
    name: words.walker(app.say(track.name), track.distance_m, track.height_px),
  })) : [];
  app.board.draw();
}

function meter(app, name, part, picture = null) {
  return el("div.meter", { "data-level": part.level }, el("span.mark", { role: "img", "aria-label": app.words().level[part.level] }),
    el("h3", {}, name), picture, el("p", {}, app.say(part.text)));
}

function focusBar(words, focus) {
  if (focus.share === null || focus.share === undefined) return el("p", {}, words.focusNone);
  const share = Math.round(Math.min(1, focus.share) * 100);
  const fill = el("span.fill");
  fill.style.width = `${share}%`;
  return el("div.bar", {
    role: "meter", "aria-label": words.focus, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": share,
    "aria-valuetext": words.focusShare(share),
  }, fill, el("span.best", { "aria-hidden": "true" }, words.best), el("b", { "aria-hidden": "true" }, `${share} %`));
}

function waves(wifi, words) {
  if (wifi.rssi_dbm === null) return el("p", {}, words.cable);
  const bars = [-85, -75, -67, -58].map((least) => el("i", { "data-on": wifi.rssi_dbm >= least }));
  return el("div.waves", { "aria-hidden": "true" }, bars, el("b", {}, `${Math.round(wifi.rssi_dbm)} dBm`));
}

// --- walk test ---

function walk(app, words) {
  const kept = localStorage.getItem("lens") ?? "";
  const lens = el("select", { id: "lens" }, Object.keys(LENSES).map((name) =>
    el("option", { value: name }, name === "" ? words.lensUnknown : name)));
  lens.value = kept in LENSES ? kept : "";
  lens.addEventListener("change", () => {
    localStorage.setItem("lens", lens.value);
    if (walking) begin(app, true);
  });
  renew(at("walk"), el("div", { id: "walk-seen", role: "status" }), el("label", { for: "lens" }, words.lens), lens,
    button(walking ? words.stop : words.start, () => begin(app, !walking), "main", { id: "walk-button", "data-id": "walk" }));
}

async function begin(app, on) {
  const lens = LENSES[at("lens").value];
  const [mine, { camera }] = [turn, app];
  try {
    await app.api.post(`/api/cameras/${camera}/walk`, on && lens ? { on, lens } : { on });
    if (mine !== turn) return on && end(app, camera); // nobody is there to see it
    walking = on ? camera : null;
    walk(app, app.words().aim);
    if (on) at("walk").scrollIntoView({ block: "start", behavior: "smooth" });
  } catch (trouble) {
    if (mine === turn) app.troubled(trouble, at("walk-seen"));
  }
}

function results(app, { tracks, walk: told }) {
  const words = app.words().aim;
  const people = tracks.filter((track) => track.label === "person" && track.confirmed).length;
  const { farthest, promised } = told;
  const far = farthest && (farthest.distance_m === null || farthest.distance_m === undefined
    ? words.farthestPx(farthest.height_px) : words.farthest(farthest.distance_m));
  const parts = [el("p", {}, people ? words.seeing(people) : words.nobody), far ? el("p.far", {}, far) : null];
  if (promised && Object.values(promised).some((metres) => metres !== null)) {
    parts.push(el("p.quiet", {}, `${words.promised}:`), el("ul.promised", {}, ["day", "dusk", "night"].map((light) =>
      el("li", {}, el("b", {}, words.metres(promised[light])), ` ${words[light]}`))));
  }
  const text = parts.map((part) => part?.textContent).join();
  if (at("walk-seen").dataset.text !== text) {
    at("walk-seen").dataset.text = text;
    renew(at("walk-seen"), parts);
  }
}
