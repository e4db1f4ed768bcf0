// What is on the page, card by card: `of` takes its part out of what the device says, `draw` makes it anew.

import { el } from "./parts.js";

const KINDS = ["events", "clips", "asked", "live", "reports"];
const FIRST = 5; // of who asked; the others are folded away

function moment(app, utc, parts = { dateStyle: "short", timeStyle: "short" }) {
  const at = new Date(utc);
  return Number.isNaN(at.getTime()) ? utc : at.toLocaleString(app.words.locale, { ...parts, timeZone: app.home.timezone });
}

const clock = (app, utc) => moment(app, utc, { timeStyle: "short" });

// From and to, the day once where it is one.
function span(app, from, to) {
  const day = (utc) => moment(app, utc, { dateStyle: "short" });
  const time = (utc) => moment(app, utc, { timeStyle: "medium" });
  return [`${day(from)} ${time(from)}`, day(from) === day(to) ? time(to) : `${day(to)} ${time(to)}`];
}

function size(app, bytes) {
  const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, "GB"] : bytes >= 1e6 ? [bytes / 1e6, "MB"] : [bytes / 1e3, "kB"];
  return `${value.toLocaleString(app.words.locale, { maximumFractionDigits: value >= 100 ? 0 : 1 })} ${unit}`;
}

const row = (name, value) => el("li", {}, el("span", {}, name), el("span", {}, value));

export const now = {
  of: (home) => ({ state: home.state, cameras: home.cameras, connected: home.line.connected, events: home.kept.events_only, minute: home.now_utc.slice(0, 16), at: home.now_utc }),
  draw(app, place, home) {
    const words = app.words.now;
    const watched = home.cameras.filter((camera) => camera.watched).map((camera) => camera.label);
    const state = home.state === "records" && home.events ? words.events_only : words[home.state];
    place.className = "card now";
    place.dataset.state = home.state;
    place.replaceChildren(el("h2.quiet", {}, words.heading), el("strong", { id: "state" }, state),
      watched.length ? el("p.watched", { id: "watched" }, words.watched(watched.join(", "))) : el("p", {}, words.nobody),
      el("ul.rows", {}, home.cameras.map((camera) => row(camera.label, words.camera[home.state === "paused" ? "paused" : camera.state] ?? camera.state))),
      el("p.quiet", {}, `${words.ward[home.connected]}. ${words.as_of(clock(app, home.at))}`));
  },
};

export const pause = {
  of: (home) => ({ ...home.pause, left_s: home.pause.left_s && Math.ceil(home.pause.left_s / 60) }),
  draw(app, place, told) {
    const words = app.words.pause;
    const wrong = el("p.wrong", { role: "alert" });
    const head = el("h2", {}, words.heading);
    if (!told.longest_s) return place.replaceChildren(head, el("p.quiet", {}, words.none));
    const left = el("p.quiet", { id: "left" }, words.left(told.left, told.per_day));
    if (told.until_utc) {
      const end = el("button.main", { type: "button", id: "resume", onclick: () => app.change("/api/resume", {}, words.ended) }, words.end);
      return place.replaceChildren(head, el("p", { id: "until" }, words.until(clock(app, told.until_utc), told.left_s)), end, wrong, left);
    }
    const lengths = [...new Set([15, 30, 60, 120, 240].map((each) => Math.min(each, told.longest_s / 60)))];
    const choice = el("select", { id: "length" }, lengths.map((each) => el("option", { value: each * 60 }, words.minutes(Math.round(each)))));
    const begin = el("button.main", {
      type: "button", id: "begin", disabled: told.left === 0,
      onclick: () => app.change("/api/pause", { for_s: Number(choice.value) }, words.begun),
    }, words.begin);
    place.replaceChildren(head, el("p.quiet", {}, words.about), el("label", { for: "length" }, words.length), choice, begin, wrong, left);
  },
};

export const sent = {
  of: (home) => ({ days: home.days, newest: home.newest }),
  draw(app, place, { days, newest }) {
    const words = app.words.sent;
    const cell = (each) => el("td", {}, each.count ? words.times(each.count) : each.bytes ? null : "–", each.bytes ? el("small", {}, size(app, each.bytes)) : null);
    const sum = (kind) => days.reduce((all, day) => {
      const one = day.sent.find((each) => each.kind === kind);
      return { count: all.count + one.count, bytes: all.bytes + one.bytes };
    }, { count: 0, bytes: 0 });
    const rows = KINDS.map((kind) => el("tr", {}, el("th", { scope: "row" }, words.kinds[kind]),
      cell(days[0].sent.find((each) => each.kind === kind)), cell(sum(kind))));
    const head = [words.kind, words.today, words.week].map((name) => el("th", { scope: "col" }, name));
    const things = newest.map((each) => row(`${moment(app, each.at_utc)} · ${words.kinds[each.kind]}${each.camera ? ` · ${each.camera}` : ""}`, size(app, each.bytes)));
    place.replaceChildren(el("h2", {}, words.heading), el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)),
      el("details", {}, el("summary", {}, words.newest), things.length ? el("ul.rows", {}, things) : el("p.quiet", {}, words.nothing)),
      el("p.quiet", {}, words.note));
  },
};

export const line = {
  of: (home) => home.line,
  draw(app, place, told) {
    const words = app.words.line;
    const used = size(app, told.mb_today * 1e6);
    const kbps = (value) => `${Math.round(value).toLocaleString(app.words.locale)} kbit/s`;
    const text = told.mb_per_day ? words.used(used, size(app, told.mb_per_day * 1e6)) : words.used_free(used);
    place.replaceChildren(...[
      el("h2", {}, words.heading), el("p", { id: "used" }, text),
      told.mb_per_day ? el("meter", { min: 0, max: told.mb_per_day, value: Math.min(told.mb_today, told.mb_per_day), "aria-labelledby": "used" }) : null,
      el("ul.rows", {}, row(words.speed, told.max_kbps ? kbps(told.max_kbps) : words.speed_free),
        told.now_kbps ? row(words.now, kbps(told.now_kbps)) : null,
        told.measured_kbps ? row(words.measured, kbps(told.measured_kbps)) : null,
        row(words.quiet, told.quiet_hours ? `${told.quiet_hours}${told.quiet ? `, ${words.quiet_now}` : ""}` : words.quiet_none),
        row(words.yields, told.yields ? words.yes : words.no)),
    ].filter(Boolean));
  },
};

export const asked = {
  of: (home) => home.asked,
  draw(app, place, told) {
    const words = app.words.asked;
    const one = (each) => el("li", {},
      el("span.quiet", {}, `${moment(app, each.at_utc)} ${each.sure ? "" : words.unsure}`),
      el("b", {}, app.say(each.what)),
      el(each.given ? "span.mark" : "span.mark.no", {}, each.given ? words.given : app.say(each.result)),
      each.camera ? el("span", {}, words.of(each.camera, ...span(app, each.from_utc, each.to_utc))) : null,
      el("span.said", {}, `${words.by}: ${each.by || words.family}${each.case ? `, ${words.case} ${each.case}` : ""}`),
      each.reason ? el("span.said", {}, `${words.why}: ${each.reason}`) : null);
    const more = told.slice(FIRST);
    place.replaceChildren(...[
      el("h2", {}, words.heading),
      told.length ? el("ul.asked", {}, told.slice(0, FIRST).map(one)) : el("p.quiet", {}, words.none),
      more.length ? el("details", {}, el("summary", {}, words.more(more.length)), el("ul.asked", {}, more.map(one))) : null,
    ].filter(Boolean));
  },
};

export const kept = {
  of: (home) => ({ kept: home.kept, told: home.told }),
  draw(app, place, { kept: footage, told }) {
    const words = app.words.kept;
    const pair = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
    const days = footage.days.toLocaleString(app.words.locale, { maximumFractionDigits: 1 });
    place.replaceChildren(el("h2", {}, words.heading), el("dl", {},
      pair(words.footage, `${words.days(days)}. ${footage.events_only ? words.events_only : words.all}.${footage.encrypted ? ` ${words.encrypted}.` : ""}`),
      footage.oldest_utc ? pair(words.oldest, moment(app, footage.oldest_utc)) : null,
      pair(words.purpose, told.purpose ?? words.unsaid),
      pair(words.controller, told.controller ?? words.unsaid),
      pair(words.contact, told.contact ?? words.unsaid)));
  },
};
