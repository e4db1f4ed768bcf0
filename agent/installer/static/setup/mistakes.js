// What the node found wrong in the drawing and the rules, and where on the page that is.

import { el } from "./dom.js";

const SECTIONS = { zones: "zone", lines: "line", privacy_masks: "mask" };

// Asks the node about everything drawn so far.
export async function check(app) {
  const answer = await app.api.post("/api/check", { cameras: changedCameras(app) });
  app.mistakes = answer.mistakes;
  app.remarks = answer.remarks;
  app.same = answer.same;
  return answer;
}

// The cameras as they should become: those that somebody drew on, the others are left out.
export function changedCameras(app) {
  const drawn = [...app.drafts.values()].filter((draft) => draft.dirty);
  return drawn.map((draft) => ({ id: draft.camera, ...draft.written() }));
}

// {step, camera, key, field} of a mistake; null where the page has no place for it.
export function placeOf(app, { steps }) {
  const [top, index, section, name, field] = steps;
  const camera = app.config.cameras[index]?.id;
  if (top !== "cameras" || !camera) return null;
  const { state } = app.draftOf(camera);
  if (section === "rules") return { step: "rules", camera, key: state.rules[name]?.key ?? null, field: field ?? null };
  if (section in SECTIONS) {
    const shape = state.shapes.find((each) => each.kind === SECTIONS[section] && (name === undefined || each.name === name));
    return { step: "draw", camera, key: shape?.key ?? null, field: null };
  }
  return { step: "draw", camera, key: null, field: section ?? null };
}

// The words of a mistake with its remedy.
export function told(app, mistake) {
  const told = [mistake.text, mistake.remedy].filter(Boolean).map((each) => app.say(each));
  return el("p.wrong", {}, told.join(". "));
}

// What was found wrong with a shape.
export function mistakesAt(app, shape) {
  return app.mistakes.filter((mistake) => placeOf(app, mistake)?.key === shape.key).map((mistake) => told(app, mistake));
}
