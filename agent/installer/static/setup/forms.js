// Form controls made from what the node says of a setting: {key, kind, title, about, unit, min, max, default, required,
// choices, advanced}. Each calls `set(value)`; undefined is "as by default", so that the configuration stays short.

import { button, el } from "./dom.js";
import { schedule } from "./schedule.js";

const SECONDS = { s: 1, m: 60, h: 3600 };
const COMMON = ["person", "bicycle", "motorcycle", "car", "bus", "truck", "dog", "cat"];

// One setting with its name, what it means, and what is wrong with it.
export function field(app, spec, value, set) {
  const id = `field-${spec.key}`;
  const makers = { flag, choice, choices, duration, schedule: timetable, zone: place, line: place, arrow };
  const same = (next) => JSON.stringify(next) === JSON.stringify(spec.default) && !spec.required;
  const given = { app, spec, id, words: app.words().rules, value: value ?? spec.default, set: (next) => set(same(next) ? undefined : next) };
  const wrong = el("p.wrong", { id: `${id}-wrong`, role: "alert", "data-field": spec.key });
  given.complain = (text) => { wrong.textContent = text; };
  const { control, labelled = true } = (makers[spec.kind] ?? (["number", "whole", "share"].includes(spec.kind) ? number : text))(given);
  const title = app.say(spec.title) + (spec.required ? " *" : "");
  // What these are can be seen; what a number means cannot.
  const about = ["zone", "line", "choices", "choice", "flag", "schedule"].includes(spec.kind) ? "" : plain(app.say(spec.about));
  const aboutAt = about ? el("p.quiet", { id: `${id}-about` }, about) : null;
  if (!labelled) {
    return el("fieldset.field", { id: `${id}-all` }, el("legend", {}, title), aboutAt, control, wrong);
  }
  return el("div.field", { id: `${id}-all` }, el("label", { for: id }, title), control, aboutAt, wrong);
}

// Backticks are for files, not for people.
export const plain = (text) => text.replaceAll("`", "");

const described = (id) => ({ id, "data-id": id, "aria-describedby": `${id}-about ${id}-wrong` });

function text({ id, spec, value, set }) {
  const control = el("input", { ...described(id), value: value ?? "", maxlength: spec.max ?? 200, autocapitalize: "none" });
  control.addEventListener("change", () => set(control.value.trim() || undefined));
  return { control };
}

function number({ app, id, spec, value, set, complain, words }) {
  const share = spec.kind === "share";
  const times = share ? 100 : 1;
  const [low, high] = [(spec.min ?? 0) * times, spec.max === null ? null : spec.max * times];
  const unit = share ? "%" : unitOf(app, spec);
  const control = el("input", {
    ...described(id), type: "number", inputmode: spec.kind === "whole" ? "numeric" : "decimal", min: low, max: high,
    step: spec.kind === "whole" ? 1 : "any", value: value === null || value === undefined ? "" : Math.round(value * times * 1000) / 1000,
  });
  control.addEventListener("input", () => {
    const wanted = control.valueAsNumber;
    if (control.value === "" && !control.validity.badInput && !spec.required) return complain(""), set(undefined);
    if (Number.isNaN(wanted)) return complain(words.notNumber);
    complain(wanted < low || (high !== null && wanted > high) ? words.outside(low, high) : "");
    set(wanted / times);
  });
  return { control: el("div.with-unit", {}, control, el("span", {}, [unit, high === null ? "" : `(${words.range(low, high, "")})`].filter(Boolean).join(" "))) };
}

const unitOf = (app, spec) => (typeof spec.unit === "object" ? app.say(spec.unit) : spec.unit ?? "");

function duration({ id, spec, value, set, complain, words }) {
  const [amount, unit] = parts(value ?? "0s");
  const many = el("input", { ...described(id), type: "number", inputmode: "decimal", min: 0, step: "any", value: amount });
  const units = el("select", { "aria-label": words.unit, "data-id": `${id}-unit` }, Object.keys(SECONDS).map((each) => el("option", { value: each }, words.units[each])));
  units.value = unit;
  const changed = () => {
    const seconds = many.valueAsNumber * SECONDS[units.value];
    if (Number.isNaN(seconds)) return complain(words.notNumber);
    const [low, high] = [spec.min ?? 0, spec.max ?? Infinity];
    complain(seconds < low || seconds > high ? words.outside(shortly(low, words), shortly(high, words)) : "");
    set(`${many.valueAsNumber}${units.value}`);
  };
  many.addEventListener("input", changed);
  units.addEventListener("change", changed);
  return { control: el("div.with-unit", {}, many, units) };
}

// "90s" as [90, "s"]; what is written in other units in seconds.
export function parts(written) {
  const [, amount, unit] = /^([\d.]+) ?(ms|s|min|m|h|d)$/.exec(written) ?? [null, "0", "s"];
  const value = Number(amount);
  if (unit === "ms") return [value / 1000, "s"];
  if (unit === "d") return [value * 24, "h"];
  return [value, unit === "min" ? "m" : unit];
}

export function shortly(seconds, words) {
  const unit = seconds >= 3600 && seconds % 3600 === 0 ? "h" : seconds >= 60 && seconds % 60 === 0 ? "m" : "s";
  return `${seconds / SECONDS[unit]} ${words.units[unit]}`;
}

function flag({ app, id, value, set }) {
  const group = [true, false].map((each) => button(app.words()[each ? "yes" : "no"], () => {
    group.forEach((one, index) => one.setAttribute("aria-pressed", String((index === 0) === each)));
    set(each);
  }, "", { "aria-pressed": String(Boolean(value) === each), "data-id": `${id}-${each}` }));
  return { control: el("div.choice", {}, group), labelled: false };
}

function choice({ app, id, spec, value, set, words }) {
  const options = spec.choices.map((each) => el("option", { value: each.value }, app.say(each.text)));
  if (!spec.choices.some((each) => each.value === value)) options.unshift(el("option", { value: "" }, words.pick));
  const control = el("select", described(id), options);
  control.value = value ?? "";
  control.addEventListener("change", () => set(control.value || undefined));
  return { control };
}

function choices({ app, id, spec, value, set, complain, words }) {
  const chosen = new Set(value ?? []);
  const known = spec.choices.map((each) => each.value);
  const extra = [...chosen].filter((each) => !known.includes(each)).map((each) => ({ value: each, text: { vi: each, en: each } }));
  const chip = (each) => {
    const box = el("input", { type: "checkbox", checked: chosen.has(each.value), "data-id": `${id}-${each.value}` });
    box.addEventListener("change", () => {
      chosen[box.checked ? "add" : "delete"](each.value);
      complain(chosen.size ? "" : words.oneAtLeast);
      set([...chosen]);
    });
    return el("label.chip", {}, box, app.say(each.text));
  };
  const near = (each) => known.length <= 12 || COMMON.includes(each.value) || chosen.has(each.value);
  const all = [...extra, ...spec.choices];
  const others = all.filter((each) => !near(each));
  return {
    control: el("div", {}, el("div.chips", {}, all.filter(near).map(chip)),
      others.length ? el("details", {}, el("summary", {}, words.others(others.length)), el("div.chips", {}, others.map(chip))) : null),
    labelled: false,
  };
}

function place({ app, id, spec, value, set, words }) {
  const shapes = app.draft.of(spec.kind);
  const gone = value && !shapes.some((shape) => shape.name === value);
  if (!shapes.length && spec.required) {
    return { control: el("div", { id, tabindex: -1 }, el("p.wrong", {}, words.noShape[spec.kind]), button(words.goDraw, () => app.go("draw"), "main")), labelled: false };
  }
  const empty = el("option", { value: "" }, spec.required ? words.pick : words.wholePicture);
  const control = el("select", described(id), !spec.required || !value ? empty : null, gone ? el("option", { value }, words.gone(value)) : null,
    shapes.map((shape) => el("option", { value: shape.name }, shape.name)));
  control.value = value ?? "";
  control.addEventListener("change", () => set(control.value || undefined));
  return { control: el("div", {}, control, gone ? el("p.wrong", {}, words.gone(value)) : null) };
}

function timetable({ app, id, spec, value, set, complain }) {
  return { control: schedule(app, id, value ?? spec.default, set, complain), labelled: false };
}

// The right way of traffic: one of eight ways around the middle of the rule's zone, or drawn on the picture.
function arrow({ app, id, value, set, words }) {
  const told = el("p.quiet", { role: "status" }, value ? words.arrow.set : words.arrow.none);
  const chosen = (points) => {
    told.textContent = words.arrow.set;
    set(points);
  };
  const ways = ["→", "↘", "↓", "↙", "←", "↖", "↑", "↗"].map((mark, index) => button(mark, () => {
    const turn = (index * Math.PI) / 4;
    const [x, y] = app.placeOfRule();
    const reach = [Math.cos(turn) * 0.12, Math.sin(turn) * 0.12];
    const inside = (each) => Math.round(Math.min(1, Math.max(0, each)) * 1e4) / 1e4;
    chosen([[inside(x - reach[0]), inside(y - reach[1])], [inside(x + reach[0]), inside(y + reach[1])]]);
  }, "", { "aria-label": words.arrow.names[index], title: words.arrow.names[index], "data-id": `${id}-${index}` }));
  return {
    control: el("div", {}, el("div.ways", { role: "group", "aria-label": words.arrow.group }, ways),
      button(words.arrow.draw, () => app.drawArrow(chosen), "", { "data-id": `${id}-draw` }), told),
    labelled: false,
  };
}
