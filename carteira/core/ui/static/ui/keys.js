// "/" and Ctrl+K (or Cmd+K) go to the search. Nothing else is taken from the browser.
const typing = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

document.addEventListener("keydown", (event) => {
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
  const palette = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  const input = document.querySelector("[data-search-input]");
  if (!input || !(slash || palette)) return;
  event.preventDefault();
  input.focus();
  input.select();
});
