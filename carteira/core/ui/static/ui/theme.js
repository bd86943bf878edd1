// Switches the theme without a request. The server reads the cookie, so the next page starts right.
document.documentElement.classList.add("js");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]") || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  document.documentElement.dataset.bsTheme = theme;
  document.querySelector('meta[name="color-scheme"]').content = theme === "auto" ? "light dark" : theme;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  }
});
