// Pop-ups are native popovers: tap, Escape and outside clicks work without this. Added: hover and focus, arrow keys.
const target = (button) => document.getElementById(button.getAttribute("popovertarget"));
let closing;

function open(button) {
  clearTimeout(closing);
  const pop = target(button);
  if (pop && !pop.matches(":popover-open")) pop.showPopover({ source: button });
}
const closeSoon = (pop) => { closing = setTimeout(() => pop.matches(":popover-open") && pop.hidePopover(), 150); };

for (const [name, act] of [["mouseover", open], ["focusin", open]]) {
  document.addEventListener(name, (event) => {
    const button = event.target.closest?.("[data-why]");
    if (button) {
      if (name === "focusin" && !button.matches(":focus-visible")) return;
      act(button);
    } else if (event.target.closest?.(".pop-why")) clearTimeout(closing); // the pointer may rest on the text itself
  });
}
document.addEventListener("mouseout", (event) => {
  const part = event.target.closest?.("[data-why], .pop-why");
  if (part) closeSoon(part.matches("[data-why]") ? target(part) : part);
});
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-why]")) closeSoon(target(event.target));
});
// A click on what hover has just opened must not close it again.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-why]");
  if (button && event.detail && target(button).matches(":popover-open") && matchMedia("(hover: hover)").matches) event.preventDefault();
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
