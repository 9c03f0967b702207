// 方案表: a county's plan as a sheet. Cells are kept as they are typed: each with what was seen before, so that two
// people on one plan do not overwrite each other; what cannot be read stays in its cell, marked, until it is put right.
import {
  EditModule, FormatModule, FrozenColumnsModule, InteractionModule, KeybindingsModule, MenuModule, ResizeColumnsModule,
  SelectRangeModule, Tabulator,
} from "tabulator-tables";

Tabulator.registerModule([
  EditModule, FormatModule, FrozenColumnsModule, InteractionModule, KeybindingsModule, MenuModule, ResizeColumnsModule,
  SelectRangeModule,
]);

const AT_ONCE = 500;
const SOON = 250;
const QUIET = 1200;
const AGAIN = 3000;
const SHOWN = 100;
const IDENTITY = ["code", "name", "community"];

const part = (name) => document.querySelector(`[data-plan="${name}"]`);
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const host = part("grid");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const columns = read("plan-columns");
const words = read("plan-words");
const keys = columns.map((column) => column.key);

let table;
let revision = 0;
let nextId = 1;
let sending = false;
let unsent = null;
let flushing;
let asking;
let said = { errors: [], warnings: [] };
const waiting = new Map(); // id of a row → { values, seen }
const kept = new Map(); // id of a row → its cells as the portal has them
const ids = new Map(); // number of a line → id of its row
const refused = new Map(); // id of a row → { key: why it could not be read }
let marks = new Map(); // number of a line → { key: [kind, message] }

const state = (text, bad = false) => {
  part("state").textContent = text;
  part("state").classList.toggle("wrong", bad);
};

const ask = async (address, body) => {
  const options = body === undefined ? {} : {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": token },
  };
  const answer = await fetch(address, { ...options, credentials: "same-origin" });
  const isData = (answer.headers.get("Content-Type") || "").includes("json");
  const data = isData ? await answer.json() : {};
  if (!answer.ok || !isData) throw Object.assign(new Error(data.message || words.failed), { status: answer.status });
  return data;
};

// --- rows ---------------------------------------------------------------------------------------------------
const blank = () => ({ id: nextId++, line: null, there: "", ...Object.fromEntries(keys.map((key) => [key, ""])) });

const taken = (sent) => {
  const row = { ...blank(), ...sent };
  ids.set(row.line, row.id);
  kept.set(row.id, Object.fromEntries(keys.map((key) => [key, row[key]])));
  return row;
};

const markOf = (data, key) => {
  const why = (refused.get(data.id) || {})[key];
  return why ? ["error", why] : (marks.get(data.line) || {})[key];
};

const draw = (cell) => {
  const mark = markOf(cell.getData(), cell.getField());
  const element = cell.getElement();
  element.classList.toggle("is-error", Boolean(mark) && mark[0] === "error");
  element.classList.toggle("is-warning", Boolean(mark) && mark[0] === "warning");
  if (mark) element.title = mark[1];
  else element.removeAttribute("title");
  return document.createTextNode(cell.getValue() ?? "");
};

const redraw = (row) => row && row.reformat();

// --- keeping ------------------------------------------------------------------------------------------------
const put = (row, values) => {
  const data = row.getData();
  const changed = Object.entries(values).filter(([key, value]) => data[key] !== value && keys.includes(key));
  if (!changed.length) return;
  const one = waiting.get(data.id) || { values: {}, seen: {} };
  const before = kept.get(data.id) || {};
  for (const [key, value] of changed) {
    one.values[key] = value;
    if (data.line !== null && !(key in one.seen)) one.seen[key] = before[key] ?? "";
    if (refused.has(data.id)) delete refused.get(data.id)[key];
  }
  waiting.set(data.id, one);
  row.update(Object.fromEntries(changed));
  clearTimeout(flushing);
  flushing = setTimeout(flush, SOON);
  state(words.typing);
};

// Which compound a line means is read from its code, or else from name and community together.
const asSent = (row, one) => {
  const data = row.getData();
  const values = { ...one.values };
  if (data.line === null) {
    for (const key of keys) values[key] = data[key];
    if (!("code" in one.values)) values.code = "";
  } else if (IDENTITY.some((key) => key in values)) {
    for (const key of IDENTITY) if (!(key in values)) values[key] = key === "code" ? "" : data[key];
  }
  return { line: data.line, values, seen: data.line === null ? {} : one.seen };
};

// A request whose answer was lost is sent again as it was, under its own key: what it made is made once.
const compose = () => {
  const batch = [...waiting].slice(0, AT_ONCE).filter(([id]) => table.getRow(id));
  const rows = batch.map(([id]) => table.getRow(id));
  const cells = batch.map(([, one], index) => asSent(rows[index], one));
  for (const [id] of batch) waiting.delete(id);
  return { rows, body: { since: revision, key: `${Date.now()}-${nextId++}`, cells } };
};

const flush = async () => {
  if (sending || (!unsent && !waiting.size)) return;
  sending = true;
  unsent = unsent || compose();
  state(words.saving);
  try {
    const answer = await ask(host.dataset.cells, unsent.body);
    const { rows } = unsent;
    unsent = null;
    answered(rows, answer);
  } catch (error) {
    sending = false;
    if (!error.status || error.status >= 500) {
      state(words.offline, true);
      flushing = setTimeout(flush, AGAIN);
      return;
    }
    unsent = null;
    state(error.message, true);
    if (error.status === 409) load();
    return;
  }
  sending = false;
  if (waiting.size) flush();
};

const answered = (rows, answer) => {
  revision = answer.revision;
  answer.numbers.forEach((number, index) => {
    const data = rows[index].getData();
    if (number !== null && data.line === null) {
      rows[index].update({ line: number });
      ids.set(number, data.id);
    }
  });
  const wrong = new Map();
  for (const [index, key, message] of answer.refused) {
    const { id } = rows[index].getData();
    wrong.set(id, { ...wrong.get(id), [key]: message });
  }
  for (const row of rows) {
    const { id } = row.getData();
    if (wrong.has(id)) refused.set(id, { ...refused.get(id), ...wrong.get(id) });
  }
  for (const sent of answer.rows) {
    const row = ids.has(sent.line) && table.getRow(ids.get(sent.line));
    if (!row) {
      table.addRow(taken(sent));
      continue;
    }
    const { id } = row.getData();
    kept.set(id, Object.fromEntries(keys.map((key) => [key, sent[key]])));
    const later = (waiting.get(id) || { values: {} }).values;
    const stays = refused.get(id) || {};
    row.update(Object.fromEntries(keys.filter((key) => !(key in later) && !(key in stays)).map((key) => [key, sent[key]])));
    const stay = Object.entries(marks.get(sent.line) || {}).filter(([key]) => !answer.judged.includes(key));
    marks.set(sent.line, Object.fromEntries(stay));
  }
  for (const [kind, found] of [["warning", answer.checks.warnings], ["error", answer.checks.errors]])
    for (const [line, key, message] of found) marks.set(line, { ...marks.get(line), [key]: [kind, message] });
  for (const row of new Set([...rows, ...answer.rows.map((sent) => table.getRow(ids.get(sent.line)))])) redraw(row);
  const known = table.getData().filter((data) => data.line !== null).length;
  if (known !== answer.lines) load();
  if (answer.overtaken.length) state(words.overtaken.replace("%s", answer.overtaken.join(", ")), true);
  else if (wrong.size) state(words.refused, true);
  else state(words.saved);
  clearTimeout(asking);
  asking = setTimeout(check, QUIET);
};

// --- what the checks say ------------------------------------------------------------------------------------
const check = async () => {
  try {
    tell((await ask(host.dataset.checks)).checks);
  } catch {
    asking = setTimeout(check, AGAIN);
  }
};

const tell = (checks) => {
  const before = marks;
  said = checks;
  marks = new Map();
  for (const [kind, found] of [["warning", checks.warnings], ["error", checks.errors]])
    for (const [line, key, message] of found)
      if (line !== null) marks.set(line, { ...marks.get(line), [key]: [kind, message] });
  for (const line of new Set([...before.keys(), ...marks.keys()])) if (ids.has(line)) redraw(table.getRow(ids.get(line)));
  const list = [...checks.errors.map((one) => ["error", ...one]), ...checks.warnings.map((one) => ["warning", ...one])];
  part("said").replaceChildren(...list.slice(0, SHOWN).map(item));
  if (!list.length) part("said").append(text("li", words.fine));
  if (list.length > SHOWN) part("said").append(text("li", words.more.replace("%s", list.length - SHOWN)));
};

const text = (name, content, className = "") => Object.assign(document.createElement(name), { textContent: content, className });

const item = ([kind, line, key, message]) => {
  const one = text("li", "", kind === "error" ? "is-error" : "is-warning");
  if (line === null) one.textContent = message;
  else {
    const go = text("button", words.line.replace("%s", line), "link-button");
    go.type = "button";
    go.addEventListener("click", () => show(line, key));
    one.append(go, ` ${message}`);
  }
  return one;
};

const show = async (line, key) => {
  const row = ids.has(line) && table.getRow(ids.get(line));
  if (!row) return;
  await table.scrollToRow(row, "center", false);
  const cell = row.getCell(keys.includes(key) ? key : "name");
  choose(cell, cell);
};

// --- ranges -------------------------------------------------------------------------------------------------
const range = () => table.getRanges()[0];
const choose = (from, to) => {
  range().setBounds(from, to);
  host.querySelector(".tabulator-tableholder").focus();
};
const cellsOf = () => range().getStructuredCells().map((row) => row.filter((cell) => keys.includes(cell.getField())));

const fill = () => {
  const cells = cellsOf();
  if (!cells.length) return;
  if (cells.length === 1) {
    const above = cells[0][0]?.getRow().getPrevRow();
    if (!above) return;
    put(cells[0][0].getRow(), Object.fromEntries(cells[0].map((cell) => [cell.getField(), above.getData()[cell.getField()]])));
    return;
  }
  for (const row of cells.slice(1))
    put(row[0].getRow(), Object.fromEntries(row.map((cell, index) => [cell.getField(), cells[0][index].getValue()])));
};

const empty = () => {
  for (const row of cellsOf()) if (row.length) put(row[0].getRow(), Object.fromEntries(row.map((cell) => [cell.getField(), ""])));
};

const paste = async (content) => {
  const block = content.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t").map((value) => value.trim()));
  const first = cellsOf()[0]?.[0];
  if (!first) return;
  const chosen = cellsOf();
  const from = keys.indexOf(first.getField());
  // One value into several cells fills them all, as spreadsheet programs do.
  if (block.length === 1 && block[0].length === 1) {
    for (const row of chosen) put(row[0].getRow(), Object.fromEntries(row.map((cell) => [cell.getField(), block[0][0]])));
    return;
  }
  let row = first.getRow();
  for (const line of block) {
    row = row || (await table.addRow(blank()));
    put(row, Object.fromEntries(line.map((value, index) => [keys[from + index], value]).filter(([key]) => key)));
    row = row.getNextRow();
  }
};

const add = async () => {
  const row = await table.addRow(blank());
  await table.scrollToRow(row, "bottom", false);
  const cell = row.getCell("name");
  choose(cell, cell);
};

const drop = async () => {
  const rows = range().getRows();
  const numbers = rows.map((row) => row.getData().line).filter((line) => line !== null);
  if (waiting.size) await flush();
  if (numbers.length) {
    if (!window.confirm(words.drop.replace("%s", numbers.length))) return;
    try {
      revision = (await ask(host.dataset.drop, { since: revision, lines: numbers })).revision;
    } catch (error) {
      state(error.message, true);
      load();
      return;
    }
  }
  for (const row of rows) {
    const { id, line } = row.getData();
    ids.delete(line);
    kept.delete(id);
    waiting.delete(id);
    row.delete();
  }
  state(words.saved);
  check();
};

// --- writing into a cell ------------------------------------------------------------------------------------
const lists = new Map();
const listOf = (column) => {
  if (!column.words.length) return "";
  if (!lists.has(column.key)) {
    const list = Object.assign(document.createElement("datalist"), { id: `plan-${column.key}` });
    list.append(...column.words.map((value) => Object.assign(document.createElement("option"), { value })));
    document.body.append(list);
    lists.set(column.key, list.id);
  }
  return lists.get(column.key);
};

let typed = null;
const editor = (column) => (cell, onRendered, success, cancel) => {
  const input = document.createElement("input");
  input.className = "plan-input";
  input.value = typed ?? cell.getValue() ?? "";
  input.setAttribute("aria-label", column.label);
  if (listOf(column)) input.setAttribute("list", listOf(column));
  const wholly = typed === null;
  typed = null;
  let done = false;
  const finish = (step) => {
    if (done) return;
    done = true;
    const row = cell.getRow();
    const value = input.value.trim();
    cancel();
    put(row, { [column.key]: value });
    step?.(row);
  };
  onRendered(() => {
    input.focus();
    if (wholly) input.select();
  });
  input.addEventListener("blur", () => finish());
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Escape") {
      done = true;
      cancel();
      choose(cell, cell);
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      finish((row) => {
        const place = keys.indexOf(column.key);
        const target = event.key === "Enter"
          ? (row.getNextRow() || row).getCell(column.key)
          : row.getCell(keys[Math.min(Math.max(place + (event.shiftKey ? -1 : 1), 0), keys.length - 1)]);
        choose(target, target);
      });
    }
  });
  return input;
};

const begin = (event) => {
  const cell = cellsOf()[0]?.[0];
  if (!cell) return;
  // An input method writes into the cell's own input, which therefore opens empty before the first letter is there.
  const composes = event.key === "Process";
  if (!composes) event.preventDefault();
  typed = composes ? "" : event.key.length === 1 ? event.key : null;
  cell.edit(true);
};

const pressed = (event) => {
  if (event.target.closest(".plan-input")) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "d") {
    event.preventDefault();
    fill();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    empty();
  } else if (event.key === "F2" || event.key === "Process" || (event.key.length === 1 && !command && !event.altKey)) begin(event);
};

// --- the sheet ----------------------------------------------------------------------------------------------
const load = async () => {
  try {
    const answer = await ask(host.dataset.rows);
    revision = answer.revision;
    ids.clear();
    kept.clear();
    refused.clear();
    await table.replaceData(answer.rows.map(taken));
    tell(answer.checks);
    const first = table.getRows()[0]?.getCell(keys[0]);
    if (first) range().setBounds(first, first);
    state(words.lines.replace("%s", answer.rows.length));
  } catch (error) {
    state(error.message, true);
  }
};

const start = () => {
  table = new Tabulator(host, {
    data: [], index: "id", height: "62vh", rowHeight: 32, layout: "fitData", placeholder: words.none,
    selectableRange: 1, selectableRangeColumns: false, selectableRangeRows: true, editTriggerEvent: "dblclick",
    columnDefaults: { resizable: "header", vertAlign: "middle" },
    rowHeader: { field: "line", title: words.number, width: 56, hozAlign: "right", frozen: true, resizable: false },
    columns: [
      ...columns.map((column) => ({
        field: column.key, title: column.label, width: column.width, hozAlign: column.number ? "right" : "left",
        formatter: draw, editor: editor(column),
      })),
      { field: "there", title: words.there, width: 120, hozAlign: "right", formatter: draw },
    ],
  });
  table.on("tableBuilt", () => {
    // The part that scrolls can be focused, and so it is the group of rows that a grid consists of.
    host.querySelector(".tabulator-tableholder").setAttribute("role", "rowgroup");
    host.querySelector(".tabulator-table").setAttribute("role", "presentation");
    host.addEventListener("keydown", pressed);
    host.addEventListener("copy", (event) => {
      if (event.target.closest?.(".plan-input")) return;
      event.preventDefault();
      event.clipboardData.setData("text/plain", cellsOf().map((row) => row.map((cell) => cell.getValue()).join("\t")).join("\n"));
    });
    host.addEventListener("paste", (event) => {
      if (event.target.closest?.(".plan-input")) return;
      event.preventDefault();
      paste(event.clipboardData.getData("text/plain"));
    });
    load();
  });
  part("add").addEventListener("click", add);
  part("fill").addEventListener("click", fill);
  part("drop").addEventListener("click", drop);
  window.addEventListener("beforeunload", (event) => {
    if (waiting.size || sending || unsent) event.preventDefault();
  });
};

if (host) start();
