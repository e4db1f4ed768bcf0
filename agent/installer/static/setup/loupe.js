// What a finger hides, shown beside it three times as large while a corner is placed or dragged.

const SIZE = 120; // px
const TIMES = 3;

export class Loupe {
  constructor(board, picture) {
    this.board = board;
    this.picture = picture;
    this.canvas = document.getElementById("loupe");
  }

  // Around `point`, in the upper corner that is farther from it.
  show(point) {
    const { canvas, picture, board } = this;
    const dots = window.devicePixelRatio || 1;
    canvas.width = canvas.height = SIZE * dots;
    canvas.dataset.side = point[0] < 0.5 ? "right" : "left";
    canvas.hidden = false;
    const pen = canvas.getContext("2d");
    pen.scale(dots, dots);
    pen.fillStyle = "#0b1110";
    pen.fillRect(0, 0, SIZE, SIZE);
    const [x, y] = board.px(point);
    if (picture.naturalWidth) {
      pen.save();
      pen.translate(SIZE / 2 - x * TIMES, SIZE / 2 - y * TIMES);
      pen.drawImage(picture, 0, 0, board.width * TIMES, board.height * TIMES);
      pen.restore();
    }
    this.#edges(pen, x, y);
    pen.strokeStyle = "#fff";
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const [a, b, c, d] of [[0, 0.5, 0.44, 0.5], [0.56, 0.5, 1, 0.5], [0.5, 0, 0.5, 0.44], [0.5, 0.56, 0.5, 1]]) {
      pen.moveTo(a * SIZE, b * SIZE);
      pen.lineTo(c * SIZE, d * SIZE);
    }
    pen.stroke();
  }

  hide() {
    this.canvas.hidden = true;
  }

  #edges(pen, x, y) {
    const { board } = this;
    const shapes = board.draft.state.shapes.map(({ kind, points }) => ({ points, closed: kind !== "line" }));
    if (board.adding) shapes.push({ points: board.adding.points, closed: false });
    pen.strokeStyle = "#ffe28a";
    pen.lineWidth = 2;
    for (const { points, closed } of shapes) {
      pen.beginPath();
      points.forEach((point, index) => {
        const [px, py] = board.px(point);
        pen[index ? "lineTo" : "moveTo"]((px - x) * TIMES + SIZE / 2, (py - y) * TIMES + SIZE / 2);
      });
      if (closed) pen.closePath();
      pen.stroke();
    }
  }
}
