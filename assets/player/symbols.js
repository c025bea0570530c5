/** The markers by Plotly's names, as paths of SVG round the origin; a circle has radius 1. */

const corners = (radii, turned = 0) =>
  radii.map((radius, corner) => {
    const angle = turned + (2 * Math.PI * corner) / radii.length;
    return `${(radius * Math.sin(angle)).toFixed(3)} ${(-radius * Math.cos(angle)).toFixed(3)}`;
  });
const polygon = (...shape) => `M${corners(...shape).join("L")}Z`;

/** @type {Object<string, string>} */
export const SYMBOLS = {
  circle: "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
  square: "M-1-1H1V1H-1Z",
  diamond: "M0-1.3 1.3 0 0 1.3-1.3 0Z",
  "triangle-up": "M-1.155.5H1.155L0-1Z",
  "triangle-down": "M-1.155-.5H1.155L0 1Z",
  x: "M0-.57.57-1.13 1.13-.57.57 0 1.13.57.57 1.13 0 .57-.57 1.13-1.13.57-.57 0-1.13-.57-.57-1.13Z",
  cross: "M1.2.4H.4V1.2H-.4V.4H-1.2V-.4H-.4V-1.2H.4V-.4H1.2Z",
  star: polygon(Array.from({ length: 10 }, (_, corner) => (corner % 2 ? 0.535 : 1.4))),
  hexagon: polygon(Array(6).fill(1)),
  pentagon: polygon(Array(5).fill(1)),
  bowtie: "M1.4 1.4V-1.4L-1.4 1.4V-1.4Z",
  "line-ns": "M0-1.4V1.4",
};
