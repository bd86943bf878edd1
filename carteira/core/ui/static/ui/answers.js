// What to do with htmx answers that are not the fragment somebody asked for.
const box = document.getElementById("toasts");
const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text } }));

// A refusal answers with its own sentence as plain text; anything else gets the general one.
document.addEventListener("htmx:response:error", (event) => {
  const { response, text } = event.detail.ctx;
  if ([409, 422].includes(response.status)) return;
  const plain = (response.headers.get("Content-Type") || "").startsWith("text/plain");
  say(plain && text ? text : box.dataset.failed);
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.status?.startsWith("error") && !event.detail.ctx.response) say(box.dataset.offline);
});

// A whole page (the session is over, a form redirected) is gone to, not squeezed into a part of this one.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.select || ctx.target === document.body || !/^\s*<!doctype html/i.test(ctx.text || "")) return;
  event.preventDefault();
  location.assign(ctx.response.raw.url);
});
