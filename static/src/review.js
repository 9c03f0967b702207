// Keys of the review: J and K go through the list, A agrees, R returns; a fact's name leads to its sentence.
const board = () => document.querySelector("[data-review]");
const writes = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

function go(by) {
  const links = [...document.querySelectorAll("a[data-queue]")];
  const here = links.findIndex((link) => link.getAttribute("aria-current"));
  const to = links[here < 0 ? 0 : here + by];
  if (to) to.click();
}

function say(field) {
  const fold = document.querySelector("[data-return]");
  if (!fold) return;
  fold.open = true;
  (field || fold.querySelector("input")).focus();
}

document.addEventListener("keydown", (event) => {
  if (!board() || event.ctrlKey || event.metaKey || event.altKey || event.repeat || writes(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") go(key === "j" ? 1 : -1);
  else if (key === "a") document.querySelector('[data-key="a"]')?.click();
  else if (key === "r") {
    event.preventDefault();
    say();
  }
});

document.addEventListener("click", (event) => {
  const fact = event.target.closest("a[data-comment]");
  if (!fact) return;
  event.preventDefault();
  say(document.getElementById(fact.hash.slice(1)));
});

const all = document.querySelector("[data-all]");
if (all) {
  all.hidden = false;
  all.querySelector("input").addEventListener("change", (event) => {
    for (const box of document.querySelectorAll("input[data-clean]")) box.checked = event.target.checked;
  });
}
for (const help of document.querySelectorAll("[data-keys]")) help.hidden = false;
