// File drop, copy buttons, and dialogs where the browser does not know command/commandfor yet.
const size = (bytes) => new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: bytes < 1e6 ? "kilobyte" : "megabyte", maximumFractionDigits: 1 })
  .format(bytes / (bytes < 1e6 ? 1e3 : 1e6));

document.addEventListener("change", (event) => {
  const name = event.target.closest?.("[data-drop]")?.querySelector("[data-drop-name]");
  if (name) name.textContent = [...event.target.files].map((file) => `${file.name} (${size(file.size)})`).join(", ");
});
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.target.closest?.("[data-drop]")?.classList.toggle("is-over", kind === "dragenter" || kind === "dragover");
  });
}

async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // plain http on a local network has no clipboard object
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await write(button.dataset.copy);
  const before = button.getAttribute("aria-label");
  button.setAttribute("aria-label", button.dataset.copied);
  button.classList.add("is-copied");
  setTimeout(() => { button.setAttribute("aria-label", before); button.classList.remove("is-copied"); }, 1500);
});

if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (button?.getAttribute("command") === "show-modal") dialog.showModal();
    if (button?.getAttribute("command") === "close") dialog.close();
  });
}

// A dialog that came back open, with a refusal in it, is a dialog again.
for (const dialog of document.querySelectorAll("dialog.sheet[open]")) {
  dialog.close();
  dialog.showModal();
  dialog.querySelector("[aria-invalid=true]")?.focus();
}

// A choice that shows another list at once; without a script the form's own button does.
document.addEventListener("change", (event) => {
  const choice = event.target.closest?.("[data-submits]");
  if (choice) choice.form.requestSubmit();
});

// Of tabs that do not fit, the one that is shown is in sight.
for (const tab of document.querySelectorAll(".tabs a[aria-current]")) {
  const row = tab.closest(".tabs");
  const over = tab.getBoundingClientRect().right - row.getBoundingClientRect().right;
  if (over > 0) row.scrollLeft = over + 24;
}

// What unfolds to be filled in is filled in at once.
document.addEventListener("toggle", (event) => {
  const unfolded = document.activeElement?.matches("summary") && document.activeElement.parentNode === event.target;
  if (unfolded && event.target.open) event.target.querySelector("form input:not([type=hidden])")?.focus();
}, true);
