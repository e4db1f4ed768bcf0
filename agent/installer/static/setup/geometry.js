// Points are [x, y] from 0 to 1, the origin is the top left corner; `width` and `height` are of the picture as shown.

export const clamp = (value) => Math.min(1, Math.max(0, value));
export const rounded = ([x, y]) => [Math.round(clamp(x) * 1e4) / 1e4, Math.round(clamp(y) * 1e4) / 1e4];
export const between = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
export const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

export function centre(points) {
  const sum = points.reduce((all, [x, y]) => [all[0] + x, all[1] + y], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
const cross = (a, b, c, d) => turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;

export function area(points) {
  return Math.abs(points.reduce((sum, [x, y], i) => {
    const [nx, ny] = points[(i + 1) % points.length];
    return sum + x * ny - nx * y;
  }, 0)) / 2;
}

// Whether edges of the closed outline cross: the same check as the node's.
export function crossed(points) {
  const edges = points.map((point, i) => [point, points[(i + 1) % points.length]]);
  return edges.some(([a, b], i) => edges.slice(i + 2).some(([c, d]) => cross(a, b, c, d)));
}

// Which way is `in`: from left to right of somebody who walks from the first point to the second; y grows downwards.
// In shown pixels, of length 1.
export function inward([a, b], width, height) {
  const along = [(b[0] - a[0]) * width, (b[1] - a[1]) * height];
  const length = Math.hypot(...along) || 1;
  return [-along[1] / length, along[0] / length];
}

// The edge of the outline that is nearest to the point: the index of its first corner.
export function nearestEdge(points, point, closed) {
  const last = closed ? points.length : points.length - 1;
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < last; i += 1) {
    const distance = toSegment(point, points[i], points[(i + 1) % points.length]);
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

function toSegment(p, a, b) {
  const long = far(a, b) ** 2;
  const share = long ? clamp(((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / long) : 0;
  return far(p, [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
}

// Moved by (dx, dy), as far as all of it stays in the picture.
export function moved(points, dx, dy) {
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const x = Math.min(1 - Math.max(...xs), Math.max(-Math.min(...xs), dx));
  const y = Math.min(1 - Math.max(...ys), Math.max(-Math.min(...ys), dy));
  return points.map((point) => rounded([point[0] + x, point[1] + y]));
}

// A name as the configuration takes it: "Sân trước" becomes "san-truoc".
export function asName(text) {
  const plain = text.replaceAll(/đ/g, "d").replaceAll(/Đ/g, "D").normalize("NFD").replaceAll(/[\u0300-\u036f]/g, "");
  return plain.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 63).replace(/-+$/, "");
}

// The name itself, or with a number behind it when it is taken.
export function freeName(wanted, taken) {
  if (!taken.includes(wanted)) return wanted;
  for (let number = 2; ; number += 1) {
    const name = `${wanted.slice(0, 59)}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
