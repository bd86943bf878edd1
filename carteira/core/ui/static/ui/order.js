// A list put in order by hand: its lines are dragged by their handles (mouse, pen, finger) or moved by their buttons. The list
// says where a line is now, and tells by the event "moved", so that a form may save itself.
let held = null;

function settle(line) {
  const list = line.parentElement;
  const lines = [...list.children];
  const said = list.parentElement.querySelector("[data-order-said]");
  if (said) {
    const words = { name: line.dataset.name, place: lines.indexOf(line) + 1, count: lines.length };
    said.textContent = list.dataset.said.replace(/\[(\w+)\]/g, (_, word) => words[word]);
  }
  list.dispatchEvent(new CustomEvent("moved", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-orderable] [data-move]");
  if (!button) return;
  const line = button.closest("li");
  const other = button.dataset.move === "1" ? line.nextElementSibling : line.previousElementSibling;
  if (!other) return;
  if (button.dataset.move === "1") other.after(line);
  else other.before(line);
  // At an end the button is hidden: the other one takes over.
  const there = getComputedStyle(button).visibility === "hidden" ? line.querySelector(`[data-move="${-button.dataset.move}"]`) : button;
  there.focus();
  settle(line);
});

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-orderable] [data-grip]");
  if (!grip || event.button !== 0 || held) return;
  event.preventDefault();
  const line = grip.closest("li");
  grip.setPointerCapture(event.pointerId);
  held = { grip, line, list: line.parentElement, pointer: event.pointerId, from: event.clientY + scrollY, y: event.clientY, next: line.nextElementSibling };
  line.classList.add("is-held");
  requestAnimationFrame(follow);
});
document.addEventListener("pointermove", (event) => {
  if (event.pointerId === held?.pointer) held.y = event.clientY;
});
document.addEventListener("pointerup", (event) => drop(event, true));
document.addEventListener("pointercancel", (event) => drop(event, false));
document.addEventListener("keydown", (event) => {
  if (held && event.key === "Escape") drop({ pointerId: held.pointer }, false);
});

// Before which line the held one would be put; null is the end.
function follow() {
  if (!held) return;
  const { line, list, y } = held;
  if (y < 64) scrollBy(0, -10);
  else if (y > innerHeight - 64) scrollBy(0, 10);
  line.style.transform = `translateY(${y + scrollY - held.from}px)`;
  const others = [...list.children].filter((other) => other !== line);
  held.next = others.find((other) => {
    const box = other.getBoundingClientRect();
    return y < box.top + box.height / 2;
  }) ?? null;
  for (const other of others) other.classList.toggle("is-before", other === held.next);
  list.classList.toggle("is-end", held.next === null);
  requestAnimationFrame(follow);
}

function drop(event, keep) {
  if (event.pointerId !== held?.pointer) return;
  const { grip, line, list, next, pointer } = held;
  held = null;
  if (grip.hasPointerCapture(pointer)) grip.releasePointerCapture(pointer);
  line.classList.remove("is-held");
  line.style.removeProperty("transform");
  list.classList.remove("is-end");
  for (const other of list.children) other.classList.remove("is-before");
  if (!keep || next === line.nextElementSibling) return;
  list.insertBefore(line, next);
  settle(line);
}
