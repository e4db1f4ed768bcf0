// The page: asks the node every 1.5 s how it is and what happened, and shows the live picture of one camera.
// Text of the node is only ever set as textContent.

import { WORDS } from "./words.js";
import { showEvents } from "./events.js";
import { showHealth } from "./health.js";

const POLL_MS = 1500;
const STILL_MS = 1000; // when the stream is refused (too many viewers): single pictures
const OLD_S = 5;

const at = (id) => document.getElementById(id);
const page = { language: startLanguage(), state: null, events: null, camera: null, mode: "off", count: 0 };

function startLanguage() {
  const kept = localStorage.getItem("language");
  return kept in WORDS ? kept : document.documentElement.lang;
}

function speak(language) {
  page.language = language;
  document.documentElement.lang = language;
  const words = WORDS[language];
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  at("no-picture").textContent = words.noPicture;
  at("lost").textContent = words.lost;
  at("wide").title = words.wide;
  at("wide").setAttribute("aria-label", words.wide);
  render();
}

function render() {
  const words = WORDS[page.language];
  if (page.state === null) {
    at("overall-words").textContent = words.waiting;
    return;
  }
  document.title = at("title").textContent = page.state.title || "Camera";
  showCameras();
  showAge(words);
  showHealth(page.state, page.language);
  if (page.events !== null) showEvents(page.events, page.state.cameras, page.language);
}

function showCameras() {
  const { cameras } = page.state;
  const row = at("cameras");
  row.hidden = cameras.length < 2;
  if (row.childElementCount !== cameras.length) {
    row.replaceChildren(
      ...cameras.map((camera) => {
        const button = document.createElement("button");
        button.type = "button";
        button.addEventListener("click", () => watch(camera.id));
        return button;
      }),
    );
  }
  cameras.forEach((camera, index) => {
    row.children[index].textContent = camera.label;
    row.children[index].setAttribute("aria-pressed", String(camera.id === page.camera));
  });
}

function showAge(words) {
  const camera = page.state.cameras.find((one) => one.id === page.camera);
  const age = camera?.age_s ?? null;
  const label = at("age");
  if (age === null) {
    label.dataset.level = "unknown";
    at("age-words").textContent = words.noPicture;
    return;
  }
  at("figure").style.aspectRatio = `${camera.width} / ${camera.height}`;
  at("live").alt = `${words.live}: ${camera.label}`;
  const old = age > OLD_S;
  label.dataset.level = old ? "broken" : "good";
  const figure = age.toLocaleString(page.language, { maximumFractionDigits: old ? 0 : 1 });
  at("age-words").textContent = old ? words.liveOld(figure) : words.liveNow(figure, camera.tracks);
}

// The live picture: a stream while it is given, else single pictures, nothing while nobody looks at the page.

function watch(camera) {
  page.camera = camera;
  stopWatching();
  keepWatching();
  render();
}

function keepWatching() {
  const camera = page.state?.cameras.find((one) => one.id === page.camera);
  if (page.mode !== "off" || document.hidden || !camera || camera.age_s === null) return;
  page.mode = "stream";
  show("mjpeg");
}

function show(kind) {
  page.count += 1;
  at("live").src = `/live/${encodeURIComponent(page.camera)}.${kind}?lang=${page.language}&n=${page.count}`;
}

function stopWatching() {
  page.mode = "off";
  at("live").removeAttribute("src");
}

function pictureCame() {
  at("live").hidden = false;
  at("no-picture").hidden = true;
  if (page.mode === "still") setTimeout(nextStill, STILL_MS, page.count);
}

function pictureFailed() {
  if (page.mode === "off") return;
  at("live").hidden = true;
  at("no-picture").hidden = false;
  page.mode = "still";
  setTimeout(nextStill, 2 * STILL_MS, page.count);
}

function nextStill(count) {
  if (page.mode === "still" && count === page.count) show("jpg");
}

// Asking.

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(8000) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

// The node's own words when it could not answer this one question; a lost node throws instead.
async function askEvents() {
  const answer = await fetch("/events.json", { cache: "no-store", signal: AbortSignal.timeout(8000) });
  if (answer.ok) page.events = (await answer.json()).events;
  const trouble = at("events-trouble");
  trouble.hidden = answer.ok;
  trouble.textContent = answer.ok ? "" : await answer.text();
}

async function refresh() {
  const [state] = await Promise.all([ask("/state.json").then((answer) => answer.json()), askEvents()]);
  page.state = state;
  page.camera ??= state.cameras[0]?.id ?? null;
  if (at("raw").open) at("raw-text").textContent = JSON.stringify(await (await ask("/health.json")).json(), null, 2);
}

async function update() {
  const found = await refresh().then(() => true, () => false);
  at("lost").hidden = found;
  if (!found) {
    stopWatching();
    return;
  }
  keepWatching();
  render();
}

async function poll() {
  if (!document.hidden) await update();
  setTimeout(poll, POLL_MS);
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    localStorage.setItem("language", button.dataset.language);
    speak(button.dataset.language);
    watch(page.camera);
  });
}
at("live").addEventListener("load", pictureCame);
at("live").addEventListener("error", pictureFailed);
at("raw").addEventListener("toggle", () => at("raw").open && update());
at("wide").hidden = !document.fullscreenEnabled;
at("wide").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else at("figure").requestFullscreen();
});
document.addEventListener("visibilitychange", () => (document.hidden ? stopWatching() : keepWatching()));
speak(page.language);
poll();
