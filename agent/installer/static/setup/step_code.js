// The code of the label: as the first step, and over any other step when the session is over.

import { at, button, el } from "./dom.js";

export const code = {
  enter(app, panel) {
    panel.append(form(app, app.words().code.about, () => app.open()));
    if (app.more?.locked_s) locked(app, panel.querySelector("form"), app.more.locked_s);
  },
};

// Asks again without losing anything; what was under way is tried again by those who wait for it.
export function askCode(app) {
  const dialog = at("dialog");
  if (dialog.open) return;
  dialog.replaceChildren(form(app, app.words().code.again, () => dialog.close()));
  dialog.setAttribute("aria-label", app.words().code.heading);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.showModal();
}

function form(app, about, done) {
  const words = app.words().code;
  const input = el("input.code", {
    id: "code", autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false", maxlength: 40,
    "aria-describedby": "code-about code-wrong", enterkeyhint: "go",
  });
  const wrong = el("p.wrong", { id: "code-wrong", role: "alert" });
  const enter = button(words.enter, null, "main");
  enter.type = "submit";
  const made = el("form.entrance", {}, el("h2", {}, words.heading), el("p.quiet", { id: "code-about" }, about),
    el("label", { for: "code" }, words.label), input, wrong, enter);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    if (!input.value.trim()) {
      wrong.textContent = words.empty;
      return;
    }
    enter.disabled = true;
    try {
      const answer = await app.api.post("/api/login", { code: input.value.trim() });
      app.api.token = answer.token;
      app.closesIn(answer.closes_in_s);
      await done();
    } catch (trouble) {
      wrong.textContent = trouble.kind === "lost" ? app.words().lost : app.say(trouble.text) || app.words().trouble;
      input.setAttribute("aria-invalid", "true");
      input.select();
      if (trouble.code === "locked") return locked(app, made, trouble.retryS);
    }
    enter.disabled = false;
  });
  return made;
}

// Counts down, then lets the person try again.
function locked(app, made, seconds) {
  const wrong = made.querySelector(".wrong");
  const enter = made.querySelector(".main");
  const until = performance.now() + seconds * 1000;
  enter.disabled = true;
  const count = setInterval(() => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left > 0 && made.isConnected) wrong.textContent = app.words().code.locked(left);
    else {
      clearInterval(count);
      wrong.textContent = "";
      enter.disabled = false;
    }
  }, 500);
}
