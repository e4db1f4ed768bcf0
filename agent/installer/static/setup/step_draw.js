// Draw: zones, lines and privacy masks on the picture, and the same as a list with numbers for those who do not point.

import { at, button, el, renew, sign, tell } from "./dom.js";
import { listenToFingers } from "./gestures.js";
import { asName, crossed } from "./geometry.js";
import { listenToKeys } from "./keys.js";
import { mistakesAt } from "./mistakes.js";

const KINDS = ["zone", "line", "mask"];
let listening = false;

export const draw = {
  // Fingers and keys reach the board from now on.
  listen(app) {
    if (listening) return;
    listenToFingers(app.board, at("live"));
    listenToKeys(app.board);
    app.board.say.closed = (key) => app.board.focus(`shape.${key}`);
    listening = true;
  },

  enter(app, panel) {
    draw.listen(app);
    app.board.edit(true);
    panel.append(el("div", { id: "draw-panel" }));
    if (app.more?.key) app.board.selected = app.more.key;
    draw.changed(app);
  },

  leave(app) {
    app.board.edit(false);
  },

  changed(app) {
    tools(app);
    const words = app.words().draw;
    const { board, draft } = app;
    const chosen = draft.shape(board.selected);
    renew(at("draw-panel"),
      board.adding || chosen ? null : el("h2", {}, words.heading),
      board.adding ? hint(app, words) : null,
      chosen ? shapeCard(app, chosen, words) : null,
      board.adding || chosen ? null : el("p.quiet", {}, words.about),
      board.adding ? null : list(app, words));
  },
};

function tools(app) {
  const words = app.words().draw;
  const { board, draft } = app;
  const begin = (kind) => (event) => {
    board.begin(kind);
    tell(words.start[kind]);
    if (event.detail === 0) board.focus("cursor");
  };
  const adding = () => [
    sign("↶", words.takeBack, () => board.takeBack(), "tool"),
    button(words.cancel, () => board.cancel(), "tool"),
    button(words.finish, () => board.close(), "tool.main", { "data-id": "finish", disabled: board.wanting > 0 || board.adding.kind === "line" }),
  ];
  const choosing = () => [
    ...KINDS.map((kind) => button("", begin(kind), `tool.${kind}`, { "data-id": kind, "aria-label": words.add[kind] })),
    sign("↶", app.words().undo, () => draft.undo(), "tool.slim"),
    sign("↷", app.words().redo, () => draft.redo(), "tool.slim"),
  ];
  const made = board.adding ? adding() : choosing();
  if (!board.adding) {
    made.slice(0, 3).forEach((each, index) => each.append(el("span.swatch", { "aria-hidden": "true" }), words.kind[KINDS[index]]));
    made[3].disabled = !draft.past.length;
    made[4].disabled = !draft.future.length;
    Object.assign(made[3].dataset, { id: "undo" });
    Object.assign(made[4].dataset, { id: "redo" });
  }
  renew(at("tools"), el("div.tools", { role: "group", "aria-label": words.tools }, made));
}

function hint(app, words) {
  const { kind, points } = app.board.adding;
  const next = points.length === 0 ? words.start[kind]
    : kind === "line" ? words.second
      : app.board.wanting ? words.more(app.board.wanting) : words.canClose;
  return el("div.card.hint", {}, el("p.big", {}, next), el("p.quiet.keys", {}, words.keys));
}

function list(app, words) {
  const { draft, board } = app;
  const { shapes } = draft.state;
  if (!shapes.length) return el("p.card", {}, words.none);
  const rows = KINDS.flatMap((kind) => draft.of(kind)).map((shape) => {
    const users = draft.users(shape).length;
    const fact = shape.kind === "mask" ? words.corners(shape.points.length) : users ? words.usedBy(users) : words.unused;
    const own = shape.key === board.selected;
    const row = button("", () => board.select(shape.key), `row.${shape.kind}`, { "data-id": `row.${shape.key}`, "aria-pressed": String(own) });
    row.append(el("span.swatch", { "aria-hidden": "true" }), el("span.unseen", {}, words.edit), el("b", {}, shape.name),
      el("span.quiet", {}, `${words.kind[shape.kind]} · ${fact}`));
    return el("li", { "data-own": own }, row, mistakesAt(app, shape));
  });
  return el("section", { "aria-labelledby": "list-heading" }, el("h3", { id: "list-heading" }, words.list), el("ul.rows", {}, rows));
}

function shapeCard(app, shape, words) {
  const { board, draft } = app;
  const name = el("input", { id: "shape-name", "data-id": "shape-name", value: shape.name, maxlength: 63, autocapitalize: "none", spellcheck: "false", "aria-describedby": "shape-name-hint" });
  const hintAt = el("p.quiet", { id: "shape-name-hint" });
  name.addEventListener("input", () => {
    const told = asName(name.value);
    hintAt.textContent = told && told !== name.value ? words.nameHint(told) : "";
  });
  name.addEventListener("change", () => draft.rename(shape.key, name.value));
  const quick = words.quick[shape.kind].map((each) => button(each, () => draft.rename(shape.key, each), "chip", { "data-id": `quick.${each}` }));
  const actions = el("div.actions", {},
    shape.kind === "line" ? button(words.flip, () => board.flip(shape.key), "flip", { "data-id": "flip" }) : null,
    button(app.words().remove, () => board.remove(shape.key), "danger", { "data-id": "remove" }),
    button(words.finish, () => {
      board.select(null);
      at("tools").querySelector("button")?.focus();
    }, "main", { "data-id": "shape-done" }));
  return el("section.card", { "aria-label": words.shapeLabel[shape.kind](shape.name, shape.points.length) }, actions,
    maskNote(app, shape, words),
    el("label", { for: "shape-name" }, `${words.kind[shape.kind]} · ${words.name}`), name, hintAt, el("div.chips", {}, quick),
    shape.kind !== "line" && crossed(shape.points) ? el("p.wrong", { role: "alert" }, words.crossed) : null,
    mistakesAt(app, shape),
    shape.kind === "line" ? el("p.quiet", {}, words.direction) : el("p.quiet.touch", {}, words.hold),
    el("p.quiet.keys", {}, words.editKeys),
    numbers(app, shape, words));
}

function maskNote(app, shape, words) {
  if (shape.kind !== "mask" || app.view.may_mask) return null;
  const allowed = app.draft.state.transcode === true;
  const box = el("input", { type: "checkbox", id: "transcode", checked: allowed, "data-id": "transcode" });
  box.addEventListener("change", () => app.draft.setTranscode(box.checked));
  return el("div.notice.mind", {}, el("p", {}, words.cannotMask), el("label.switch", { for: "transcode" }, box, words.allowMask));
}

function numbers(app, shape, words) {
  const { board, draft } = app;
  const rows = shape.points.map((point, index) => el("div", { role: "group", "aria-label": words.cornerNumber(index + 1) }, el("b", {}, String(index + 1)),
    ...[0, 1].map((axis) => {
      const input = el("input", {
        type: "number", min: 0, max: 100, step: 0.1, inputmode: "decimal", value: Math.round(point[axis] * 1000) / 10,
        "data-id": `number.${index}.${axis}`, "aria-label": `${words.cornerNumber(index + 1)}, ${axis ? words.fromTop : words.fromLeft}`,
      });
      input.addEventListener("change", () => {
        if (!input.value || !input.validity.valid) return input.reportValidity();
        draft.move(shape.key, shape.points.map((each, i) => (i === index ? each.map((old, a) => (a === axis ? Number(input.value) / 100 : old)) : each)));
      });
      return el("label", {}, input, el("span", { "aria-hidden": "true" }, axis ? words.fromTop : words.fromLeft));
    }),
    shape.kind !== "line" && shape.points.length > 3 ? sign("✕", words.removeCorner(index + 1), () => board.removeCorner(index), "slim") : null));
  // Kept at the click: `toggle` comes some time later, and what is drawn anew meanwhile would be closed.
  const fold = el("summary", { "data-id": "numbers", onclick: () => { app.numbersOpen = !made.open; } }, words.numbers);
  const made = el("details", { open: app.numbersOpen }, fold, el("div.numbers", {}, rows),
    shape.kind === "line" ? null : button(words.addCorner, () => board.insertAny(), "", { "data-id": "add-corner" }));
  return made;
}
