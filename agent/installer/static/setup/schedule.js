// When a rule is on: weekdays, and from when to when. Three presets cover most; a bar shows the day.

import { button, el } from "./dom.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const HALF_HOURS = Array.from({ length: 49 }, (_, i) => `${String(Math.floor(i / 2)).padStart(2, "0")}:${i % 2 ? "30" : "00"}`);
const ALWAYS = { days: DAYS, hours: "00:00-24:00" };
const NIGHT = { days: DAYS, hours: "22:00-05:00" };
const WORK = { days: DAYS.slice(0, 5), hours: "07:00-17:00" };

export function schedule(app, id, value, set, complain) {
  const words = app.words().rules.schedule;
  const names = new Map(app.schema.schedule.days.map((day) => [day.value, app.say(day.text)]));
  let now = { days: [...(value?.days ?? DAYS)], hours: value?.hours ?? ALWAYS.hours };
  const made = el("div.schedule");

  const take = (next) => {
    now = next;
    complain(now.days.length ? "" : words.oneDay);
    show();
    set(now);
  };
  const show = () => {
    const held = made.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const [from, to] = ends(now.hours);
    const preset = (word, each) => button(word, () => take({ days: [...each.days], hours: each.hours }), "chip", {
      "aria-pressed": String(same(now, each)), "data-id": `${id}-${each.hours}`,
    });
    // A list: browsers show the time of day as their own language does, with AM and PM for some.
    const clock = (which, label, time) => {
      const times = [...new Set([...HALF_HOURS.slice(which === "from" ? 0 : 1, which === "from" ? -1 : undefined), time])].sort();
      const list = el("select", { "aria-label": label, "data-id": `${id}-${which}` }, times.map((each) => el("option", { value: each }, each)));
      list.value = time;
      list.addEventListener("change", () => take({ ...now, hours: which === "from" ? joined(list.value, to) : joined(from, list.value) }));
      return list;
    };
    made.replaceChildren(
      el("div.chips", {}, preset(words.always, ALWAYS), preset(words.night, NIGHT), preset(words.work, WORK)),
      el("div.days", { role: "group", "aria-label": words.days }, DAYS.map((day) => button(names.get(day) ?? day, () => {
        take({ ...now, days: DAYS.filter((each) => (each === day) !== now.days.includes(each)) });
      }, "", { "aria-pressed": String(now.days.includes(day)), "data-id": `${id}-${day}` }))),
      el("div.hours", {}, el("span", {}, words.from), clock("from", words.from, from), el("span", {}, words.to), clock("to", words.to, to)),
      bar(now.hours),
      minutes(to) <= minutes(from) ? el("p.quiet", {}, words.past) : "",
    );
    if (held) made.querySelector(`[data-id="${held}"]`)?.focus();
  };
  show();
  return made;
}

// "every day, 22:00-05:00"
export function inShort(app, value) {
  const words = app.words().rules.schedule;
  const now = { ...ALWAYS, ...value };
  if (same(now, ALWAYS)) return words.always;
  const names = new Map(app.schema.schedule.days.map((day) => [day.value, app.say(day.text)]));
  const days = now.days.length === 7 ? words.allDays : now.days.map((day) => names.get(day)).join(" ");
  return words.short(days, now.hours === ALWAYS.hours ? words.allHours : now.hours.replace("-", "–"));
}

const ends = (hours) => hours.split("-").map((each) => each.trim().padStart(5, "0"));
const minutes = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
const joined = (from, to) => (from === to ? "00:00-24:00" : `${from}-${to}`);
const same = (a, b) => a.hours === b.hours && a.days.length === b.days.length && b.days.every((day) => a.days.includes(day));

function bar(hours) {
  const [from, to] = ends(hours).map(minutes);
  const spans = to > from ? [[from, to]] : [[from, 1440], [0, to]];
  return el("div.day", { "aria-hidden": "true" }, spans.map(([a, b]) => {
    const part = el("i");
    part.style.left = `${(a / 1440) * 100}%`;
    part.style.width = `${((b - a) / 1440) * 100}%`;
    return part;
  }), [0, 6, 12, 18, 24].map((hour) => el("span", {}, String(hour))));
}
