// Toasts leave by themselves, except errors; resting on one keeps it. Scripts say something with a "toast" event.
const LEAVE_AFTER = 6000;
const LEAVE_AFTER_UNDO = 12000;
const box = document.getElementById("toasts");

function watch(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "1";
  if (toast.matches(".toast-error, .toast-warning")) return;
  let timer;
  const stay = () => clearTimeout(timer);
  const leave = () => {
    stay();
    timer = setTimeout(() => toast.remove(), toast.querySelector("form") ? LEAVE_AFTER_UNDO : LEAVE_AFTER);
  };
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stay);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, leave);
  leave();
}

document.addEventListener("toast", (event) => {
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = event.detail.text;
  box.append(toast);
});
document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());

const watchAll = () => box.querySelectorAll("[data-toast]").forEach(watch);
watchAll();
new MutationObserver(watchAll).observe(box, { childList: true });
