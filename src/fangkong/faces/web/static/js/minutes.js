// One pass over minutes by keyboard. j and k move (keys.js); here: c confirm, d standing duty, x set aside, m merge,
// e edit, l carried already, o reopen. A clause that is not open yet is opened by its address, so all of it works
// without this file too. Single keys that somebody turned off stay off.
const DEEDS = { c: "confirm", d: "duty", x: "set_aside", m: "merge", e: "edit", l: "link", o: "reopen" };
const GO_MS = 1500;
let wentAt = 0;

const off = () => { try { return localStorage.getItem("fk.keys") === "off"; } catch { return false; } };
const typing = (node) => node.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
const here = () => document.activeElement?.closest?.("[data-clause]") ?? document.querySelector("[data-clause][data-current]");

function begin(details) {
  details.open = true;
  details.querySelector("[data-first]")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || off()) return;
  if (event.key === "g") { wentAt = Date.now(); return; }
  const deed = DEEDS[event.key];
  // A letter after g goes to another desk.
  if (!deed || Date.now() - wentAt < GO_MS) return;
  const row = here();
  if (!row) return;
  event.preventDefault();
  const details = row.querySelector(`details[data-deed="${event.key}"]`);
  if (details) begin(details);
  else if (!row.hasAttribute("data-current")) location.assign(`${row.dataset.open}&do=${deed}#${row.id}`);
});

// Opened by a key from another clause, or decided just now: the hands stay on the keyboard. After the load, because
// going to the place that the address names takes the focus away.
function resume() {
  const asked = new URLSearchParams(location.search);
  const open = document.querySelector("[data-deal] details[open]");
  if (asked.has("do") && open) begin(open);
  else if (asked.has("done")) document.querySelector("[data-clause][data-current] .clause__n")?.focus({ preventScroll: true });
}

if (document.readyState === "complete") setTimeout(resume);
else addEventListener("load", () => setTimeout(resume));
