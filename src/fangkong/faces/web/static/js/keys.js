// Keys for people who do this all night: / search, g + letter to a desk, j k rows, Enter opens, ? lists them, Esc closes.
// Single keys can be turned off (WCAG 2.1.4); the choice is remembered.
const KEY = "fk.keys";
const read = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
const write = (value) => { try { localStorage.setItem(KEY, value); } catch { /* for this page only */ } };

const panel = document.getElementById("keys");
const find = document.getElementById("find");
let on = read() !== "off";
let goPending = 0;
let returnTo = null;

const typing = (node) => node.closest?.("input, textarea, select, [contenteditable]") !== null;

function rows() {
  return [...document.querySelectorAll("[data-row] a, [data-row] button")]
    .filter((node, index, all) => all.findIndex((other) => other.closest("[data-row]") === node.closest("[data-row]")) === index)
    .filter((node) => node.getClientRects().length);
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((node) => node.closest("[data-row]").contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

function show(open) {
  if (!panel || panel.hidden === !open) return;
  panel.hidden = !open;
  if (open) { returnTo = document.activeElement; panel.focus(); } else if (panel.contains(document.activeElement) || document.activeElement === document.body) returnTo?.focus();
}

function describe() {
  const list = panel?.querySelector("[data-keys-desks]");
  if (!list) return;
  list.replaceChildren(...[...document.querySelectorAll(".rail a[data-go]")].flatMap((link) => {
    const [term, said] = [document.createElement("dt"), document.createElement("dd")];
    for (const key of ["g", link.dataset.go]) { const k = document.createElement("kbd"); k.textContent = key; term.append(k); }
    said.textContent = link.querySelector("[data-name]")?.textContent ?? link.textContent;
    return [term, said];
  }));
  panel.querySelector("[data-keys-off]").hidden = on;
  const toggle = panel.querySelector("[data-keys-toggle]");
  toggle.textContent = on ? toggle.dataset.labelOff : toggle.dataset.labelOn;
}

panel?.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-close]")) show(false);
  if (event.target.closest("[data-keys-toggle]")) { on = !on; write(on ? "on" : "off"); describe(); }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (panel && !panel.hidden) { show(false); event.preventDefault(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  // ? stays when single keys are off: Shift is held, and it is the only way back for a keyboard.
  if (event.key === "?") { describe(); show(panel?.hidden); event.preventDefault(); return; }
  if (!on) return;
  if (goPending && Date.now() - goPending < 1500) {
    goPending = 0;
    const link = document.querySelector(`.rail a[data-go="${CSS.escape(event.key)}"]`);
    if (link) { link.click(); event.preventDefault(); }
    return;
  }
  if (event.key === "/" && find) { find.focus(); find.select(); event.preventDefault(); }
  else if (event.key === "g") goPending = Date.now();
  else if (event.key === "j") { step(1); event.preventDefault(); }
  else if (event.key === "k") { step(-1); event.preventDefault(); }
});

describe();
