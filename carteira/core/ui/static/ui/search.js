// The search on top: htmx fetches (debounced, a new request replaces the one under way); here are the keys.
const options = (box) => [...box.querySelectorAll('[role="option"]')];
const boxOf = (input) => document.getElementById(input.getAttribute("aria-controls"));

// The palette's list stays, and its first line is marked: Enter follows it.
const stays = (input) => "searchStays" in input.dataset;

function show(input, open) {
  open ||= stays(input);
  boxOf(input).hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (!open) mark(input, null);
}

function mark(input, option) {
  for (const other of options(boxOf(input))) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-search-input]")) return;
  const box = boxOf(input);
  const all = options(box);
  const at = all.findIndex((option) => option.id === input.getAttribute("aria-activedescendant"));
  if (event.key === "Enter" && stays(input) && "stale" in input.dataset) {
    event.preventDefault(); // what is listed answers an earlier text: the first line of the next answer is meant
    input.dataset.follow = "";
    input.dispatchEvent(new Event("palette"));
  } else if (event.key === "Escape" && !stays(input)) {
    if (!box.hidden) event.preventDefault(); // first Escape closes, the next one clears
    show(input, false);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
    event.preventDefault();
    show(input, true);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length;
    mark(input, all[next]);
  } else if (event.key === "Enter" && at >= 0 && !box.hidden) {
    event.preventDefault();
    all[at].click();
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  const input = event.detail.ctx.sourceElement;
  if (!input?.matches?.("[data-search-input]")) return;
  const box = boxOf(input);
  if (!options(box).length && input.value.trim()) {
    const none = document.createElement("p");
    none.className = "search-none";
    none.textContent = box.dataset.none;
    box.replaceChildren(none);
  }
  show(input, Boolean(input.value.trim()) && document.activeElement === input);
  if (!stays(input)) {
    // The answer to what was typed last may come after a line was marked: that line stays marked, if there still is one.
    const marked = input.getAttribute("aria-activedescendant");
    if (marked) mark(input, options(box).find((option) => option.id === marked) ?? null);
    return;
  }
  const [first] = options(box);
  mark(input, first ?? null);
  delete input.dataset.stale;
  const follow = "follow" in input.dataset;
  delete input.dataset.follow;
  if (follow) first?.click();
});

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-search-stays]")) {
    event.target.dataset.stale = "";
    delete event.target.dataset.follow;
  } else if (event.target.matches?.("[data-search-input]") && !event.target.value.trim()) show(event.target, false);
});
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.("[data-search]");
  if (form && !form.contains(event.relatedTarget)) show(form.querySelector("[data-search-input]"), false);
});
// Pressing a result must not take the focus (and close the list) before the click arrives.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.(".search-list")) event.preventDefault();
});

// htmx begins a moment after the page is there; what was typed before is asked for then.
document.addEventListener(
  "htmx:after:process",
  () => {
    const input = document.activeElement;
    if (input?.matches("[data-search-input]") && !stays(input) && input.value) input.dispatchEvent(new Event("early"));
  },
  { once: true },
);
