// A button that copies the text of an element, shown only where this script runs: without it, text is selected by hand.
const byHand = (element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
};

// Paragraph by paragraph, so that a line of the source does not become one of the copy.
const textOf = (element) => [...element.children].map((part) => part.textContent.trim()).join("\n") || element.textContent.trim();

for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const element = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(textOf(element));
  } catch {
    // Without https a page may not write to the clipboard by itself; the old way asks for a selection.
    byHand(element);
    if (!document.execCommand("copy")) return;
  }
  button.textContent = button.dataset.copied;
});
