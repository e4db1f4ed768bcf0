// The live picture: asks for the next when the last has arrived, so a slow line or a slow node sets the pace itself.

const WIDTHS = [320, 480, 640, 960, 1280];
const REST_MS = { ok: 250, busy: 1500, lost: 1000, hidden: 500 };

export class Picture {
  constructor(image, api, changed) {
    this.image = image;
    this.api = api;
    this.changed = changed; // told when a picture comes, or when there is none
    this.camera = null;
    this.rest = REST_MS.ok;
    this.turn = 0;
    this.shown = false;
  }

  watch(camera) {
    if (camera === this.camera) return;
    this.camera = camera;
    this.shown = false;
    this.#run((this.turn += 1));
  }

  stop() {
    this.camera = null;
    this.turn += 1;
  }

  async #run(turn) {
    while (turn === this.turn) {
      const rest = document.hidden ? REST_MS.hidden : await this.#next(turn);
      await new Promise((done) => { setTimeout(done, rest); });
    }
  }

  async #next(turn) {
    try {
      const blob = await this.api.picture(this.camera, this.#width());
      if (turn !== this.turn) return 0; // of the camera that was looked at before
      const url = URL.createObjectURL(blob);
      const before = this.image.src;
      this.image.src = url;
      await this.image.decode().catch(() => {});
      if (before.startsWith("blob:")) URL.revokeObjectURL(before);
      if (turn === this.turn) this.#tell(true);
      return this.rest;
    } catch (trouble) {
      if (trouble.code === "node" && turn === this.turn) this.#tell(false);
      return trouble.code === "busy_page" ? REST_MS.busy : REST_MS.lost;
    }
  }

  #tell(shown) {
    if (shown !== this.shown || (shown && !this.size)) {
      this.shown = shown;
      this.size = [this.image.naturalWidth, this.image.naturalHeight];
      this.changed(shown);
    }
  }

  // No more pixels than the screen shows; the first picture is small, so that it is there at once.
  #width() {
    if (!this.shown) return WIDTHS[2];
    const wanted = this.image.clientWidth * Math.min(2, window.devicePixelRatio || 1);
    return WIDTHS.find((width) => width >= wanted * 0.9) ?? WIDTHS.at(-1);
  }
}
