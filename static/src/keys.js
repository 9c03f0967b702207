// Keys of the shell: "/" and Ctrl-K search, arrows go through what was found, "?" opens the help.
const writes = (element) => element.closest("input, textarea, select, [contenteditable]");
const field = () => document.getElementById("find");
const found = () => document.getElementById("found");
const links = () => [...found().querySelectorAll("a")];

document.addEventListener("keydown", (event) => {
  const isSearch = event.key === "/" || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey));
  if (isSearch && field() && (event.key !== "/" || !writes(event.target))) {
    event.preventDefault();
    field().focus();
    field().select();
  } else if (event.key === "?" && !writes(event.target)) {
    const help = document.querySelector("[data-help]");
    if (help) help.open = !help.open;
  } else if (event.target.closest("[data-find]")) {
    walk(event);
  }
});

function walk(event) {
  const all = links();
  const here = all.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && all.length) {
    event.preventDefault();
    all[Math.min(here + 1, all.length - 1)].focus();
  } else if (event.key === "ArrowUp" && here >= 0) {
    event.preventDefault();
    (all[here - 1] || field()).focus();
  } else if (event.key === "Escape") {
    field().focus();
    found().replaceChildren();
  }
}

document.addEventListener("click", (event) => {
  if (found() && !event.target.closest("[data-find]")) found().replaceChildren();
});
