// What is drawn on each camera, and the board to draw on: fetched when the first picture stands there.

import { Board } from "./board.js";
import { at, tell } from "./dom.js";
import { Draft } from "./draft.js";

export function beginDrawing(app) {
  app.board = new Board(at("board"), draftOf(app, app.camera), { words: app.words, told: tell, changed: app.changed });
}

// The draft of a camera: what was kept of it in this browser, else what the node runs.
export function draftOf(app, id) {
  if (!app.drafts.has(id)) {
    const draft = new Draft(app.changed);
    app.drafts.set(id, draft);
    const running = app.config.cameras.find((camera) => camera.id === id) ?? {};
    const recalled = draft.recall(id) && draft.dirty;
    if (!recalled) draft.load(id, app.config.hash, running);
    app.recalled ||= recalled;
  }
  return app.drafts.get(id);
}
