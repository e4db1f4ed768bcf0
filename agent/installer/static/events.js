// The list of events. Rows stay the same elements from one poll to the next, so that a clip plays on undisturbed.

import { WORDS } from "./words.js";

const PLAYABLE = new Set(["queued", "uploaded"]);
const rows = new Map();

export function showEvents(events, cameras, language) {
  const list = document.getElementById("events");
  document.getElementById("no-events").hidden = events.length > 0;
  const known = new Set(events.map((event) => event.id));
  for (const [id, row] of rows) {
    if (!known.has(id)) {
      row.item.remove();
      rows.delete(id);
    }
  }
  events.forEach((event, index) => {
    if (!rows.has(event.id)) rows.set(event.id, newRow(event));
    const row = rows.get(event.id);
    fill(row, event, cameras, language);
    if (list.children[index] !== row.item) list.insertBefore(row.item, list.children[index] ?? null);
  });
}

function element(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function newRow(event) {
  const mark = element("span", "mark");
  mark.setAttribute("aria-hidden", "true");
  const row = {
    id: event.id,
    glyph: element("span", "glyph"),
    text: element("p", "sentence"),
    severity: element("span", "severity"),
    time: element("time", "time"),
    camera: element("span", "where"),
    phase: element("span", "phase"),
    clip: element("span", "clip"),
    thumb: null,
    video: null,
  };
  row.glyph.setAttribute("aria-hidden", "true");
  row.button = element("button", "thumb", row.glyph);
  row.button.type = "button";
  row.button.addEventListener("click", () => (row.video ? close(row) : play(row)));
  const facts = element("p", "facts", row.time, row.camera, row.phase, row.clip);
  const badge = element("p", "badge", mark, row.severity);
  row.item = element("li", "event", row.button, element("div", "said", badge, row.text, facts));
  return row;
}

function fill(row, event, cameras, language) {
  const words = WORDS[language];
  const playable = PLAYABLE.has(event.clip);
  row.language = language;
  row.item.dataset.severity = event.severity;
  row.severity.textContent = words.severity[event.severity] ?? event.severity;
  row.text.textContent = event.text[language];
  row.time.dateTime = event.started_utc;
  row.time.textContent = spokenTime(event.started_utc, language);
  row.camera.textContent = cameras.length > 1 ? (cameras.find((one) => one.id === event.cam)?.label ?? event.cam) : "";
  row.phase.textContent = event.phase === "end" ? "" : words.ongoing;
  row.clip.textContent = words.clip[event.clip] ?? event.clip;
  row.clip.dataset.state = event.clip;
  row.button.disabled = !playable;
  row.button.setAttribute("aria-label", `${row.video ? words.close : words.play}: ${event.text[language]}`);
  row.glyph.textContent = row.video ? "✕" : playable ? "▶" : "";
  if (event.thumb && row.thumb === null) {
    row.thumb = element("img", "");
    row.thumb.alt = "";
    row.thumb.src = `/thumb/${encodeURIComponent(row.id)}.jpg`;
    row.button.prepend(row.thumb);
  }
}

function spokenTime(utc, language) {
  const when = new Date(utc);
  if (Number.isNaN(when.getTime())) return utc;
  const today = when.toDateString() === new Date().toDateString();
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
  const day = today ? {} : { day: "2-digit", month: "2-digit" };
  return when.toLocaleString(language, { ...clock, ...day });
}

function play(row) {
  for (const other of rows.values()) if (other.video) close(other);
  const video = (row.video = element("video", "player"));
  Object.assign(video, { controls: true, autoplay: true, muted: true, playsInline: true });
  video.addEventListener("error", () => row.video === video && fail(row)); // told late, it may be of one that is closed
  video.src = `/clip/${encodeURIComponent(row.id)}.mp4`;
  row.glyph.textContent = "✕";
  row.item.append(row.video);
}

function fail(row) {
  const said = element("p", "player quiet");
  said.textContent = WORDS[row.language].noClip;
  row.video.replaceWith(said);
  row.video = said;
}

function close(row) {
  if (row.video instanceof HTMLVideoElement) {
    row.video.pause();
    row.video.removeAttribute("src");
    row.video.load(); // frees the connection
  }
  row.video.remove();
  row.video = null;
  row.glyph.textContent = "▶";
}
