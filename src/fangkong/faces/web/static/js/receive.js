// Files dropped on the page or chosen are sent one after another, each with its progress and, in place, its receipt.
// Without this file the form sends all of them at once and the page says what became of each.
const POLL_MS = 1000;
const form = document.querySelector("form[data-receiving]");

if (form) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const here = form.querySelector("[data-drop-here]");
  const sent = document.querySelector("[data-sent]");
  const template = document.querySelector("template[data-sending]");
  const words = form.dataset;
  let queue = Promise.resolve();
  let waiting = 0;

  const token = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");

  function line(file) {
    const node = template.content.firstElementChild.cloneNode(true);
    node.querySelector("[data-name]").textContent = file.name;
    node.querySelector("[data-state]").textContent = words.wordWaiting;
    node.querySelector("progress").value = 0;
    sent.append(node);
    return node;
  }

  function show(node, text, part) {
    node.querySelector("[data-state]").textContent = text;
    const bar = node.querySelector("progress");
    if (part === null) bar.removeAttribute("value"); else bar.value = Math.round(100 * part);
  }

  // How far the other request has got: bytes while it reads, facts while it enters them.
  function follow(node, name, size) {
    return setInterval(async () => {
      try {
        const told = await (await fetch(words.progress.replace("token", name))).json();
        if (!told.total) return;
        const entering = told.total !== size;
        show(node, entering ? words.wordEntering : words.wordReading, told.done / told.total);
      } catch { /* the next look will tell */ }
    }, POLL_MS);
  }

  function send(file, node, fields) {
    return new Promise((done) => {
      const body = new FormData();
      const name = token();
      for (const [key, value] of fields) body.append(key, value);
      body.append("token", name);
      body.append("file", file, file.name);
      const request = new XMLHttpRequest();
      let polling = 0;
      request.open("POST", form.action);
      request.setRequestHeader("X-Fangkong-Part", "results");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) show(node, words.wordSending, event.loaded / event.total);
      });
      request.upload.addEventListener("load", () => {
        show(node, words.wordReading, null);
        polling = follow(node, name, file.size);
      });
      request.addEventListener("loadend", () => {
        clearInterval(polling);
        const answer = request.responseText;
        if ((request.status === 200 || request.status === 400) && answer.includes("note")) {
          const result = document.createElement("div");
          result.innerHTML = answer;
          node.replaceWith(...result.childNodes);
        } else {
          show(node, words.wordLost, 0);
          node.querySelector("progress").remove();
        }
        done();
      });
      request.send(body);
    });
  }

  // The receipts beside the form, as they stand now.
  async function refresh() {
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
      const fresh = page.querySelector("[data-receipts]");
      if (fresh) document.querySelector("[data-receipts]").replaceWith(fresh);
    } catch { /* the list is a reload away */ }
  }

  function take(files) {
    const fields = [...new FormData(form)].filter(([key]) => key !== "file");
    for (const file of files) {
      const node = line(file);
      waiting += 1;
      queue = queue.then(() => send(file, node, fields)).then(() => {
        waiting -= 1;
        if (!waiting) return refresh();
      });
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take([...input.files]);
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  // After page.js has named the first: of several, how many.
  input.addEventListener("change", () => setTimeout(() => {
    if (input.files.length > 1) form.querySelector("[data-file-name]").textContent = words.wordChosen.replace("{n}", input.files.length);
  }));

  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (on) => { drop.classList.toggle("drop--over", on); here.hidden = !on; };
  let depth = 0;
  addEventListener("dragenter", (event) => { if (holdsFiles(event)) { depth += 1; over(true); } });
  addEventListener("dragleave", (event) => { if (holdsFiles(event) && (depth -= 1) <= 0) { depth = 0; over(false); } });
  addEventListener("dragover", (event) => { if (holdsFiles(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    over(false);
    take([...event.dataTransfer.files]);
  });
  addEventListener("beforeunload", (event) => { if (waiting) event.preventDefault(); });
}
