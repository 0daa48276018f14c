// Light or dark, as the user chose last; never by the clock. Loaded before the page is drawn, so nothing flashes.
// A classic script: modules would run after the first paint.
(() => {
  const KEY = "fk.theme";
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const store = (value) => { try { localStorage.setItem(KEY, value); } catch { /* private window: for this page only */ } };
  const apply = (theme) => {
    if (theme === "dark") root.dataset.theme = "dark"; else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      const label = theme === "dark" ? button.dataset.labelLight : button.dataset.labelDark;
      button.setAttribute("aria-label", label);
      button.title = label;
    }
    document.dispatchEvent(new CustomEvent("fk:theme"));
  };
  apply(stored());
  document.addEventListener("DOMContentLoaded", () => apply(stored()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-toggle]")) return;
    const next = root.dataset.theme === "dark" ? "light" : "dark";
    store(next);
    apply(next);
  });
})();
