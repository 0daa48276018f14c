// Draws every <figure data-map> with MapLibre from its JSON data block: no tiles, no fonts, nothing from elsewhere.
//
// {areas: GeoJSON FeatureCollection, each feature's properties:
//    {code, name, value: number|null, label: text of the value, note: text, incomplete: bool,
//     orders: {lockdown, control, precaution: int}, href: text|null, at: [lon, lat]|null (where the label stands)},
//  breaks: [a, b, c, d] (ascending: five classes, the last is ">= d"), water: GeoJSON|null}
//
// Labels are HTML buttons (reached by Tab; Enter reads the figure or follows href). Without WebGL the table is shown.
import { legend, notDrawn, source, tokens, tools, word } from "./figures.js";

const STEPS = ["seq-1", "seq-2", "seq-3", "seq-4", "seq-5"];
const DARK_FROM = 3; // from the fourth class on a label is light

const RINGS = { Polygon: (c) => c, MultiPolygon: (c) => c.flat() };
const rings = (geometry) => RINGS[geometry.type](geometry.coordinates);

function bounds(areas) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { geometry } of areas.features) for (const ring of rings(geometry)) for (const [x, y] of ring) {
    box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y); box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
  }
  return box;
}

/** Centre of mass of the largest ring: near enough for a label, and inside for most districts. */
function centre(geometry) {
  let best = null;
  for (const ring of rings(geometry)) {
    let [area, x, y] = [0, 0, 0];
    for (let n = 0; n < ring.length - 1; n += 1) {
      const cross = ring[n][0] * ring[n + 1][1] - ring[n + 1][0] * ring[n][1];
      area += cross; x += (ring[n][0] + ring[n + 1][0]) * cross; y += (ring[n][1] + ring[n + 1][1]) * cross;
    }
    if (area && (!best || Math.abs(area) > best.size)) best = { size: Math.abs(area), at: [x / (3 * area), y / (3 * area)] };
  }
  return best?.at ?? rings(geometry)[0][0];
}

const stepOf = (value, breaks) => breaks.filter((edge) => value >= edge).length;

function prepared(data) {
  return {
    type: "FeatureCollection",
    features: data.areas.features.map((feature) => ({
      ...feature,
      properties: { code: feature.properties.code, open: feature.properties.incomplete || feature.properties.value === null, step: stepOf(feature.properties.value ?? 0, data.breaks) },
    })),
  };
}

function hatch(colour) {
  const size = 12;
  const canvas = new OffscreenCanvas(size, size);
  const pen = canvas.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  for (const shift of [-size, 0, size]) { pen.beginPath(); pen.moveTo(shift - 1, size + 1); pen.lineTo(shift + size + 1, -1); pen.stroke(); }
  return pen.getImageData(0, 0, size, size);
}

function style(data, token) {
  const layers = [
    { id: "ground", type: "background", paint: { "background-color": token("surface") } },
    { id: "class", type: "fill", source: "areas", filter: ["!", ["get", "open"]], paint: { "fill-color": ["match", ["get", "step"], ...STEPS.flatMap((name, n) => [n, token(name)]), token("surface")], "fill-antialias": true } },
    { id: "open", type: "fill", source: "areas", filter: ["get", "open"], paint: { "fill-pattern": "hatch" } },
  ];
  if (data.water) layers.push({ id: "water", type: "fill", source: "water", paint: { "fill-color": token("water") } });
  layers.push(
    { id: "edge", type: "line", source: "areas", filter: ["!", ["get", "open"]], paint: { "line-color": token("surface"), "line-width": 1.5 } },
    { id: "edge-open", type: "line", source: "areas", filter: ["get", "open"], paint: { "line-color": token("edge"), "line-width": 1, "line-dasharray": [3, 2] } },
  );
  const sources = { areas: { type: "geojson", data: prepared(data) } };
  if (data.water) sources.water = { type: "geojson", data: data.water };
  return { version: 8, sources, layers };
}

const SVG = "http://www.w3.org/2000/svg";
const SQUARES = { lockdown: ["M3 3h10v10H3z", true], control: ["M3 3h10L3 13z", true], precaution: ["", false] };

function square(kind) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ width: 12, height: 12, viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", "stroke-width": 1.6, "aria-hidden": "true" })) svg.setAttribute(name, value);
  for (const [path, filled] of [["M3 3h10v10H3z", false], SQUARES[kind]]) {
    if (!path) continue;
    const node = document.createElementNS(SVG, "path");
    node.setAttribute("d", path);
    if (filled) node.setAttribute("fill", "currentColor");
    svg.append(node);
  }
  return svg;
}

const colon = document.documentElement.lang.startsWith("en") ? ": " : "：";
const said = (area) => [area.incomplete || area.value === null ? word("chart.no_data") : area.label, area.note, ...ordersSaid(area)].filter(Boolean).join(" · ");
const ordersSaid = (area) => Object.keys(SQUARES).filter((kind) => area.orders?.[kind]).map((kind) => word("chart.squares", { kind: word(`area.${kind}`), n: area.orders[kind] }));

function label(area, data, info) {
  const node = document.createElement(area.href ? "a" : "button");
  if (area.href) node.href = area.href; else node.type = "button";
  const open = area.incomplete || area.value === null;
  node.className = `maplabel${open ? " maplabel--open" : stepOf(area.value, data.breaks) >= DARK_FROM ? " maplabel--dark" : ""}`;
  const [name, value] = [document.createElement("b"), document.createElement("span")];
  name.textContent = area.name;
  value.textContent = open ? (area.note || word("chart.no_data")) : area.label;
  node.append(name, value);
  const kinds = Object.keys(SQUARES).flatMap((kind) => Array(Math.min(area.orders?.[kind] ?? 0, 6)).fill(kind));
  if (kinds.length) {
    const row = document.createElement("span");
    row.className = "squares";
    row.append(...kinds.map(square));
    node.append(row);
  }
  const tell = () => {
    const strong = document.createElement("b");
    strong.textContent = area.name;
    info.replaceChildren(strong, colon, said(area));
  };
  node.setAttribute("aria-label", `${area.name}${colon}${said(area)}`);
  for (const event of ["focus", "click", "mouseenter"]) node.addEventListener(event, tell);
  return node;
}

function table(data) {
  return {
    head: [word("chart.area"), word("chart.value"), word("quality.incomplete"), ...Object.keys(SQUARES).map((kind) => word(`area.${kind}`))],
    rows: data.areas.features.map(({ properties: area }) => [area.name, area.value === null ? word("chart.missing") : area.label, area.incomplete ? area.note || word("chart.no_data") : "", ...Object.keys(SQUARES).map((kind) => area.orders?.[kind] ?? 0)]),
  };
}

function mapLegend(data) {
  const [first, last] = [data.breaks[0], data.breaks.at(-1)];
  const entries = [["bs1", word("chart.less", { to: first })]];
  data.breaks.slice(1).forEach((edge, n) => entries.push([`bs${n + 2}`, `${data.breaks[n]}–${edge}`]));
  entries.push([`bs${data.breaks.length + 1}`, word("chart.more", { from_: last })]);
  if (data.areas.features.some(({ properties: p }) => p.incomplete || p.value === null)) entries.push(["bhatch", word("chart.no_data")]);
  const key = legend(entries);
  for (const kind of Object.keys(SQUARES)) {
    const n = data.areas.features.reduce((sum, { properties: p }) => sum + (p.orders?.[kind] ?? 0), 0);
    if (!n) continue;
    const entry = document.createElement("span");
    entry.className = "t-high";
    entry.append(square(kind), word("chart.squares", { kind: word(`area.${kind}`), n }));
    key.append(entry);
  }
  return key;
}

function hasWebgl() {
  try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
}

async function start(host) {
  if (host.dataset.drawn) return;
  host.dataset.drawn = "1";
  const data = source(host);
  const box = host.querySelector("[data-canvas]");
  const info = host.querySelector(".mapinfo");
  const openTable = tools(host, table(data));
  const fallback = (text) => { notDrawn(host, text); info.remove(); openTable(); };
  if (!hasWebgl()) { fallback(word("chart.no_webgl")); return; }
  try {
    const { Map: MapView, Marker, NavigationControl } = await import("../vendor/maplibre-gl/maplibre-gl.mjs");
    const view = new MapView({
      container: box, style: style(data, tokens()), bounds: bounds(data.areas), fitBoundsOptions: { padding: 16 },
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, scrollZoom: false,
      renderWorldCopies: false, cooperativeGestures: false, fadeDuration: 0,
      locale: { "NavigationControl.ZoomIn": word("chart.zoom_in"), "NavigationControl.ZoomOut": word("chart.zoom_out"), "Map.Title": host.dataset.label },
    });
    view.touchZoomRotate.disableRotation();
    view.keyboard.disableRotation();
    view.addControl(new NavigationControl({ showCompass: false }), "top-right");
    const addHatch = () => { if (!view.hasImage("hatch")) view.addImage("hatch", hatch(tokens()("hatch"))); };
    view.on("style.load", addHatch);
    view.on("load", () => { host.dataset.ready = "1"; });
    document.addEventListener("fk:theme", () => {
      if (view.hasImage("hatch")) view.updateImage("hatch", hatch(tokens()("hatch")));
      view.setStyle(style(data, tokens()), { diff: true });
    });
    for (const feature of data.areas.features) {
      const area = feature.properties;
      new Marker({ element: label(area, data, info) }).setLngLat(area.at ?? centre(feature.geometry)).addTo(view);
    }
    info.before(mapLegend(data));
  } catch (fault) {
    console.error(fault);
    fallback(word("chart.failed"));
  }
}

const startAll = () => document.querySelectorAll("figure[data-map]").forEach(start);
document.addEventListener("htmx:after:swap", startAll);
startAll();
