// Fingers, pens and mice on the board: tap, drag, press long. The picture can still be scrolled past where nothing is
// being drawn (touch-action in setup.css).

import { Loupe } from "./loupe.js";
import { moved } from "./geometry.js";

const SLACK = 6; // px: a finger that moves less has tapped
const LONG_MS = 600;

export function listenToFingers(board, picture) {
  const loupe = new Loupe(board, picture);
  let held = null; // {id, what, index, start, points, dragging, timer}

  const taken = (target) => {
    if (board.adding) return { what: "place" };
    const corner = target.closest("[data-corner]");
    if (corner) return { what: "corner", index: Number(corner.dataset.corner) };
    const middle = target.closest("[data-middle]");
    if (middle) return { what: "middle", index: Number(middle.dataset.middle) };
    const shape = target.closest("[data-key]");
    return { what: "shape", key: shape?.dataset.key ?? null };
  };

  const down = (event) => {
    if (!board.editable || held || event.button > 0 || !event.isPrimary) return;
    held = { id: event.pointerId, start: [event.clientX, event.clientY], dragging: false, ...taken(event.target) };
    if (held.what !== "shape" || held.key === board.selected) board.place.setPointerCapture(event.pointerId);
    held.points = board.draft.shape(board.selected)?.points ?? [];
    held.mark = `drag.${performance.now()}`;
    if (held.what === "corner") held.timer = setTimeout(pressedLong, LONG_MS);
    if (held.what === "place") hover(event);
  };

  const pressedLong = () => {
    if (!held || held.dragging) return;
    navigator.vibrate?.(30);
    board.removeCorner(held.index);
    end();
  };

  const move = (event) => {
    if (!held) {
      if (board.adding && event.pointerType === "mouse") hover(event, false);
      return;
    }
    if (event.pointerId !== held.id) return;
    const way = [event.clientX - held.start[0], event.clientY - held.start[1]];
    if (!held.dragging && Math.hypot(...way) < SLACK) return;
    if (!held.dragging) begin(event);
    drag(event, way);
  };

  const begin = (event) => {
    held.dragging = true;
    clearTimeout(held.timer);
    if (held.what === "middle") {
      board.insert(held.index, board.pointAt(event), held.mark);
      held = { ...held, what: "corner", index: held.index + 1 };
    }
  };

  const drag = (event, way) => {
    const point = board.pointAt(event);
    if (held.what === "place") hover(event);
    else if (held.what === "corner") {
      board.corner(held.index, point, held.mark);
      loupe.show(point);
    } else if (held.what === "shape" && held.key && held.key === board.selected) {
      const points = moved(held.points, way[0] / board.width, way[1] / board.height);
      board.draft.move(held.key, points, held.mark);
    }
  };

  const hover = (event, close = true) => {
    board.adding = { ...board.adding, cursor: board.pointAt(event) };
    board.draw();
    if (close && event.pointerType !== "mouse") loupe.show(board.adding.cursor);
  };

  const up = (event) => {
    if (!held || event.pointerId !== held.id) return;
    const { what, dragging, key, index } = held;
    end();
    if (what === "place" && board.adding) {
      const point = board.pointAt(event);
      board.adding = { ...board.adding, cursor: null };
      board.setCorner(point);
    } else if (!dragging && what === "shape") board.select(key);
    else if (!dragging && what === "middle") board.insert(index, board.pointAt(event));
    else if (what === "corner") board.focus(`corner.${index}`);
  };

  const end = () => {
    clearTimeout(held?.timer);
    held = null;
    loupe.hide();
  };

  const lost = () => {
    if (held?.what === "place" && board.adding) board.adding = { ...board.adding, cursor: null };
    end();
    board.draw();
  };

  board.place.addEventListener("pointerdown", down);
  board.place.addEventListener("pointermove", move);
  board.place.addEventListener("pointerup", up);
  board.place.addEventListener("pointercancel", lost);
  board.place.addEventListener("contextmenu", (event) => board.editable && event.preventDefault());
}
