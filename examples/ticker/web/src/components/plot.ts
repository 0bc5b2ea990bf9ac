// A chart by uPlot in the colours of the page. Must not know where its points come from.
import uPlot from "uplot";
import { price, time } from "../market/format.js";
import type { Series } from "../market/series.js";

type Pointed = { readonly at: number; readonly cents: number } | null;

/** A chart that is drawn again and again. */
export interface Plot {
  draw(series: Series): void;
  destroy(): void;
}

/** Draws in `place`, in its size and colours, until it is destroyed. `onPointed` tells what the pointer is at. */
export function plot(place: HTMLElement, onPointed: (pointed: Pointed) => void): Plot {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chart = new uPlot(options(place, onPointed), [[], []], place);
  const resized = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: place.clientHeight }));
  resized.observe(place);
  const redraw = () => chart.redraw(false, true);
  dark.addEventListener("change", redraw);
  return {
    draw: ({ times, prices }) => void chart.setData([times, prices]),
    destroy() {
      dark.removeEventListener("change", redraw);
      resized.disconnect();
      chart.destroy();
      onPointed(null);
    },
  };
}

function options(place: HTMLElement, onPointed: (pointed: Pointed) => void): uPlot.Options {
  // Read at each drawing: the theme changes, and so does the trend.
  const colour = (name: string) => getComputedStyle(place).getPropertyValue(name).trim();
  const axis = { stroke: () => colour("--muted"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  return {
    width: place.clientWidth,
    height: place.clientHeight,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 9, fill: () => colour("--trend") } },
    padding: [12, 4, 0, 16],
    axes: [
      { ...axis, size: 28, space: 90, values: (_, at) => at.map((at) => time(at).slice(0, 5)) },
      { ...axis, side: 1, size: 64, space: 32, values: (_, values) => values.map((value) => price(value * 100)) },
    ],
    series: [{}, { stroke: () => colour("--trend"), width: 2, fill: (chart) => shade(chart, colour("--trend")), points: { show: false } }],
    hooks: {
      setCursor: [
        ({ cursor: { idx }, data }) => {
          const [at, value] = [data[0][idx ?? -1], data[1]?.[idx ?? -1]];
          onPointed(at === undefined || value == null ? null : { at, cents: Math.round(value * 100) });
        },
      ],
    },
  };
}

/** From the top down to nothing; `colour` is `#rrggbb`. */
function shade({ ctx, bbox }: uPlot, colour: string): CanvasGradient | string {
  if (!Number.isFinite(bbox.height) || colour === "") return "transparent";
  const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height);
  gradient.addColorStop(0, `${colour}40`);
  gradient.addColorStop(1, `${colour}00`);
  return gradient;
}
