// On phones the rows of a table are laid out as cards (display: grid), and some browsers then forget that it is a
// table. Saying the roles aloud keeps it one for screen readers.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TFOOT: "rowgroup", TR: "row", TD: "cell" };

function name(root) {
  for (const table of root.querySelectorAll?.("table.ledger") ?? []) {
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tfoot, tr, td, th")]) {
      if (part.hasAttribute("role")) continue;
      part.setAttribute("role", ROLES[part.tagName] ?? (part.scope === "row" ? "rowheader" : "columnheader"));
    }
  }
}

name(document);
document.addEventListener("htmx:after:settle", (event) => name(event.target.closest?.("table.ledger")?.parentNode ?? event.target));

// Where the name stays in sight while the columns scroll, its link ends with its cell: the rest of the row follows it here.
document.addEventListener("click", (event) => {
  const row = event.target.closest?.(".ledger-wide .ledger tbody tr");
  if (!row || event.target.closest("a, button, input, label, select, [popover]") || String(getSelection())) return;
  const { ctrlKey, metaKey, shiftKey } = event;
  row.querySelector("a.row-link")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
});

const edge = (frame) => frame.classList.toggle("has-more", frame.scrollLeft + frame.clientWidth < frame.scrollWidth - 4);
const edges = () => document.querySelectorAll(".ledger-wide").forEach(edge);
edges();
addEventListener("resize", edges);
document.addEventListener("htmx:after:settle", edges);
document.addEventListener("scroll", (event) => { if (event.target.matches?.(".ledger-wide")) edge(event.target); }, true);
