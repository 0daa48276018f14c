// Draws every <figure data-chart> with ECharts (SVG, no animation) from its JSON data block.
//
// epicurve        {days: ["2022-04-01"...], series: {controlled: [int|null...], screening, sought_care, imported, unknown},
//                  incomplete_from: day|null, nowcast: {days, mid, low, high}|null}
//                 null in every series of a day = not reported. Series that are absent are not drawn.
// rt              {days, mid, low50, high50, low90, high90: [number|null...]}; it stops where the numbers stop.
// forecast        {days, observed: [int|null...], now: day, fan: {days, mid, low50, high50, low90, high90}}: counts, and
//                  what the days after "now" may bring; counts after it are what came.
// past            {panels: [{title, note, days, reported, became, mid, low, high}]}: earlier nowcasts and what came of them.
// small-multiples {days, incomplete_from, panels: [{title, note, series, refusal: text|null}]}; one y axis for all.
//
// The legend, the table and the exports come with it; the words from chart_words.
import { day, figure, language, legend, notDrawn, source, tokens, tools, word } from "./figures.js";

// Calm to alarming from the bottom: the order says what grey print cannot.
const CHANNELS = ["controlled", "screening", "sought_care", "imported", "unknown"];
const SWATCH = { controlled: "b1", screening: "b2", sought_care: "b3", imported: "b4", unknown: "b5" };
const COLOUR = { controlled: "ch-1", screening: "ch-2", sought_care: "ch-3", imported: "ch-4", unknown: "ch-5" };
const RT_TOP = 2.5;

let library;
/** ECharts as the global its own build makes; loaded once, and only on pages that draw. */
function load() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("../vendor/echarts/echarts.common.min.js", import.meta.url).href;
    script.onload = () => resolve(globalThis.echarts);
    script.onerror = () => reject(new Error("echarts"));
    document.head.append(script);
  });
  return library;
}

function frame(token, days, { top, unit, small }) {
  const text = { color: token("ink-3"), fontSize: 12 };
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, color: token("ink") },
    grid: { left: small ? 30 : 40, right: 10, top: 12, bottom: 24 },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "line", lineStyle: { color: token("edge"), type: "dashed" } },
      backgroundColor: token("surface"), borderColor: token("edge"), borderWidth: 1, padding: [8, 12],
      textStyle: { color: token("ink"), fontSize: 12 },
    },
    xAxis: {
      type: "category", data: days, axisTick: { show: false }, axisLine: { lineStyle: { color: token("edge") } },
      axisLabel: { ...text, formatter: day, hideOverlap: true, showMaxLabel: small || undefined, showMinLabel: small || undefined, interval: small ? Math.max(1, Math.ceil(days.length / 2) - 1) : "auto" },
    },
    yAxis: {
      type: "value", min: 0, max: top, splitNumber: 4, minInterval: unit, axisLine: { show: false }, axisTick: { show: false }, axisLabel: text,
      splitLine: { lineStyle: { color: token("grid") } },
    },
  };
}

/** The first round number at or above `value`, so that panels share four even ticks. */
function roundUp(value) {
  if (value <= 4) return 4;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map((n) => n * size).find((n) => n >= value);
}

const shownChannels = (series) => CHANNELS.filter((name) => series[name]?.some((value) => value));
const isMissing = (series, index) => Object.values(series).every((values) => values[index] === null || values[index] === undefined);
const total = (series, index) => (isMissing(series, index) ? null : Object.values(series).reduce((sum, values) => sum + (values[index] ?? 0), 0));

function curveTop(series, days, nowcast) {
  return Math.max(0, ...days.map((_, n) => total(series, n) ?? 0), ...(nowcast?.high ?? []).filter((value) => value !== null));
}

function aligned(days, part, values) {
  const found = new Map(part.map((name, n) => [name, values[n]]));
  return days.map((name) => found.get(name) ?? null);
}

/** Two lines stacked on one another: an invisible floor, and the band between low and high. */
function ribbon(days, low, high, colour, stack) {
  const line = { type: "line", stack, symbol: "none", lineStyle: { opacity: 0 }, silent: true, stackStrategy: "all", tooltip: { show: false } };
  return [
    { ...line, data: low },
    { ...line, data: high.map((value, n) => (value === null || low[n] === null ? null : value - low[n])), areaStyle: { color: colour, opacity: 1 } },
  ];
}

function curveOption(data, token, { top, small }) {
  const { days, series } = data;
  const from = data.incomplete_from ? days.findIndex((name) => name >= data.incomplete_from) : -1;
  const late = (n) => from >= 0 && n >= from;
  const decal = { symbol: "rect", symbolSize: 1, rotation: Math.PI / 4, dashArrayX: [1, 0], dashArrayY: [2, 4], color: token("hatch") };
  const bars = shownChannels(series).map((name) => ({
    name: word(`channel.${name}`), type: "bar", stack: "cases", barCategoryGap: "8%",
    itemStyle: { color: token(COLOUR[name]), borderColor: token("surface"), borderWidth: 0.6 },
    data: series[name].map((value, n) => (late(n) && value ? { value, itemStyle: { decal } } : value)),
  }));
  const empty = days.map((_, n) => (isMissing(series, n) ? top * 0.18 : null));
  const gaps = {
    type: "bar", stack: "cases", barCategoryGap: "8%", silent: true, data: empty,
    itemStyle: { color: "transparent", borderColor: token(small ? "edge" : "dq-missing"), borderType: "dashed", borderWidth: 1 },
  };
  if (from >= 0) {
    gaps.markArea = { silent: true, itemStyle: { color: token("ribbon-2") }, data: [[{ xAxis: days[from] }, { xAxis: days[days.length - 1] }]] };
  }
  const lines = [];
  if (data.nowcast) {
    const [mid, low, high] = ["mid", "low", "high"].map((part) => aligned(days, data.nowcast.days, data.nowcast[part]));
    const last = mid.findLastIndex((value) => value !== null);
    lines.push(...ribbon(days, low, high, token("ribbon"), "nowcast"), {
      name: word("chart.nowcast"), type: "line", symbol: "none", lineStyle: { color: token("accent"), width: 1.75 },
      data: mid.map((value, n) => (n === last ? { value, symbol: "circle", symbolSize: 6, itemStyle: { color: token("accent") }, label: { show: true, formatter: String(Math.round(value)), position: "top", align: "right", color: token("accent-deep"), fontWeight: 600 } } : value)),
    });
  }
  const option = frame(token, days, { top, unit: 1, small });
  // Even ticks up to the top: a step chosen by ECharts may leave the last one next to its neighbour (9 and 10).
  if (top) option.yAxis.interval = top % 4 === 0 ? top / 4 : top / 5;
  option.series = [...bars, gaps, ...lines];
  option.tooltip.formatter = (items) => {
    const n = items[0].dataIndex;
    const said = [day(days[n])];
    if (isMissing(series, n)) said.push(word("chart.missing"));
    else for (const name of shownChannels(series).toReversed()) said.push(`${word(`channel.${name}`)}  ${figure(series[name][n])}`);
    if (late(n)) said.push(word("quality.incomplete"));
    const at = data.nowcast?.days.indexOf(days[n]) ?? -1;
    if (at >= 0) said.push(`${word("chart.nowcast")}  ${figure(data.nowcast.mid[at])}  (${figure(data.nowcast.low[at])}–${figure(data.nowcast.high[at])})`);
    return said.join("\n");
  };
  return option;
}

function curveTable(data) {
  const names = CHANNELS.filter((name) => data.series[name]);
  const head = [word("chart.day"), ...names.map((name) => word(`channel.${name}`)), word("chart.total")];
  if (data.nowcast) head.push(word("chart.nowcast"), word("chart.low"), word("chart.high"));
  const rows = data.days.map((name, n) => {
    const row = [name, ...names.map((channel) => data.series[channel][n] ?? null), total(data.series, n)];
    const at = data.nowcast ? data.nowcast.days.indexOf(name) : -1;
    if (data.nowcast) row.push(...(at < 0 ? ["", "", ""] : [data.nowcast.mid[at], data.nowcast.low[at], data.nowcast.high[at]]));
    return row;
  });
  return { head, rows };
}

function curveLegend(all, { incomplete, missing, nowcast }) {
  const entries = CHANNELS.filter((name) => all.has(name)).map((name) => [SWATCH[name], word(`channel.${name}`)]);
  if (incomplete) entries.push(["bhatch", word("chart.incomplete")]);
  if (missing) entries.push(["bmiss", word("chart.missing")]);
  if (nowcast) entries.push(["lacc", word("chart.nowcast")], ["brib", word("chart.interval90")]);
  return legend(entries);
}

function rtOption(data, token) {
  const option = frame(token, data.days, { top: RT_TOP });
  option.yAxis.interval = 0.5;
  option.yAxis.axisLabel = { ...option.yAxis.axisLabel, formatter: (value) => (value === 1 ? "{one|1.0}" : value.toFixed(1)), rich: { one: { fontWeight: 700, color: token("ink"), fontSize: 12 } } };
  option.series = [
    // Above the axis the plot's edge clips them: a line along the top would read as a constant 2.5.
    ...ribbon(data.days, data.low90, data.high90, token("ribbon-2"), "r90"),
    ...ribbon(data.days, data.low50, data.high50, token("ribbon"), "r50"),
    {
      type: "line", symbol: "none", data: data.mid, lineStyle: { color: token("accent"), width: 1.75 },
      markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: token("ink-2"), type: "dashed", width: 1 }, data: [{ yAxis: 1 }] },
    },
  ];
  option.tooltip.formatter = (items) => {
    const n = items[0].dataIndex;
    if (data.mid[n] === null) return `${day(data.days[n])}\n${word("quality.refused")}`;
    return `${day(data.days[n])}\n${word("chart.estimate")}  ${figure(data.mid[n])}\n${word("chart.interval50")}  ${figure(data.low50[n])}–${figure(data.high50[n])}\n${word("chart.interval90")}  ${figure(data.low90[n])}–${figure(data.high90[n])}`;
  };
  return option;
}

function rtTable(data) {
  const parts = ["mid", "low50", "high50", "low90", "high90"];
  const head = [word("chart.day"), word("chart.estimate"), ...["chart.interval50", "chart.interval90"].flatMap((code) => ["chart.low", "chart.high"].map((end) => `${word(code)} ${word(end)}`))];
  const rows = data.days.map((name, n) => [name, ...parts.map((part) => (data[part][n] === null ? word("quality.refused") : data[part][n]))]);
  return { head, rows };
}

/** A range of days with its own values, spread over the days of the axis. */
function spread(days, part) {
  return (name) => aligned(days, part.days, part[name]);
}

function forecastOption(data, token) {
  const { days, fan } = data;
  const ahead = spread(days, fan);
  const highest = Math.max(1, ...[data.observed, fan.high90].flat().filter((value) => value !== null));
  const top = roundUp(highest);
  const option = frame(token, days, { top, unit: 1 });
  option.grid.top = 24;
  option.yAxis.interval = top % 4 === 0 ? top / 4 : top / 5;
  const line = { type: "line", symbol: "none" };
  option.series = [
    { type: "bar", barCategoryGap: "8%", itemStyle: { color: token("ch-4") }, data: data.observed,
      markLine: { silent: true, symbol: "none", lineStyle: { color: token("ink"), width: 1 }, label: { formatter: word("chart.now"), color: token("ink-2"), position: "end", distance: 4 }, data: [{ xAxis: data.now }] } },
    ...ribbon(days, ahead("low90"), ahead("high90"), token("ribbon-2"), "ahead90"),
    ...ribbon(days, ahead("low50"), ahead("high50"), token("ribbon"), "ahead50"),
    { ...line, data: ahead("mid"), lineStyle: { color: token("accent"), width: 1.75 } },
  ];
  option.tooltip.formatter = (items) => {
    const n = items[0].dataIndex;
    const said = [day(days[n])];
    if (data.observed[n] !== null) said.push(`${word("chart.reported")}  ${figure(data.observed[n])}`);
    if (ahead("mid")[n] !== null) {
      said.push(`${word("chart.forecast")}  ${figure(ahead("mid")[n])}`, `${word("chart.interval50")}  ${figure(ahead("low50")[n])}–${figure(ahead("high50")[n])}`);
      said.push(`${word("chart.interval90")}  ${figure(ahead("low90")[n])}–${figure(ahead("high90")[n])}`);
    }
    return said.join("\n");
  };
  return option;
}

function forecastTable(data) {
  const parts = ["mid", "low50", "high50", "low90", "high90"];
  const ends = ["chart.interval50", "chart.interval90"].flatMap((code) => ["chart.low", "chart.high"].map((end) => `${word(code)} ${word(end)}`));
  const head = [word("chart.day"), word("chart.reported"), word("chart.forecast"), ...ends];
  const ahead = spread(data.days, data.fan);
  const shown = (value) => (value === null ? "" : value);
  const rows = data.days.map((name, n) => [name, name > data.now ? shown(data.observed[n]) : data.observed[n], ...parts.map((part) => shown(ahead(part)[n]))]);
  return { head, rows };
}

function pastOption(panel, token, top) {
  const option = frame(token, panel.days, { top, unit: 1, small: true });
  option.yAxis.interval = top % 4 === 0 ? top / 4 : top / 5;
  option.series = [
    ...ribbon(panel.days, panel.low, panel.high, token("ribbon"), "said"),
    { type: "line", symbol: "none", data: panel.mid, lineStyle: { color: token("accent"), width: 1.75 } },
    { type: "line", symbol: "none", data: panel.reported, lineStyle: { color: token("ink-3"), width: 1.5, type: "dashed" } },
    { type: "line", symbol: "circle", symbolSize: 5, data: panel.became, lineStyle: { opacity: 0 }, itemStyle: { color: token("ink") } },
  ];
  option.tooltip.formatter = (items) => {
    const n = items[0].dataIndex;
    return `${day(panel.days[n])}\n${word("chart.reported_then")}  ${figure(panel.reported[n])}\n${word("chart.nowcast")}  ${figure(panel.mid[n])}  (${figure(panel.low[n])}–${figure(panel.high[n])})\n${word("chart.became")}  ${figure(panel.became[n])}`;
  };
  return option;
}

/** A part of a chart of parts, and its title with the note beside it. */
function headed(panel) {
  const part = document.createElement("div");
  const title = document.createElement("h3");
  const note = document.createElement("small");
  title.textContent = panel.title;
  note.textContent = panel.note ?? "";
  title.append(note);
  return [part, title];
}

function past(echarts, host, data) {
  const box = host.querySelector("[data-canvas]");
  box.className = "multi multi--two";
  const top = roundUp(Math.max(1, ...data.panels.flatMap((panel) => [...panel.high, ...panel.became, ...panel.reported]).filter((value) => value !== null)));
  for (const panel of data.panels) {
    const [part, title] = headed(panel);
    const canvas = document.createElement("div");
    canvas.className = "chart chart--small";
    part.append(title, canvas);
    box.append(part);
    draw(echarts, canvas, `${host.dataset.label}${language === "zh" ? "，" : ", "}${panel.title}`, (token) => pastOption(panel, token, top));
  }
  box.after(legend([["bdot", word("chart.became")], ["lacc", word("chart.nowcast")], ["brib", word("chart.interval95")], ["ldash", word("chart.reported_then")]]));
  tools(host, pastTable(data));
}

function pastTable(data) {
  const head = ["chart.made_on", "chart.day", "chart.reported_then", "chart.nowcast", "chart.low", "chart.high", "chart.became"].map((code) => word(code));
  const rows = data.panels.flatMap((panel) => panel.days.map((name, n) => [panel.title, name, panel.reported[n], panel.mid[n], panel.low[n], panel.high[n], panel.became[n]]));
  return { head, rows };
}

/** One chart in a box: drawn now, redrawn when the theme changes, resized with its box. */
function draw(echarts, box, label, option) {
  const chart = echarts.init(box, null, { renderer: "svg" });
  const paint = () => chart.setOption({ ...option(tokens()), aria: { enabled: true, label: { description: label } } }, true);
  paint();
  document.addEventListener("fk:theme", paint);
  new ResizeObserver(() => chart.resize()).observe(box);
  return chart;
}

// A download keeps its text and size: ECharts writes the drawing itself, as at the screen.
const svgOf = (chart) => () => chart.renderToSVGString();

function multiples(echarts, host, data) {
  const box = host.querySelector("[data-canvas]");
  box.className = "multi";
  const drawn = data.panels.filter((panel) => !panel.refusal);
  const top = roundUp(Math.max(1, ...drawn.map((panel) => curveTop(panel.series, data.days))));
  const seen = new Set();
  let missing = false;
  for (const panel of data.panels) {
    const [part, title] = headed(panel);
    part.append(title);
    box.append(part);
    const canvas = document.createElement("div");
    part.append(canvas);
    if (panel.refusal) {
      canvas.className = "panelbox";
      const said = document.createElement("b");
      said.textContent = word("chart.not_drawn");
      canvas.append(said, panel.refusal);
      continue;
    }
    canvas.className = "chart chart--small";
    shownChannels(panel.series).forEach((name) => seen.add(name));
    missing ||= data.days.some((_, n) => isMissing(panel.series, n));
    const own = { days: data.days, series: panel.series, incomplete_from: data.incomplete_from };
    draw(echarts, canvas, `${host.dataset.label}${language === "zh" ? "，" : ", "}${panel.title}`, (token) => curveOption(own, token, { top, small: true }));
  }
  box.after(curveLegend(seen, { incomplete: data.incomplete_from, missing }));
  tools(host, {
    head: [word("chart.area"), ...curveTable({ days: [], series: Object.fromEntries(CHANNELS.filter((name) => drawn.some((p) => p.series[name])).map((name) => [name, []])) }).head],
    rows: data.panels.flatMap((panel) => (panel.refusal ? [] : data.days.map((name, n) => [panel.title, name, ...CHANNELS.filter((c) => drawn.some((p) => p.series[c])).map((c) => panel.series[c]?.[n] ?? null), total(panel.series, n)]))),
  });
}

function single(echarts, host, data) {
  const box = host.querySelector("[data-canvas]");
  if (host.dataset.chart === "rt") {
    const chart = draw(echarts, box, host.dataset.label, (token) => rtOption(data, token));
    box.after(legend([["lacc", word("chart.estimate")], ["brib", word("chart.interval50")], ["bband", word("chart.interval90")]]));
    tools(host, rtTable(data), svgOf(chart));
    return;
  }
  if (host.dataset.chart === "forecast") {
    const chart = draw(echarts, box, host.dataset.label, (token) => forecastOption(data, token));
    box.after(legend([["b4", word("chart.reported")], ["lacc", word("chart.forecast")], ["brib", word("chart.interval50")], ["bband", word("chart.interval90")]]));
    tools(host, forecastTable(data), svgOf(chart));
    return;
  }
  const top = roundUp(curveTop(data.series, data.days, data.nowcast) * 1.04);
  const chart = draw(echarts, box, host.dataset.label, (token) => curveOption(data, token, { top }));
  box.after(curveLegend(new Set(shownChannels(data.series)), {
    incomplete: data.incomplete_from, missing: data.days.some((_, n) => isMissing(data.series, n)), nowcast: data.nowcast,
  }));
  tools(host, curveTable(data), svgOf(chart));
}

async function start(host) {
  if (host.dataset.drawn) return;
  host.dataset.drawn = "1";
  const data = source(host);
  try {
    const echarts = await load();
    if (host.dataset.chart === "small-multiples") multiples(echarts, host, data);
    else if (host.dataset.chart === "past") past(echarts, host, data);
    else single(echarts, host, data);
  } catch (fault) {
    console.error(fault);
    notDrawn(host, word("chart.failed"));
    if (data.series) tools(host, curveTable(data))();
    else if (data.mid) tools(host, rtTable(data))();
    else if (data.fan) tools(host, forecastTable(data))();
    else if (host.dataset.chart === "past") tools(host, pastTable(data))();
  }
}

const startAll = () => document.querySelectorAll("figure[data-chart]").forEach(start);
document.addEventListener("htmx:after:swap", startAll);
startAll();
