// Done: what runs now, and the way out.

import { at, button, el, renew } from "./dom.js";

export const done = {
  enter(app, panel) {
    const words = app.words().done;
    const count = (kind) => app.draft?.of(kind).length ?? 0;
    panel.append(el("section.card.done", { id: "done" }, el("p.tick", { "aria-hidden": "true" }, "✓"), el("h2", {}, words.heading),
      app.more?.same ? null : el("p.big", {}, words.about),
      el("p", {}, words.summary(count("zone"), count("line"), count("mask"), app.draft?.state.rules.length ?? 0)),
      el("div.actions", {}, button(words.finish, () => finish(app), "main", { "data-id": "finish" }), button(words.more, () => app.go("aim")))),
    el("div", { id: "done-trouble" }));
  },
};

async function finish(app) {
  const words = app.words().done;
  try {
    await app.api.post("/api/finish");
    app.finished = true;
    renew(at("done"), el("p.tick", { "aria-hidden": "true" }, "✓"), el("h2", {}, words.closed), el("p.quiet", {}, words.closedAbout));
  } catch (trouble) {
    app.troubled(trouble, at("done-trouble"));
  }
}
