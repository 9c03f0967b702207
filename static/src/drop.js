// A form with data-drop takes files dropped anywhere on its page, as if they had been chosen in its first file field.
// Without this script the field itself takes them, as browsers do.
const form = document.querySelector("form[data-drop]");
const field = form?.querySelector('input[type="file"]');

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

if (field) {
  const hint = form.querySelector(".drop-hint");
  if (hint) hint.hidden = false;
  // "over" is told again and again while something is dragged; when it has not been for a moment, it is gone.
  let gone;
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    form.classList.add("dropping");
    clearTimeout(gone);
    gone = setTimeout(() => form.classList.remove("dropping"), 300);
  });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    form.classList.remove("dropping");
    const taken = new DataTransfer();
    for (const file of [...event.dataTransfer.files].slice(0, field.multiple ? undefined : 1)) taken.items.add(file);
    field.files = taken.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
}
