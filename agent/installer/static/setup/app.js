// The setup page: which step is shown, in which language, and what happens when the line or the session is lost.

import { Api } from "./api.js";
import { at, el, renew, tell, whenLifted } from "./dom.js";
import { Picture } from "./picture.js";
import { aim } from "./step_aim.js";
import { askCode, code } from "./step_code.js";
import { WORDS } from "./words.js";

const STEPS = ["aim", "draw", "rules", "check", "save"];
const CLOSING_S = 300; // from when the page says that it will close

const LATER = [
  () => import("./step_draw.js"),
  () => import("./step_rules.js"),
  () => import("./step_check.js"),
  () => import("./step_save.js"),
  () => import("./step_done.js"),
];

const app = {
  language: localStorage.getItem("language") ?? document.documentElement.lang,
  steps: { code, aim },
  step: null,
  node: null,
  schema: null,
  config: null,
  camera: null,
  drafts: new Map(),
  board: null,
  mistakes: [],
  remarks: [],
  restarting: false,
  words: () => WORDS[app.language],
  say: (text) => (text ? text[app.language] ?? text.en ?? "" : ""),
  get draft() {
    return app.drafts.get(app.camera);
  },
  get view() {
    return app.node?.cameras.find((camera) => camera.id === app.camera);
  },
  go,
  open,
  chooseCamera,
  changed,
  troubled,
  loadConfig,
  closesIn,
};

app.api = new Api(heard);
app.picture = new Picture(at("live"), app.api, pictured);

// --- start ---

let knocked = null; // the answer about the node, asked for before it was known who asks

function start() {
  speak(app.language in WORDS ? app.language : "vi");
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      localStorage.setItem("language", button.dataset.language);
      speak(button.dataset.language);
    });
  }
  at("back").addEventListener("click", () => beside(-1));
  at("next").addEventListener("click", () => beside(1));
  at("extend").addEventListener("click", async () => closesIn((await app.api.post("/api/extend")).closes_in_s));
  at("camera").addEventListener("change", (event) => chooseCamera(event.target.value));
  document.addEventListener("keydown", undoKeys);
  begin();
}

async function begin() {
  // Both at once: whoever is logged in already sees the picture one answer sooner.
  knocked = app.api.get("/api/node").catch(() => null);
  try {
    const session = await app.api.get("/api/session");
    if (!session.logged_in) return show("code", session);
    app.api.token = session.token;
    if ((await knocked) === null) knocked = null;
    await open();
  } catch (trouble) {
    if (trouble.kind === "lost") setTimeout(begin, 1000);
    else show("code", {});
  } finally {
    knocked = null;
  }
}

// Everything the page needs to know of the node; then the step where the person was.
async function open() {
  app.node = await (knocked ?? app.api.get("/api/node"));
  const { node } = app;
  const kept = sessionStorage.getItem("camera");
  chooseCamera(node.cameras.some((camera) => camera.id === kept) ? kept : node.cameras[0]?.id ?? null, false);
  closesIn(node.closes_in_s);
  const step = sessionStorage.getItem("step");
  await go(STEPS.includes(step) ? step : "aim");
}

// What the later steps need is fetched when the first picture stands there, or when somebody is faster than that.
async function fetchLater() {
  app.later ??= Promise.all([app.api.get("/api/schema"), import("./drawing.js"), loadConfig(), ...LATER.map((load) => load())]);
  try {
    const [schema, { beginDrawing, draftOf }, , ...modules] = await app.later;
    if (app.schema) return;
    app.schema = schema;
    app.draftOf = (id) => draftOf(app, id);
    beginDrawing(app);
    for (const module of modules) Object.assign(app.steps, module);
  } catch (trouble) {
    app.later = null;
    throw trouble;
  }
}

async function loadConfig() {
  app.config = await app.api.get("/api/config");
  return app.config;
}

// --- cameras ---

function chooseCamera(id, render = true) {
  app.camera = id;
  sessionStorage.setItem("camera", id);
  if (app.board) {
    app.board.draft = app.draftOf(id);
    app.board.edit(app.board.editable);
  }
  if (render) go(app.step);
}

// --- steps ---

let wish = 0;

async function go(step, more = {}) {
  const mine = (wish += 1);
  if (!(step in app.steps)) {
    try {
      await fetchLater();
    } catch {
      losses += 1; // somebody waits for it: said at once
      return heard("lost");
    }
    if (mine !== wish) return; // by now the person wants to be somewhere else
  }
  if (app.steps[app.step]?.leave) app.steps[app.step].leave(app);
  show(step, more);
  if (app.entered) {
    at("panel").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  app.entered = true;
}

function show(step, more = {}) {
  app.step = step;
  app.more = more;
  document.body.dataset.step = step;
  if (STEPS.includes(step)) sessionStorage.setItem("step", step);
  const looking = ["aim", "draw", "rules"].includes(step) && app.camera !== null;
  at("stage").hidden = !looking;
  if (looking) {
    app.picture.rest = step === "aim" ? 200 : 1000;
    app.picture.watch(app.camera);
    sizeStage();
  } else app.picture.stop();
  app.board?.edit(step === "draw");
  render();
}

function render() {
  const words = app.words();
  const number = STEPS.indexOf(app.step);
  at("title").textContent = app.node?.label || words.title;
  document.title = `${number < 0 ? words.title : words.steps[app.step]} · ${app.node?.label || app.node?.id || words.title}`;
  at("no-picture").textContent = app.picture.shown ? "" : words.noPicture;
  at("live").alt = app.view ? `${words.live}: ${app.view.label || app.view.id}` : "";
  at("board").setAttribute("aria-label", words.draw.board);
  at("lost").textContent = words.lost;
  at("extend").textContent = words.extend;
  at("back").textContent = words.back;
  at("next").textContent = words.next;
  at("steps").hidden = at("foot").hidden = number < 0;
  at("back").hidden = number <= 0;
  at("next").hidden = number < 0 || number === STEPS.length - 1;
  renderSteps(words, number);
  renderCameras(words);
  at("tools").replaceChildren();
  at("panel").replaceChildren();
  app.steps[app.step].enter(app, at("panel"));
  app.board?.draw();
}

function renderSteps(words, number) {
  at("steps").setAttribute("aria-label", words.stepsName);
  renew(at("step-list"), STEPS.map((step, index) => el("li", { "data-done": index < number }, el("button", {
    type: "button", "data-id": step, "aria-current": index === number ? "step" : null,
    onclick: () => go(step),
  }, el("span.number", { "aria-hidden": "true" }, index < number ? "✓" : String(index + 1)),
  el("span.unseen", {}, `${words.stepOf(index + 1, STEPS.length)}: `), words.steps[step]))));
}

function renderCameras(words) {
  const cameras = app.node?.cameras ?? [];
  at("camera-row").hidden = cameras.length < 2 || !STEPS.includes(app.step);
  at("camera-word").textContent = words.camera;
  renew(at("camera"), cameras.map(({ id, label }) => el("option", { value: id }, label || id)));
  at("camera").value = app.camera;
}

function beside(by) {
  const step = STEPS[STEPS.indexOf(app.step) + by];
  if (step) go(step);
}

// Something of the drawing changed: the board and the step show it.
function changed() {
  if (!app.board || app.silent) return;
  app.board.draw();
  whenLifted(() => app.steps[app.step]?.changed?.(app));
}

function speak(language) {
  app.language = language;
  document.documentElement.lang = language;
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  if (app.step) {
    app.steps[app.step].leave?.(app);
    render();
  }
  closesIn(app.closing ?? null);
}

function undoKeys(event) {
  if (!(event.ctrlKey || event.metaKey) || !["draw", "rules"].includes(app.step)) return;
  if (event.target.matches("input, textarea")) return;
  const key = event.key.toLowerCase();
  if (key === "z" && app.board.adding) app.board.takeBack();
  else if (key === "z" && !event.shiftKey) app.draft.undo();
  else if (key === "y" || key === "z") app.draft.redo();
  else return;
  event.preventDefault();
}

// --- the picture ---

function pictured(shown) {
  at("no-picture").textContent = shown ? "" : app.words().noPicture;
  document.body.dataset.picture = shown ? "yes" : "no";
  sizeStage();
  if (shown) setTimeout(() => fetchLater().catch(() => {}), 300);
}

function sizeStage() {
  const [width, height] = app.picture.shown ? app.picture.size : [app.view?.width || 16, app.view?.height || 9];
  at("figure").style.aspectRatio = `${width} / ${height}`;
  document.documentElement.style.setProperty("--ratio", width / height);
}

// --- trouble ---

let losses = 0;
function heard(kind) {
  losses = kind === "lost" ? losses + 1 : 0;
  at("lost").hidden = losses < 2 || app.restarting || app.finished;
  if (kind === "login" && app.step !== "code" && app.node) askCode(app);
}

// Says what did not work; a lost line and a lost session are said elsewhere.
function troubled(trouble, place = null) {
  if (trouble.kind !== "said") return;
  const text = app.say(trouble.text) || app.words().trouble;
  tell(text);
  if (place) renew(place, el("p.notice.broken", { role: "alert" }, text));
}

function closesIn(seconds) {
  if (seconds === null || seconds === undefined) return;
  app.closing = seconds;
  at("closing").hidden = seconds > CLOSING_S || app.step === "done";
  at("closing-words").textContent = app.words().closing(Math.max(1, Math.round(seconds / 60)));
}

start();
