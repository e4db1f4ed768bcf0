// Tiles of health, open faults, and one sentence for all of it. Each state has a sign and a word beside its colour.

import { WORDS } from "./words.js";

export function showHealth(state, language) {
  const words = WORDS[language];
  showOverall(state, words);
  fillList("tiles", state.tiles, newTile, (item, tile) => {
    const [mark, name, value, detail] = item.children;
    item.dataset.level = tile.level;
    mark.title = words.level[tile.level];
    name.textContent = tile.name[language];
    value.textContent = tile.value[language];
    detail.textContent = tile.detail[language];
  });
  fillList("faults", state.faults, newFault, (item, fault) => {
    item.children[0].textContent = fault.text[language];
    item.children[1].textContent = [fault.hint?.[language], `camera-agent fault ${fault.code}`].filter(Boolean).join(" · ");
    item.dataset.level = fault.level;
    item.title = fault.code;
  });
}

function showOverall(state, words) {
  // Most faults have a tile as well: the longer list counts, not both.
  const among = (things, level) => things.filter((thing) => thing.level === level).length;
  const count = (level) => Math.max(among(state.tiles, level), among(state.faults, level));
  const broken = count("broken");
  const mind = count("mind");
  const level = broken ? "broken" : mind ? "mind" : "good";
  document.getElementById("overall").dataset.level = level;
  document.getElementById("overall-words").textContent = level === "good" ? words.allGood : words[level](broken || mind);
}

function fillList(id, things, make, fill) {
  const list = document.getElementById(id);
  while (list.children.length > things.length) list.lastElementChild.remove();
  while (list.children.length < things.length) list.append(make());
  things.forEach((thing, index) => fill(list.children[index], thing));
}

function newTile() {
  const item = document.createElement("li");
  item.className = "tile";
  for (const name of ["mark", "name", "value", "detail"]) {
    const part = document.createElement("span");
    part.className = name;
    item.append(part);
  }
  item.firstElementChild.setAttribute("role", "img");
  return item;
}

function newFault() {
  const item = document.createElement("li");
  item.append(document.createElement("strong"), document.createElement("span"));
  return item;
}
