// Small makers of elements. Text of the node or of people is only ever set as textContent.

const SVG = "http://www.w3.org/2000/svg";

export const at = (id) => document.getElementById(id);

// el("button.big", {type: "button", onclick: f, "aria-label": "x"}, "text", child, …); null children are left out.
export function el(kind, given = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  return dress(document.createElement(tag), classes, given, children);
}

export function svg(kind, given = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  return dress(document.createElementNS(SVG, tag), classes, given, children);
}

function dress(made, classes, given, children) {
  if (classes.length) made.classList.add(...classes);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue; // `false` has to be told as a string
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") made[name] = value;
    else made.setAttribute(name, value === true && !/^(data|aria)-/.test(name) ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const button = (text, onclick, kind = "", given = {}) =>
  el(kind ? `button.${kind}` : "button", { type: "button", onclick, ...given }, text);

// A button that is only a sign; its name is heard and shown on hovering.
export const sign = (mark, name, onclick, kind = "") =>
  el(kind ? `button.${kind}` : "button", { type: "button", onclick, "aria-label": name, title: name },
    el("span", { "aria-hidden": "true" }, mark));

// A sentence that screen readers hear without moving there.
let telling = 0;
export function tell(text) {
  const place = at("told");
  place.textContent = "";
  clearTimeout(telling);
  telling = setTimeout(() => { place.textContent = text; }, 60);
}

// A button that is drawn anew while a finger is on it never hears the click. What a field tells as the finger leaves it for
// that button is shown when the finger is lifted.
let pressed = false;
let shownLater = null;

function lifted() {
  pressed = false;
  shownLater?.();
  shownLater = null;
}

document.addEventListener("mousedown", (event) => { pressed = !at("board").contains(event.target); }, true);
document.addEventListener("click", () => { pressed = false; }, true);
// A list that opens may keep the end of the press to itself: the next key ends it as well.
for (const end of ["mouseup", "pointercancel", "keydown"]) document.addEventListener(end, () => setTimeout(lifted), true);

export function whenLifted(show) {
  shownLater = pressed ? show : null;
  if (!pressed) show();
}

// New children; the one that was focused (by its data-id) is focused again.
export function renew(place, ...children) {
  const active = document.activeElement;
  const held = place.contains(active) ? active.dataset.id : null;
  place.replaceChildren(...children.flat().filter(Boolean));
  if (held) place.querySelector(`[data-id="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}
