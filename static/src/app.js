// Every page loads this one script. The Content-Security-Policy allows no inline script, no inline style
// and no eval, so htmx is set up by a meta tag in the base template and not here:
//   <meta name="htmx-config" content='{"includeIndicatorStyles": false, "allowEval": false}'>
// Without allowEval, hx-on, hx-vals="js:…" and trigger filters do nothing: behaviour is written in this folder.
import "htmx.org";
import "./copy.js";
import "./drop.js";
import "./how.js";
import "./kept.js";
import "./keys.js";
import "./review.js";

// Pages work before this has loaded: menus are <details>. What follows is comfort.

// A menu closes when the reader clicks elsewhere or presses Escape.
const openMenus = () => document.querySelectorAll("details.pop[open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form that writes is sent once, even if its button is tapped twice (the server posts once in any case).
document.addEventListener("submit", (event) => {
  const form = event.target;
  // One whose answer may be a file leaves the page as it is, and may be sent again.
  if (form.method !== "post" || "answersFile" in form.dataset) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
// Coming back by the browser's arrow, the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A file that the server will refuse for its size is named before it is sent over a slow line.
document.addEventListener("change", (event) => {
  const most = Number(event.target.dataset?.mostBytes);
  if (!most) return;
  const large = [...event.target.files].filter((file) => file.size > most).map((file) => file.name);
  event.target.setCustomValidity(large.length ? `${event.target.dataset.tooLarge} ${large.join(", ")}` : "");
  event.target.reportValidity();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
