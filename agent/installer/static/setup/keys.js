// The board by keyboard. Tab goes from shape to shape and, when one is selected, from corner to corner.

import { clamp, moved } from "./geometry.js";

const STEP = 0.005; // of the picture, for one press
const FAST = 0.04; // with Shift
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function listenToKeys(board) {
  board.place.addEventListener("keydown", (event) => {
    if (!board.editable || event.ctrlKey || event.metaKey || event.altKey) return;
    if (board.adding ? whileAdding(board, event) : whileEditing(board, event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
}

function whileAdding(board, event) {
  const way = WAYS[event.key];
  const [x, y] = board.adding.cursor ?? [0.5, 0.5];
  if (way) {
    const step = event.shiftKey ? FAST : STEP;
    board.adding = { ...board.adding, cursor: [clamp(x + way[0] * step), clamp(y + way[1] * step * ratio(board))] };
    board.draw();
  } else if (event.key === " ") board.setCorner([x, y]);
  else if (event.key === "Enter") board.close();
  else if (event.key === "Backspace" || event.key === "Delete") board.takeBack();
  else if (event.key === "Escape") board.cancel();
  else return false;
  return true;
}

function whileEditing(board, event) {
  const corner = event.target.closest("[data-corner]");
  const shape = event.target.closest("[data-key]");
  const way = WAYS[event.key];
  const gone = event.key === "Delete" || event.key === "Backspace";
  if (event.key === "Escape" || (corner && event.key === "Enter")) {
    const { selected } = board;
    board.select(null);
    if (selected) board.focus(`shape.${selected}`);
    return selected !== null;
  }
  if (corner) return onCorner(board, Number(corner.dataset.corner), way, gone, event.shiftKey);
  if (!shape) return false;
  if (event.key === "Enter" || event.key === " ") {
    board.select(shape.dataset.key);
    board.focus("corner.0");
  } else if (gone) board.remove(shape.dataset.key);
  else if (way) {
    const step = event.shiftKey ? FAST : STEP;
    const { points } = board.draft.shape(shape.dataset.key);
    const next = moved(points, way[0] * step, way[1] * step * ratio(board));
    board.draft.move(shape.dataset.key, next, `keys.${shape.dataset.key}`);
  } else return false;
  return true;
}

function onCorner(board, index, way, gone, fast) {
  if (gone) board.removeCorner(index);
  else if (way) {
    const [x, y] = board.draft.shape(board.selected).points[index];
    const step = fast ? FAST : STEP;
    board.corner(index, [x + way[0] * step, y + way[1] * step * ratio(board)], `keys.${board.selected}.${index}`);
  } else return false;
  return true;
}

// A press moves as far down as it does sideways.
const ratio = (board) => board.width / (board.height || 1);
