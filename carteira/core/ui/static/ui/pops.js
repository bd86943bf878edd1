// Pop-ups are native popovers: tap, Escape and outside clicks work without this. Added: hover and focus, arrow keys.
const target = (button) => document.getElementById(button.getAttribute("popovertarget"));
let closing;

function open(button) {
  clearTimeout(closing);
  const pop = target(button);
  if (pop && !pop.matches(":popover-open")) pop.showPopover({ source: button });
}
const closeSoon = (pop) => { closing = setTimeout(() => pop.matches(":popover-open") && pop.hidePopover(), 150); };

// A mouse hovers; a finger taps, and the tap itself opens and closes.
document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const button = event.target.closest?.("[data-why]");
  if (button) open(button);
  else if (event.target.closest?.(".pop-why")) clearTimeout(closing); // the pointer may rest on the text itself
});
document.addEventListener("pointerout", (event) => {
  const part = event.pointerType === "mouse" && event.target.closest?.("[data-why], .pop-why");
  if (part) closeSoon(part.matches("[data-why]") ? target(part) : part);
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("[data-why]:focus-visible")) open(event.target);
});
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-why]")) closeSoon(target(event.target));
});
// A click on what hover has just opened must not close it again.
document.addEventListener("click", (event) => {
  const button = event.pointerType === "mouse" && event.target.closest?.("[data-why]");
  if (button && target(button).matches(":popover-open")) event.preventDefault();
}, true);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".pop-menu");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = [...menu.querySelectorAll("a, button")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  event.preventDefault();
});

// Browsers without anchor positioning: place the pop-up under its button by hand.
if (!CSS.supports("position-area: block-end")) {
  document.addEventListener("toggle", (event) => {
    const pop = event.target;
    if (event.newState !== "open" || !pop.matches(".pop")) return;
    const at = document.querySelector(`[popovertarget="${CSS.escape(pop.id)}"]`).getBoundingClientRect();
    const left = pop.matches(".pop-menu") ? at.right - pop.offsetWidth : at.left;
    pop.style.left = `${Math.max(8, Math.min(left, innerWidth - pop.offsetWidth - 8))}px`;
    const below = at.bottom + pop.offsetHeight + 8 < innerHeight;
    pop.style.top = `${below ? at.bottom : Math.max(8, at.top - pop.offsetHeight - 8)}px`;
  }, true);
}
