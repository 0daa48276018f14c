// A box in the head of a list that ticks every box of the page. Without this file it stays hidden.
for (const all of document.querySelectorAll("[data-choose-all]")) {
  const boxes = () => [...all.form.querySelectorAll(`input[type=checkbox][name="${all.dataset.chooseAll}"]`)];
  all.hidden = false;
  all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
  all.form.addEventListener("change", (event) => {
    if (event.target === all) return;
    const ticked = boxes().filter((box) => box.checked).length;
    all.checked = ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  });
}
