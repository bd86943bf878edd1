// Choosing rows of a list across its pages. Kept in this tab until it is used, so paging, sorting and searching lose
// nothing: some rows one by one, or everybody the list's address shows, but some.
//   form[data-picked=KEY] (data-everyone: the address, data-total: how many it shows) · [data-pick] boxes
//   [data-pick-page] the box of the whole page · [data-pick-everyone] · [data-pick-none] · [data-picked-text]
const form = () => document.querySelector("form[data-picked]");
const boxes = () => [...document.querySelectorAll("[data-pick]")];
const blank = () => ({ ids: [], everyone: null, total: "", but: [] });
const place = (key) => `picked:${key}`;

function read() {
  try {
    return { ...blank(), ...JSON.parse(sessionStorage.getItem(place(form().dataset.picked))) };
  } catch {
    return blank();
  }
}
function write(picked) {
  sessionStorage.setItem(place(form().dataset.picked), JSON.stringify(picked));
  show();
}
// Of everybody in another filter, who of these rows is among them cannot be told here: their boxes stay empty.
const here = (picked) => picked.everyone !== null && picked.everyone === form().dataset.everyone;
const has = (picked, id) => (picked.everyone === null ? picked.ids.includes(id) : here(picked) && !picked.but.includes(id));

function set(picked, ids, on) {
  const list = picked.everyone === null ? "ids" : "but";
  const add = picked.everyone === null ? on : !on;
  picked[list] = picked[list].filter((id) => !ids.includes(id));
  if (add) picked[list].push(...ids);
}

// A click on a box of another filter than the one taken as a whole begins anew.
function begun() {
  const picked = read();
  return picked.everyone !== null && !here(picked) ? blank() : picked;
}

function text(picked) {
  const words = form().dataset;
  const format = new Intl.NumberFormat(document.documentElement.lang);
  if (picked.everyone === null) {
    return (picked.ids.length === 1 ? words.one : words.many).replace("{n}", format.format(picked.ids.length));
  }
  const all = (picked.total ? words.everyoneOf : words.everyoneText).replace("{n}", picked.total);
  return picked.but.length ? `${all}, ${words.but.replace("{n}", format.format(picked.but.length))}` : all;
}

function show() {
  if (!form()) return;
  const picked = read();
  const some = picked.everyone !== null || picked.ids.length > 0;
  for (const box of boxes()) box.checked = has(picked, box.value);
  const all = boxes();
  const page = document.querySelector("[data-pick-page]");
  if (page) {
    const on = all.filter((box) => box.checked).length;
    page.checked = on > 0 && on === all.length;
    page.indeterminate = on > 0 && on < all.length;
  }
  form().toggleAttribute("data-some", some);
  const told = form().querySelector("[data-picked-text]");
  const said = some ? text(picked) : "";
  if (told.textContent !== said) told.textContent = said;
  const everyone = form().querySelector("[data-pick-everyone]");
  everyone.hidden = here(picked) || form().dataset.more === undefined;
}

let last = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest?.("[data-pick], [data-pick-page], [data-pick-everyone], [data-pick-none]");
  if (!box || !form()) return;
  if (box.matches("[data-pick-none]")) return write(blank());
  if (box.matches("[data-pick-everyone]")) {
    return write({ ...blank(), everyone: form().dataset.everyone, total: form().dataset.total });
  }
  const picked = begun();
  const all = boxes();
  if (box.matches("[data-pick-page]")) set(picked, all.map((each) => each.value), box.checked);
  else {
    const [from, to] = [all.findIndex((each) => each.value === last), all.indexOf(box)].sort((a, b) => a - b);
    const range = event.shiftKey && from >= 0 ? all.slice(from, to + 1) : [box];
    set(picked, range.map((each) => each.value), box.checked);
    last = box.value;
  }
  write(picked);
});

// What is sent: whom, not which boxes of this page are ticked.
document.addEventListener("formdata", (event) => {
  if (event.target !== form()) return;
  const picked = read();
  event.formData.delete("id");
  if (picked.everyone === null) event.formData.set("ids", picked.ids.join(" "));
  else {
    event.formData.set("everyone", picked.everyone);
    event.formData.set("but", picked.but.join(" "));
  }
});
// Used: the next choice begins anew.
document.addEventListener("submit", (event) => {
  const key = event.target.dataset?.pickedDone;
  if (key) sessionStorage.removeItem(place(key));
});

// j and k, or the arrows within the rows, go from row to row; Enter opens (it is a link); x or space chooses; with
// Shift a step takes the next row along.
const typing = (element) => element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
  (element.tagName === "INPUT" && element.type !== "checkbox");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.target.closest?.("dialog, [popover]")) return;
  const rows = [...document.querySelectorAll("table.ledger tbody tr:has([data-pick])")];
  const at = rows.indexOf(event.target.closest?.("tr"));
  const step = { j: 1, k: -1, J: 1, K: -1, ...(at >= 0 && { ArrowDown: 1, ArrowUp: -1 }) }[event.key];
  if (!rows.length) return;
  if (step) {
    event.preventDefault();
    const next = rows[Math.min(Math.max(at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step, 0), rows.length - 1)];
    if (event.shiftKey && at >= 0) {
      const picked = begun();
      set(picked, [rows[at], next].map((row) => row.querySelector("[data-pick]").value), true);
      write(picked);
    }
    next.querySelector("a.row-link").focus();
  } else if (at >= 0 && (event.key === "x" || (event.key === " " && event.target.matches("a.row-link")))) {
    event.preventDefault();
    rows[at].querySelector("[data-pick]").click();
  }
});

document.addEventListener("htmx:after:swap", show);
addEventListener("pageshow", show); // also where the browser shows a page it kept
show();
