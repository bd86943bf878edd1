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
