// Toasts leave by themselves, except errors; resting on one keeps it. Failed htmx requests say so.
const LEAVE_AFTER = 6000;
const LEAVE_AFTER_UNDO = 12000;
const box = () => document.getElementById("toasts");

function watch(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "1";
  if (toast.matches(".toast-error, .toast-warning")) return;
  let timer;
  const leave = () => { timer = setTimeout(() => toast.remove(), toast.querySelector("form") ? LEAVE_AFTER_UNDO : LEAVE_AFTER); };
  const stay = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stay);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, leave);
  leave();
}

function say(text) {
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = text;
  box().append(toast);
}

document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());

// A refusal answers with its own sentence as plain text; anything else gets the general one.
document.addEventListener("htmx:response:error", (event) => {
  const { response, text } = event.detail.ctx;
  if ([409, 422].includes(response.status)) return;
  const plain = (response.headers.get("Content-Type") || "").startsWith("text/plain");
  say(plain && text ? text : box().dataset.failed);
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.status?.startsWith("error") && !event.detail.ctx.response) say(box().dataset.offline);
});

for (const toast of document.querySelectorAll("[data-toast]")) watch(toast);
if (box()) new MutationObserver(() => box().querySelectorAll("[data-toast]").forEach(watch)).observe(box(), { childList: true });
