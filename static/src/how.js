// 怎么算的 opens over the page that one is on. Without this script, or in a new tab, the link leads to a page of its own.
import htmx from "htmx.org";

let dialog;

const made = () => {
  if (dialog) return dialog;
  dialog = document.createElement("dialog");
  dialog.className = "how-dialog";
  dialog.setAttribute("aria-labelledby", "how-title");
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "how-close";
  const close = document.createElement("button");
  close.className = "btn-close";
  form.append(close);
  dialog.append(form, document.createElement("div"));
  // A click beside it closes it, as Escape does.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  return dialog;
};

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-how]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!window.HTMLDialogElement) return;
  event.preventDefault();
  const body = made().lastElementChild;
  dialog.querySelector(".btn-close").setAttribute("aria-label", link.dataset.close || "×");
  body.replaceChildren();
  try {
    await htmx.ajax("GET", link.href, { target: body, swap: "innerHTML" });
  } catch {
    // as below
  }
  // An answer that is none (log-in, an error) is for the whole page to show.
  if (body.querySelector("[data-how-body]")) dialog.showModal();
  else window.location.assign(link.href);
});
