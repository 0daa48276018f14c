// What charts and maps share: words, colours of the look, the data table behind a figure, its export.

const block = document.getElementById("chart-words");
const WORDS = block ? JSON.parse(block.textContent) : {};

/** The word of a code in the page's language, with {name} filled; the code itself when the page forgot chart_words. */
export function word(code, params = {}) {
  return (WORDS[code] ?? code).replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
}

/** Colours of the look as they are now (light or dark). */
export function tokens() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

export const language = document.documentElement.lang.startsWith("en") ? "en" : "zh";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 2022-04-18 as 04-18 or 18 Apr. */
export function day(iso) {
  const [, month, date] = iso.split("-");
  return language === "zh" ? `${month}-${date}` : `${Number(date)} ${MONTHS[Number(month) - 1]}`;
}

/** A figure with separators; "not reported" for null. */
export function figure(value) {
  return value === null || value === undefined ? word("chart.missing") : value.toLocaleString("en", { maximumFractionDigits: 2 });
}

/** The JSON data block a figure points to. */
export function source(host) {
  return JSON.parse(document.querySelector(host.dataset.source).textContent);
}

function element(tag, attributes = {}, text = "") {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

function tableNode(label, { head, rows }) {
  const box = element("div", { class: "figtable", tabindex: "0", role: "region", "aria-label": label });
  const table = element("table");
  table.append(element("caption", { class: "vh" }, label));
  const top = element("tr");
  head.forEach((text, n) => top.append(element("th", { scope: "col", class: n ? "num" : undefined }, text)));
  const thead = element("thead");
  thead.append(top);
  const body = element("tbody");
  for (const row of rows) {
    const line = element("tr");
    row.forEach((value, n) => line.append(element("td", { class: n ? "num" : "nowrap" }, typeof value === "number" || value === null ? figure(value) : value)));
    body.append(line);
  }
  table.append(thead, body);
  box.append(table);
  return box;
}

// A cell that a spreadsheet would run as a formula is kept as text.
const cell = (value) => {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function download(name, text, type) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Buttons under a figure: show the table, export CSV (and, when `svg` gives one, the drawing).
 *  `table` is {head: [...], rows: [[...]]}; null cells are days not reported. Returns a function that opens the table. */
export function tools(host, table, svg) {
  const foot = host.querySelector(".figfoot");
  const acts = element("span", { class: "acts" });
  const toggle = element("button", { type: "button", class: "btn btn--small btn--text", "aria-expanded": "false" }, word("chart.table"));
  let shown = null;
  const open = (want) => {
    if (want === Boolean(shown)) return;
    if (want) { shown = tableNode(host.dataset.label, table); foot.after(shown); } else { shown.remove(); shown = null; }
    toggle.setAttribute("aria-expanded", String(want));
    toggle.textContent = word(want ? "chart.table_hide" : "chart.table");
  };
  toggle.addEventListener("click", () => open(!shown));
  const csv = element("button", { type: "button", class: "btn btn--small btn--text" }, word("chart.csv"));
  csv.addEventListener("click", () => {
    // The byte-order mark makes spreadsheet programs read Chinese headings as UTF-8.
    download(`${host.dataset.name}.csv`, `\uFEFF${[table.head, ...table.rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`, "text/csv;charset=utf-8");
  });
  acts.append(toggle, csv);
  if (svg) {
    const image = element("button", { type: "button", class: "btn btn--small btn--text" }, word("chart.image"));
    image.addEventListener("click", () => download(`${host.dataset.name}.svg`, svg(), "image/svg+xml"));
    acts.append(image);
  }
  foot.append(acts);
  return () => open(true);
}

/** A legend line: entries are [class of the swatch, words]. */
export function legend(entries) {
  const key = element("div", { class: "key mt-s" });
  for (const [css, text] of entries) {
    const entry = element("span");
    entry.append(element("i", { class: css }), text);
    key.append(entry);
  }
  return key;
}

/** A sentence under a figure that could not be drawn. */
export function notDrawn(host, text) {
  const line = element("p", { class: "small muted", role: "status" }, text);
  host.querySelector("[data-canvas]").replaceChildren(line);
  host.querySelector("[data-canvas]").classList.remove("chart", "map", "chart--small", "chart--tall");
}
