// The palette: opens and closes, remembers what was opened lately (ids only, in this browser, for this person and
// business), and leads through acts of two steps. search.js has the keys of its list, htmx fetches.
const dialog = document.getElementById("palette");
const RECENT = 6;

function lately(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return []; // a browser that keeps nothing has nothing recent
  }
}

if (dialog) {
  const input = dialog.querySelector("[data-search-input]");
  const act = dialog.querySelector("[data-palette-act]");
  const step = dialog.querySelector("[data-palette-step]");
  const key = `recent:${dialog.dataset.recent}`;
  const first = input.placeholder;
  const ask = () => {
    // htmx begins a moment after the page is there; whoever is quicker is heard then.
    if (input._htmx?.initialized) input.dispatchEvent(new Event("palette"));
    else document.addEventListener("htmx:after:process", ask, { once: true });
  };

  const record = document.getElementById("main")?.dataset.record;
  if (record) {
    try {
      localStorage.setItem(key, JSON.stringify([record, ...lately(key).filter((one) => one !== record)].slice(0, RECENT + 1)));
    } catch { /* as above */ }
  }

  function begin(name, label) {
    act.value = name;
    step.textContent = label;
    step.hidden = !name;
    input.placeholder = name ? input.dataset.whose : first;
    input.value = "";
    ask();
    input.focus();
  }

  document.addEventListener("palette:toggle", () => {
    if (dialog.open) return dialog.close();
    // Where one is already is not where one wants to go.
    dialog.querySelector("[data-palette-recent]").value = lately(key).filter((one) => one !== record).slice(0, RECENT).join(",");
    dialog.showModal();
    begin("", "");
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-palette-open]")) document.dispatchEvent(new CustomEvent("palette:toggle"));
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette-close]")) dialog.close();
    const option = event.target.closest("[data-act]");
    if (!option || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    begin(option.dataset.act, option.querySelector(".hit-title").textContent);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && act.value && !input.value) begin("", "");
  });
  dialog.addEventListener("submit", (event) => event.preventDefault()); // Enter follows the marked line
}
