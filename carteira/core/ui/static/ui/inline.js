// Values that save by themselves: Escape takes back what was typed; nobody leaves the page with something unsaved.
const written = (form) => form.querySelector("[name=value]");
const shown = (form) => form.querySelector("[name=was]").value;

document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && event.target.closest?.("[data-inline]");
  if (!form || form.dataset.inline === "several" || event.target !== written(form) || event.target.value === shown(form)) return;
  event.target.value = shown(form);
  event.preventDefault();
});

addEventListener("beforeunload", (event) => {
  const waiting = document.querySelector("[data-inline].htmx-request");
  const focused = document.activeElement?.closest?.("[data-inline]");
  if (waiting || (focused && focused.dataset.inline !== "several" && written(focused).value !== shown(focused) && !written(focused).matches("[aria-invalid]"))) event.preventDefault();
});
