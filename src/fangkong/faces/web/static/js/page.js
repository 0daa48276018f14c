// Small manners of every page: a toast leaves after 6 s, a veil closes itself, disabled actions do nothing, a failed
// htmx request leaves what was on the page.
const TOAST_MS = 6000;

function watchToast(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "1";
  // Someone reading or tabbing to "undo" keeps it open.
  const leave = () => { if (toast.matches(":hover, :focus-within")) setTimeout(leave, 1000); else toast.remove(); };
  setTimeout(leave, TOAST_MS);
}

function watchVeil(line) {
  if (line.dataset.watched) return;
  line.dataset.watched = "1";
  // Seconds, not an instant: an exercise's clock is not the browser's. Never at once, or a page would reload for ever.
  const left = Number(line.dataset.veilSeconds) * 1000 || Date.parse(line.dataset.veilUntil) - Date.now();
  setTimeout(() => location.reload(), Math.max(1000, left));
}

function watch() {
  document.querySelectorAll("[data-toast]").forEach(watchToast);
  document.querySelectorAll("[data-veil-until]").forEach(watchVeil);
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.('[aria-disabled="true"]')) event.preventDefault();
}, true);
document.addEventListener("change", (event) => {
  const name = event.target.closest?.(".filepick")?.querySelector("[data-file-name]");
  if (!name) return;
  const [file] = event.target.files;
  name.dataset.none ??= name.textContent;
  name.textContent = file?.name ?? name.dataset.none;
  name.toggleAttribute("data-chosen", Boolean(file));
});
// On a phone a short rail is a strip, on a low screen a long one scrolls: where one is stays in sight.
const here = document.querySelector(".rail [aria-current]");
const rail = here?.closest(".rail");
if (rail) {
  rail.scrollLeft = here.offsetLeft - 16;
  if (rail.scrollHeight > rail.clientHeight) rail.scrollTop = here.offsetTop - rail.clientHeight / 2;
}
document.addEventListener("htmx:after:swap", watch);
watch();
