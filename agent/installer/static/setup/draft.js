// What the person draws and sets, with undo, kept in sessionStorage so that no reload, no lost line and no restart of
// the node takes it away. Every change makes a new state: {shapes, rules, transcode} of one camera.
//
// shape: {key, kind: "zone" | "line" | "mask", name, points}; rule: {key, ...as the configuration writes it}; transcode:
// whether the node may encode anew, which masks may need.

import { asName, freeName } from "./geometry.js";

const DEEPEST = 200;
const KINDS = { zone: "zones", line: "lines", mask: "privacy_masks" };

let lastKey = 0;
const newKey = () => `k${(lastKey += 1)}`;

export class Draft {
  constructor(changed) {
    this.changed = changed;
    this.camera = null;
    this.base = null; // the hash of the configuration that it was drawn over
    this.state = { shapes: [], rules: [], transcode: null };
    this.saved = "";
    this.sent = null; // what is on trial of it
    this.past = [];
    this.future = [];
  }

  // Begin with what the node runs.
  load(camera, base, config) {
    this.camera = camera;
    this.base = base;
    this.sent = null;
    this.state = stateOf(config);
    this.saved = JSON.stringify(written(this.state));
    this.past = [];
    this.future = [];
    this.keep();
    this.changed();
  }

  // What was kept of this camera, unless it is the same as what the node runs. True when something was taken.
  recall(camera) {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(`draft.${camera}`));
    } catch {
      return false;
    }
    if (!kept?.state) return false;
    this.camera = camera;
    this.base = kept.base;
    this.saved = kept.saved;
    this.sent = kept.sent ?? null;
    this.state = {
      shapes: kept.state.shapes.map((shape) => ({ ...shape, key: newKey() })),
      rules: kept.state.rules.map((rule) => ({ ...rule, key: newKey() })),
      transcode: kept.state.transcode,
    };
    this.past = [];
    this.future = [];
    this.changed();
    return true;
  }

  // It goes on trial.
  send() {
    this.sent = JSON.stringify(written(this.state));
    this.keep();
  }

  // A trial was kept: what was drawn since this one began is still to be saved. Not ours: what was drawn over before.
  kept(base, config) {
    const now = JSON.stringify(written(this.state));
    if ([this.saved, this.sent, JSON.stringify(written(stateOf(config)))].includes(now)) this.load(this.camera, base, config);
    else if (this.sent !== null) this.rebase(base, config);
  }

  keep() {
    try {
      const { base, saved, sent, state } = this;
      sessionStorage.setItem(`draft.${this.camera}`, JSON.stringify({ base, saved, sent, state }));
    } catch {
      // A browser that keeps nothing: the drawing lives as long as the page.
    }
  }

  get dirty() {
    return JSON.stringify(written(this.state)) !== this.saved;
  }

  // One step that can be undone. `merge`: steps of the same name that follow each other are one (typing, arrow keys).
  change(next, merge = null) {
    if (!(merge && merge === this.merge)) this.past.push(this.state);
    if (this.past.length > DEEPEST) this.past.shift();
    this.merge = merge;
    this.future = [];
    this.state = next;
    this.keep();
    this.changed();
  }

  undo() {
    this.#step(this.past, this.future);
  }

  redo() {
    this.#step(this.future, this.past);
  }

  #step(from, to) {
    if (!from.length) return;
    to.push(this.state);
    this.state = from.pop();
    this.merge = null;
    this.keep();
    this.changed();
  }

  shape(key) {
    return this.state.shapes.find((shape) => shape.key === key) ?? null;
  }

  of(kind) {
    return this.state.shapes.filter((shape) => shape.kind === kind);
  }

  add(kind, name, points) {
    const key = newKey();
    const free = freeName(name, this.of(kind).map((shape) => shape.name));
    this.change({ ...this.state, shapes: [...this.state.shapes, { key, kind, name: free, points }] });
    return key;
  }

  // zone-1, zone-2 …
  nextName(kind, word) {
    const taken = this.of(kind).map((shape) => shape.name);
    let number = 1;
    while (taken.includes(`${word}-${number}`)) number += 1;
    return `${word}-${number}`;
  }

  move(key, points, merge = null) {
    const shapes = this.state.shapes.map((shape) => (shape.key === key ? { ...shape, points } : shape));
    this.change({ ...this.state, shapes }, merge);
  }

  // The rules that name it are renamed with it.
  rename(key, wanted) {
    const shape = this.shape(key);
    const others = this.of(shape.kind).filter((other) => other !== shape).map((other) => other.name);
    const name = freeName(asName(wanted) || shape.name, others);
    if (name === shape.name) return;
    const shapes = this.state.shapes.map((one) => (one.key === key ? { ...one, name } : one));
    const rules = this.state.rules.map((rule) => (rule[shape.kind] === shape.name ? { ...rule, [shape.kind]: name } : rule));
    this.change({ ...this.state, shapes, rules });
  }

  remove(key) {
    this.change({ ...this.state, shapes: this.state.shapes.filter((shape) => shape.key !== key) });
  }

  users(shape) {
    return shape.kind === "mask" ? [] : this.state.rules.filter((rule) => rule[shape.kind] === shape.name);
  }

  setTranscode(on) {
    this.change({ ...this.state, transcode: on ? true : null });
  }

  // What runs now takes the place of the drawing; one step back brings that again.
  take(base, config) {
    this.rebase(base, config);
    this.change(stateOf(config));
  }

  // The drawing stays, over what runs now.
  rebase(base, config) {
    this.base = base;
    this.sent = null;
    this.saved = JSON.stringify(written(stateOf(config)));
    this.keep();
  }

  addRule(rule) {
    const key = newKey();
    this.change({ ...this.state, rules: [...this.state.rules, { key, ...rule }] });
    return key;
  }

  setRule(key, field, value) {
    const rules = this.state.rules.map((rule) => {
      if (rule.key !== key) return rule;
      const next = { ...rule, [field]: value };
      if (value === undefined) delete next[field];
      return next;
    });
    this.change({ ...this.state, rules }, `rule.${key}.${field}`);
  }

  removeRule(key) {
    this.change({ ...this.state, rules: this.state.rules.filter((rule) => rule.key !== key) });
  }

  // As the configuration of the camera writes it.
  written() {
    return written(this.state);
  }
}

function stateOf(config) {
  const shapes = [];
  for (const [kind, section] of Object.entries(KINDS)) {
    for (const [name, points] of Object.entries(config[section] ?? {})) shapes.push({ key: newKey(), kind, name, points });
  }
  const rules = (config.rules ?? []).map((rule) => ({ key: newKey(), ...rule }));
  return { shapes, rules, transcode: config.transcode ?? null };
}

function written(state) {
  const all = { transcode: state.transcode, zones: {}, lines: {}, privacy_masks: {}, rules: [] };
  for (const { kind, name, points } of state.shapes) all[KINDS[kind]][name] = points;
  all.rules = state.rules.map(({ key, ...rule }) => rule);
  return all;
}
