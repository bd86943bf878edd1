// "/" goes to the search, Ctrl+K (or Cmd+K) to the palette, else to the search. Nothing else is taken from the browser.
const typing = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

document.addEventListener("keydown", (event) => {
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
  const palette = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!slash && !palette) return;
  if (palette && document.getElementById("palette")) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("palette:toggle"));
    return;
  }
  const input = document.querySelector("[data-search] [data-search-input]");
  if (!input) return;
  event.preventDefault();
  input.focus();
  input.select();
});
