// The drawing over the picture: an SVG whose units are shown pixels, so that corners are as large as a thumb at any size.
//
// It shows the draft and says what the person wants of it (`select`, `place`, `close` …); gestures.js and keys.js turn
// fingers and keys into those calls. Selected: at most one shape, whose corners can then be seen and taken.

import { svg } from "./dom.js";
import { area, between, centre, clamp, crossed, far, inward, nearestEdge, rounded } from "./geometry.js";

export const TOUCH = 22; // px: radius of what a finger can take, 44 px wide
const CLOSES = 14; // px: so near to the first corner closes; a corner may be set closer to it than a finger is wide
const ROOM = 92; // px: a shorter edge has no handle in its middle, it would hide the corners
const LEAST = { zone: 3, mask: 3, line: 2, arrow: 2 };
const TWO = ["line", "arrow"]; // whole with the second point
const MOST = 64;

export class Board {
  constructor(place, draft, say) {
    this.place = place; // the <svg>
    this.draft = draft;
    this.say = say; // {words(), told(text), changed()}
    this.editable = false;
    this.selected = null;
    this.adding = null; // {kind, points, cursor: [x, y] | null}
    this.walkers = []; // boxes of the walk test
    this.arrow = null; // two points: the right way of a rule
    this.width = 0;
    this.height = 0;
    new ResizeObserver(() => this.measure()).observe(place);
  }

  measure() {
    const { width, height } = this.place.getBoundingClientRect();
    if (!width || (width === this.width && height === this.height)) return;
    [this.width, this.height] = [width, height];
    this.place.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.draw();
  }

  edit(on) {
    this.editable = on;
    if (!on) [this.selected, this.adding] = [null, null];
    this.draw();
  }

  // --- what the person wants ---

  select(key) {
    if (this.selected === key) return;
    this.selected = key;
    this.adding = null;
    this.say.changed();
  }

  begin(kind) {
    this.selected = null;
    this.adding = { kind, points: [], cursor: null };
    this.say.changed();
  }

  cancel() {
    const { kind } = this.adding;
    this.adding = null;
    if (kind === "arrow") this.say.arrow(null);
    this.say.changed();
  }

  // A corner of the new shape. The first corner again closes it; a line is whole with two.
  setCorner(point) {
    const { kind, points } = this.adding;
    if (points.length >= LEAST[kind] && this.shown(points[0], point) < CLOSES) return this.close();
    if (points.length && this.shown(points.at(-1), point) < 4) return undefined; // a tap that came twice
    if (points.length >= MOST) return this.say.told(this.say.words().draw.tooMany);
    this.adding = { ...this.adding, points: [...points, rounded(point)] };
    if (TWO.includes(kind) && points.length === 1) return this.close();
    this.say.told(this.say.words().draw.cornerSet(points.length + 1));
    this.say.changed();
  }

  takeBack() {
    const points = this.adding.points.slice(0, -1);
    if (!this.adding.points.length) return this.cancel();
    this.adding = { ...this.adding, points };
    this.say.changed();
  }

  get wanting() {
    return this.adding ? Math.max(0, LEAST[this.adding.kind] - this.adding.points.length) : 0;
  }

  close() {
    const { kind, points } = this.adding;
    const { draw } = this.say.words();
    if (this.wanting) return this.say.told(draw.wanting(this.wanting));
    if (TWO.includes(kind) ? this.shown(...points) < 12 : area(points) < 1e-4) {
      this.adding = { ...this.adding, points: points.slice(0, -1) };
      this.say.changed();
      return this.say.told(draw.tooSmall);
    }
    this.adding = null;
    if (kind === "arrow") return this.say.arrow(points);
    this.selected = this.draft.add(kind, this.draft.nextName(kind, draw.first[kind]), points);
    this.say.told(draw.added[kind](this.draft.shape(this.selected).name));
    this.say.changed();
    this.say.closed?.(this.selected);
  }

  corner(index, point, merge) {
    const shape = this.draft.shape(this.selected);
    this.draft.move(shape.key, shape.points.map((old, i) => (i === index ? rounded(point) : old)), merge);
  }

  insert(index, point, merge = null) {
    const { key, points } = this.draft.shape(this.selected);
    if (points.length < MOST) this.draft.move(key, [...points.slice(0, index + 1), rounded(point), ...points.slice(index + 1)], merge);
  }

  // In the middle of the longest edge; for those who do not point.
  insertAny() {
    const { points } = this.draft.shape(this.selected);
    const lengths = points.map((point, i) => this.shown(point, points[(i + 1) % points.length]));
    const index = lengths.indexOf(Math.max(...lengths));
    this.insert(index, between(points[index], points[(index + 1) % points.length]));
    this.focus(`corner.${index + 1}`);
  }

  insertNear(point) {
    this.insert(nearestEdge(this.draft.shape(this.selected).points, point, true), point);
  }

  // A corner, or all of the shape when no corner can be spared.
  removeCorner(index) {
    const { key, kind, points } = this.draft.shape(this.selected);
    const { draw } = this.say.words();
    if (kind === "line") return this.remove(key);
    if (points.length <= LEAST[kind]) return this.say.told(draw.lastCorners);
    this.draft.move(key, points.filter((_, i) => i !== index));
    this.say.told(draw.cornerGone);
    this.focus(`corner.${Math.min(index, points.length - 2)}`);
  }

  remove(key) {
    const { name, kind } = this.draft.shape(key);
    if (this.selected === key) this.selected = null;
    this.draft.remove(key);
    this.say.told(this.say.words().draw.gone[kind](name));
  }

  flip(key) {
    const { points } = this.draft.shape(key);
    this.draft.move(key, [...points].reverse());
    this.say.told(this.say.words().draw.flipped);
  }

  // --- sizes ---

  shown(a, b) {
    return far([a[0] * this.width, a[1] * this.height], [b[0] * this.width, b[1] * this.height]);
  }

  // A place on the screen as a point of the picture.
  pointAt(event) {
    const box = this.place.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
  }

  px([x, y]) {
    return [x * this.width, y * this.height];
  }

  focus(id) {
    this.draw();
    this.place.querySelector(`[data-id="${id}"]`)?.focus({ preventScroll: true });
  }

  // --- showing ---

  draw() {
    if (!this.width) return;
    const held = this.place.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const shapes = this.draft.state.shapes;
    const order = ["mask", "zone", "line"];
    const below = shapes.filter((shape) => shape.key !== this.selected);
    below.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || area(b.points) - area(a.points));
    const selected = this.draft.shape(this.selected);
    this.place.replaceChildren(
      pattern(),
      ...below.flatMap((shape) => this.#shape(shape)),
      ...this.walkers.map((walker) => this.#walker(walker)),
      ...(selected ? [...this.#shape(selected), ...(this.editable ? this.#handles(selected) : [])] : []),
      ...(this.arrow ? [this.#way(this.arrow)] : []),
      ...(this.adding ? this.#unfinished() : []),
    );
    this.place.dataset.mode = this.adding ? "adding" : this.editable ? "edit" : "look";
    if (held) this.place.querySelector(`[data-id="${held}"]`)?.focus({ preventScroll: true });
  }

  #shape(shape) {
    const { draw } = this.say.words();
    const own = shape.key === this.selected;
    const points = shape.points.map((point) => this.px(point).join(",")).join(" ");
    const wrong = shape.kind !== "line" && crossed(shape.points);
    const label = draw.shapeLabel[shape.kind](shape.name, shape.points.length);
    const given = this.editable && !this.adding
      ? { tabindex: 0, role: "button", "aria-label": label, "aria-pressed": String(own) }
      : { role: "img", "aria-label": label };
    const made = svg(
      `g.shape.${shape.kind}`,
      { ...given, "data-id": `shape.${shape.key}`, "data-key": shape.key, "data-own": own, "data-wrong": wrong },
      svg(shape.kind === "line" ? "polyline" : "polygon", { points, class: "halo" }),
      svg(shape.kind === "line" ? "polyline" : "polygon", { points, class: "outline" }),
      this.#name(shape),
    );
    return shape.kind === "line" ? [this.#arrow(shape.points, draw.inside), made] : [made];
  }

  #name(shape) {
    const text = (x, y, anchor) => svg("text.name", { x, y: Math.min(this.height - 6, Math.max(16, y)), "text-anchor": anchor }, shape.name);
    if (shape.kind === "line") {
      // On the side to which the arrow does not point.
      const [x, y] = this.px(between(...shape.points));
      const [ix, iy] = inward(shape.points, this.width, this.height);
      return text(x - ix * 14, y - iy * 18 + 5, Math.abs(ix) < 0.5 ? "middle" : ix > 0 ? "end" : "start");
    }
    const [x, y] = this.px(centre(shape.points));
    return text(x, y + 5, "middle");
  }

  #arrow(points, word) {
    const [x, y] = this.px(between(...points));
    const [ix, iy] = inward(points, this.width, this.height);
    const long = Math.max(26, this.width / 22);
    const tip = [x + ix * long, y + iy * long];
    const side = [-iy * 8, ix * 8];
    const base = [x + ix * (long - 14), y + iy * (long - 14)];
    const head = [tip, [base[0] + side[0], base[1] + side[1]], [base[0] - side[0], base[1] - side[1]]];
    return svg(
      "g.arrow",
      { "aria-hidden": "true" },
      svg("line", { x1: x, y1: y, x2: base[0], y2: base[1] }),
      svg("polygon", { points: head.map((each) => each.join(",")).join(" ") }),
      svg("text", { x: x + ix * (long + 14), y: y + iy * (long + 14) + 5, "text-anchor": "middle" }, word),
    );
  }

  #way([from, to]) {
    const [[x1, y1], [x2, y2]] = [this.px(from), this.px(to)];
    const long = Math.hypot(x2 - x1, y2 - y1) || 1;
    const [ux, uy] = [(x2 - x1) / long, (y2 - y1) / long];
    const base = [x2 - ux * 18, y2 - uy * 18];
    const head = [[x2, y2], [base[0] - uy * 10, base[1] + ux * 10], [base[0] + uy * 10, base[1] - ux * 10]];
    return svg("g.way", { role: "img", "aria-label": this.say.words().draw.kind.arrow },
      svg("line", { x1, y1, x2: base[0], y2: base[1] }), svg("polygon", { points: head.map((each) => each.join(",")).join(" ") }));
  }

  #walker({ box, name, enough }) {
    const [x, y] = this.px([box[0], box[1]]);
    const [right, bottom] = this.px([box[2], box[3]]);
    return svg(
      "g.walker",
      { "data-enough": String(enough), role: "img", "aria-label": name },
      svg("rect", { x, y, width: right - x, height: bottom - y }),
      svg("text", { x, y: Math.max(14, y - 5) }, name),
    );
  }

  #handles({ kind, points }) {
    const { draw } = this.say.words();
    const corners = points.map((point, index) => {
      const [cx, cy] = this.px(point);
      const label = draw.cornerLabel(index + 1, points.length, percent(point));
      return svg(
        "g.corner",
        { tabindex: 0, role: "button", "aria-label": label, "data-id": `corner.${index}`, "data-corner": index },
        svg("circle.hit", { cx, cy, r: TOUCH }),
        svg("circle.dot", { cx, cy, r: 8 }),
        kind === "line" ? svg("text", { x: cx, y: cy + 4, "text-anchor": "middle" }, String(index + 1)) : null,
      );
    });
    if (kind === "line") return corners;
    const middles = points.flatMap((point, index) => {
      const next = points[(index + 1) % points.length];
      if (this.shown(point, next) < ROOM || points.length >= MOST) return [];
      const [cx, cy] = this.px(between(point, next));
      return [svg("g.middle", { "data-middle": index, "aria-hidden": "true" },
        svg("circle.hit", { cx, cy, r: TOUCH }), svg("circle.dot", { cx, cy, r: 6 }),
        svg("path", { d: `M${cx - 3} ${cy}h6M${cx} ${cy - 3}v6` }))];
    });
    return [...middles, ...corners];
  }

  #unfinished() {
    const { kind, points, cursor } = this.adding;
    const { draw } = this.say.words();
    const all = cursor ? [...points, cursor] : points;
    const shown = all.map((point) => this.px(point).join(",")).join(" ");
    const parts = [svg(`g.shape.${kind}.unfinished`, { "aria-hidden": "true" },
      svg("polyline", { points: shown, class: "halo" }), svg("polyline", { points: shown, class: "outline" }))];
    points.forEach((point, index) => {
      const [cx, cy] = this.px(point);
      const closes = index === 0 && !TWO.includes(kind) && points.length >= 3;
      parts.push(svg("g.placed", { "aria-hidden": "true", "data-closes": closes },
        closes ? svg("circle.ring", { cx, cy, r: CLOSES }) : null, svg("circle.dot", { cx, cy, r: 7 })));
    });
    const [x, y] = this.px(cursor ?? [0.5, 0.5]);
    parts.push(svg("g.cursor",
      { tabindex: 0, role: "button", "data-id": "cursor", "aria-label": draw.cursor(percent(cursor ?? [0.5, 0.5]), points.length) },
      svg("circle.hit", { cx: x, cy: y, r: 14 }), svg("path", { d: `M${x - 14} ${y}h28M${x} ${y - 14}v28` })));
    return parts;
  }
}

export const percent = ([x, y]) => [Math.round(x * 100), Math.round(y * 100)];

function pattern() {
  return svg("defs", {}, svg("pattern", { id: "hatch", width: 10, height: 10, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: 10, height: 10, class: "dark" }), svg("rect", { width: 3, height: 10, class: "light" })));
}

