// A form whose session has ended is not lost: what was typed stays in this tab until the portal has answered it. If the
// answer is the page to log in, it is offered again afterwards, to the same person only. Nothing is sent by itself.
const STORED = "kept-form";
const HOURS = 12;
const { user, door } = document.body.dataset;

const pathOf = (form) => new URL(form.getAttribute("action") || window.location.href, window.location.href).pathname;
const TYPED = "input:not([type=hidden], [type=submit], [type=button]), select, textarea";
// Forms of the page itself in which something is typed or chosen, or was before the look at what it does.
const isWritten = (form) =>
  form?.getAttribute("method")?.toLowerCase() === "post" &&
  form.closest("main") &&
  ("edits" in form.dataset || form.querySelector(TYPED)) &&
  !form.querySelector("[type=password]");

const stored = () => {
  try {
    const kept = JSON.parse(window.sessionStorage.getItem(STORED));
    return kept && Date.now() - kept.at < HOURS * 3600 * 1000 ? kept : null;
  } catch {
    return null;
  }
};

const store = (kept) => {
  try {
    window.sessionStorage.setItem(STORED, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing, or a form that is too long for it: as without scripts.
  }
};

const forget = () => window.sessionStorage.removeItem(STORED);

const keep = (form) => {
  if (!user || !isWritten(form)) return;
  const fields = [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "step",
  );
  store({ user, path: pathOf(form), fields, at: Date.now(), waits: false });
};

document.addEventListener("submit", (event) => keep(event.target));
// Parts that are drawn anew while somebody writes meet the end of the session, too.
document.addEventListener("htmx:beforeRequest", (event) => keep(event.target.closest("form")));

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && !detail.xhr.getResponseHeader("HX-Redirect")) forget();
});

// The form draws itself anew from what was typed, parts that scripts know nothing of included; this records nothing.
const drawAnew = (form, kept) => {
  const again = document.createElement("form");
  again.method = "post";
  again.action = window.location.href;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const [name, value] of [...kept.fields, ["csrfmiddlewaretoken", token], ["step", "edit"]]) {
    const input = document.createElement("textarea");
    input.name = name;
    input.value = value;
    again.append(input);
  }
  again.hidden = true;
  document.body.append(again);
  store({ ...kept, waits: false });
  again.submit();
};

const fill = (form, kept) => {
  const values = new Map();
  for (const [name, value] of kept.fields) values.set(name, [...(values.get(name) || []), value]);
  for (const field of form.elements) {
    if (!field.name || field.name === "csrfmiddlewaretoken" || ["file", "submit", "button"].includes(field.type)) continue;
    const typed = values.get(field.name) || [];
    if (["checkbox", "radio"].includes(field.type)) field.checked = typed.includes(field.value);
    else if (field.type === "select-multiple") {
      for (const option of field.options) option.selected = typed.includes(option.value);
    } else if (typed.length) field.value = typed.shift();
  }
  forget();
};

const offer = (kept) => {
  const known = new Set(kept.fields.map(([name]) => name));
  const fits = (form) => [...form.elements].filter((field) => known.has(field.name)).length;
  const [form] = [...document.querySelectorAll("form")]
    .filter((one) => isWritten(one) && pathOf(one) === kept.path && fits(one))
    .sort((one, other) => fits(other) - fits(one));
  const notice = document.getElementById("kept-form")?.content.firstElementChild.cloneNode(true);
  if (!form || !notice) return;
  form.before(notice);
  notice.addEventListener("click", (event) => {
    const { kept: choice } = event.target.closest("[data-kept]")?.dataset || {};
    if (!choice) return;
    notice.remove();
    if (choice === "drop") forget();
    else if ("edits" in form.dataset) drawAnew(form, kept);
    else fill(form, kept);
  });
};

const kept = stored();
if (kept) {
  // "door": a page before the portal, on which one logs in.
  if (door !== undefined) store({ ...kept, waits: true });
  else if (!kept.waits || kept.user !== user) forget();
  else offer(kept);
}
