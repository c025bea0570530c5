/** A block of numbers as traces of Plotly's, for pictures that are taken along. */

const QUIET = { type: "scatter", hoverinfo: "skip" };

/**
 * What a block's layers are made of, the lowest first, in pixels from the middle upwards.
 * @typedef {{dots: [number, number][], size: number, color: string}} Dots
 * @typedef {{shapes: [number, number][][], color: string}} Faces
 * @typedef {{texts: {text: string, at: [number, number]}[], color: string}} Labels
 */

/** @param {(Dots|Faces|Labels)[]} layers */
export const tracesOf = (layers) =>
  layers.map((/** @type {any} */ layer) => {
    const { dots, shapes, texts, size, color } = layer;
    if (dots) return { ...QUIET, ...axes(dots), mode: "markers", marker: { size, color } };
    if (texts) {
      const text = texts.map((one) => one.text);
      const textfont = { color };
      return { ...QUIET, ...axes(texts.map(({ at }) => at)), mode: "text", text, textfont };
    }
    const apart = shapes.flatMap((corners) => [...corners, [null, null]]);
    const filled = { fill: "toself", fillcolor: color, line: { width: 0 } };
    return { ...QUIET, ...axes(apart), mode: "lines", ...filled };
  });

const axes = (places) => ({ x: places.map(([x]) => x), y: places.map(([, y]) => y) });

/** Axes that measure pixels from the middle. @param {number} width @param {number} height */
export const layoutOf = (width, height) => ({
  xaxis: { range: [-width / 2, width / 2], visible: false },
  yaxis: { range: [-height / 2, height / 2], visible: false },
});
