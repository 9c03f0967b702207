// 上报 over a weak network. What is typed and photographed stays in this browser until the portal has it; what was to be
// sent is sent by itself once there is a network, photos one by one. The portal takes everything once, however often
// it is sent: the key of the form is that of the report, and a photo is known by its content.
import * as photos from "./photos.js";

const { user } = document.body.dataset;
const PREFIX = `report:${user}:`;
const DAYS = 14;
const PATIENCE = 60_000;
const NOT_KEPT = ["csrfmiddlewaretoken", "step"];
const memory = new Map();
let form = null;
let sending = false;
let retry;
let wait = 3_000;
// Photos are shrunk one after the other; sending begins behind the last.
let shrinking = Promise.resolve();

const bar = () => document.querySelector("[data-report-bar]");
const pathOf = (one) => new URL(one.getAttribute("action") || window.location.href, window.location.href).pathname;
const field = (name) => form.elements[name];

// --- drafts in this browser ---------------------------------------------------------------------------------
const store = (draft) => {
  memory.set(draft.key, draft);
  try {
    window.localStorage.setItem(PREFIX + draft.key, JSON.stringify(draft));
  } catch {
    // A browser that keeps nothing: the draft lives as long as this page.
  }
};

const drafts = () => {
  try {
    for (const name of Object.keys(window.localStorage).filter((one) => one.startsWith(PREFIX))) {
      const draft = JSON.parse(window.localStorage.getItem(name));
      if (Date.now() - draft.at > DAYS * 24 * 3600 * 1000) forget(draft);
      else memory.set(draft.key, draft);
    }
  } catch {
    // As above.
  }
  return [...memory.values()];
};

const forget = (draft) => {
  memory.delete(draft.key);
  try {
    window.localStorage.removeItem(PREFIX + draft.key);
  } catch {
    // As above.
  }
  return photos.forget(draft.key);
};

const typed = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.includes(name));

const keep = (more = {}) => {
  const draft = {
    key: field("key").value, path: pathOf(form), title: form.dataset.title, fields: typed(), at: Date.now(), waits: false,
    step: "save", ...more,
  };
  store(draft);
  return draft;
};

const fill = (draft) => {
  const values = new Map(draft.fields);
  const ticked = draft.fields.filter(([name]) => name === "leave_out").map(([, value]) => value);
  for (const one of form.elements) {
    if (one.type === "checkbox") one.checked = ticked.includes(one.value);
    else if (values.has(one.name) && one.type !== "submit") one.value = values.get(one.name);
  }
};

// --- what is said about them --------------------------------------------------------------------------------
const say = (text, ...more) => {
  const element = bar();
  if (!element) return;
  element.hidden = !text;
  element.replaceChildren(text || "", ...more);
};

const button = (text, act) => {
  const element = document.createElement("button");
  Object.assign(element, { type: "button", className: "link-button", textContent: text, onclick: act });
  return element;
};

const link = (draft) => {
  const element = document.createElement("a");
  element.href = draft.path;
  element.textContent = draft.title;
  return element;
};

const isHere = (draft) => form && field("key").value === draft.key;

// --- sending ------------------------------------------------------------------------------------------------
class Unreachable extends Error {}

const post = async (address, fields) => {
  const data = new FormData();
  // A file has its own name with it.
  for (const [name, value] of fields) data.append(name, value);
  const given = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const gone = new AbortController();
  const timer = setTimeout(() => gone.abort(), PATIENCE);
  try {
    const headers = { Accept: "application/json", "X-CSRFToken": given };
    const answer = await fetch(address, { method: "POST", body: data, headers, signal: gone.signal });
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    // Read here: a connection is cut in the middle of an answer, too.
    const body = isJson ? await answer.json() : await answer.text();
    if (answer.status >= 500 || answer.status === 429) throw new Unreachable(bar()?.dataset.waiting);
    // Only the door redirects such a request.
    return { status: answer.redirected ? 401 : answer.status, json: isJson ? body : null, page: isJson ? "" : body };
  } catch (error) {
    throw error instanceof Unreachable ? error : new Unreachable(bar()?.dataset.offline);
  } finally {
    clearTimeout(timer);
  }
};

// The answer that ends it: where the report is now, or what was wrong.
const deliver = async (draft) => {
  const taken = await photos.of(draft.key);
  const refused = [];
  if (taken.length) {
    const kept = await post(draft.path, [...draft.fields, ["step", "keep"]]);
    if (!kept.json?.files) return kept;
    for (const [place, photo] of taken.entries()) {
      say(`${bar()?.dataset.photo} ${place + 1} / ${taken.length}`);
      const file = new File([photo.blob], photo.name, { type: photo.blob.type });
      const answer = await post(kept.json.files, [["file", file]]);
      if (answer.status === 401) return answer;
      if (answer.status !== 201) refused.push(answer.json?.error || photo.name);
      await photos.remove(photo);
    }
  }
  // What the portal would not take is said beside the form, and the report goes on only after somebody has seen it.
  const answer = await post(draft.path, [...draft.fields, ["step", refused.length ? "edit" : draft.step]]);
  return { ...answer, refused };
};

const show = (draft, answer) => {
  const page = new DOMParser().parseFromString(answer.page, "text/html").querySelector("main");
  if (answer.status !== 200 || !page || !isHere(draft)) {
    store({ ...draft, waits: false });
    say(bar()?.dataset.refused, isHere(draft) ? "" : link(draft));
    return;
  }
  forget(draft);
  document.querySelector("main").replaceWith(document.importNode(page, true));
  begin();
  if (form) window.history.replaceState(null, "", pathOf(form));
  if (answer.refused?.length) say(answer.refused.join(" "));
  (document.querySelector("main .wrong :is(input, select, textarea)") || bar())?.scrollIntoView({ block: "center" });
};

const again = (message, draft) => {
  say(message, isHere(draft) ? "" : link(draft));
  clearTimeout(retry);
  retry = setTimeout(send, wait);
  wait = Math.min(wait * 2, PATIENCE);
};

const send = async () => {
  if (sending) return;
  sending = true;
  clearTimeout(retry);
  for (const draft of drafts().filter((one) => one.waits)) {
    try {
      say(bar()?.dataset.sending);
      const answer = await deliver(draft);
      wait = 3_000;
      if (answer.json?.address) {
        await forget(draft);
        if (isHere(draft)) window.location.assign(answer.json.address);
        else window.location.reload();
        return;
      }
      if (answer.status === 401) say(bar()?.dataset.away, link(draft));
      else show(draft, answer);
    } catch (error) {
      again(error.message, draft);
      break;
    }
  }
  sending = false;
};

// Whoever goes on writing sends it himself.
const write = () => {
  const waited = memory.get(field("key").value)?.waits;
  keep();
  if (waited) say(bar()?.dataset.kept);
};

// --- the form -----------------------------------------------------------------------------------------------
const pick = (input) => {
  const key = field("key").value;
  for (const file of input.files) {
    shrinking = shrinking.then(async () => thumb(await photos.add(key, await photos.shrink(file))));
  }
  input.value = "";
  write();
};

const count = () => {
  const shown = form.querySelector("[data-photo-count]");
  shown.textContent = form.querySelectorAll("[data-thumbs] li").length;
};

const thumb = async (photo) => {
  const item = document.createElement("li");
  const drop = button(bar().dataset.drop, async () => {
    await photos.remove(photo);
    item.remove();
    count();
  });
  drop.setAttribute("aria-label", `${drop.textContent} ${photo.name}`);
  item.append(await photos.thumbOf(photo), drop);
  form.querySelector("[data-thumbs]").append(item);
  count();
};

const restore = async () => {
  const own = drafts().find((one) => one.path === pathOf(form) || one.key === field("key").value);
  if (!own) return;
  // Somebody went on with it elsewhere: what the portal has is newer.
  const isOld = own.key === field("key").value && new Map(own.fields).get("revision") !== field("revision").value;
  if (isOld && !own.waits) return void forget(own);
  fill(own);
  for (const photo of await photos.of(own.key)) await thumb(photo);
  if (own.waits) return;
  const drop = button(bar().dataset.drop, async () => {
    await forget(own);
    window.location.reload();
  });
  say(bar().dataset.restored, drop);
};

const begin = () => {
  form = document.querySelector("form[data-report]");
  if (!form) return undefined;
  let step = "send";
  form.addEventListener("click", (event) => {
    step = event.target.closest("[name=step]")?.value || step;
  });
  form.addEventListener("change", (event) => (event.target.type === "file" ? pick(event.target) : write()));
  form.addEventListener("input", (event) => event.target.type === "file" || write());
  form.addEventListener("submit", async (event) => {
    // Neither the guard against a second tap nor the one against an ended session is needed here.
    event.preventDefault();
    event.stopPropagation();
    await shrinking;
    keep({ waits: true, step });
    await send();
  });
  return restore();
};

window.addEventListener("online", send);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
Promise.resolve(begin()).then(() => drafts().some((one) => one.waits) && send());
