// Photos of a draft: shrunk to what a screen needs, and kept in this browser until the portal has them.
const SIDE = 2000;
const THUMB = { width: 88, height: 80 };

const bitmapOf = (file) => createImageBitmap(file, { imageOrientation: "from-image" });

const drawn = (bitmap, width, height, [x, y, w, h]) => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, x, y, w, h);
  return canvas;
};

// At most 2000 pixels along the longer side, as JPEG. What the browser cannot read goes as it is; the portal judges it.
export const shrink = async (file) => {
  if (!file.type.startsWith("image/")) return file;
  try {
    const bitmap = await bitmapOf(file);
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
    const canvas = drawn(bitmap, width, height, [0, 0, width, height]);
    bitmap.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!blob || (scale === 1 && blob.size >= file.size)) return file;
    return new File([blob], `${file.name.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" });
  } catch {
    return file;
  }
};

// A small picture of it, or its name.
export const thumbOf = async ({ blob, name }) => {
  try {
    const bitmap = await bitmapOf(blob);
    const { width, height } = THUMB;
    const scale = Math.max(width / bitmap.width, height / bitmap.height);
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    const canvas = drawn(bitmap, width, height, [(width - w) / 2, (height - h) / 2, w, h]);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", name);
    return canvas;
  } catch {
    const sheet = document.createElement("span");
    sheet.className = "sheet";
    sheet.textContent = name;
    return sheet;
  }
};

// A browser that keeps nothing holds them as long as its page is open.
const held = new Map();
let opened;

const base = () =>
  (opened ??= new Promise((done) => {
    try {
      const asked = window.indexedDB.open("reports", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("photos", { keyPath: "id" });
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => done(null);
    } catch {
      done(null);
    }
  }));

const inStore = async (mode, act) => {
  const found = await base();
  if (!found) return undefined;
  return new Promise((done) => {
    const work = found.transaction("photos", mode);
    const asked = act(work.objectStore("photos"));
    work.oncomplete = () => done(asked.result);
    work.onerror = work.onabort = () => done(undefined);
  });
};

export const add = async (draft, file) => {
  const photo = { id: `${draft}:${Date.now()}:${held.size}:${file.size}`, draft, name: file.name, blob: file };
  held.set(photo.id, photo);
  await inStore("readwrite", (store) => store.put(photo));
  return photo;
};

export const remove = async ({ id }) => {
  held.delete(id);
  await inStore("readwrite", (store) => store.delete(id));
};

// In the order in which they were taken.
export const of = async (draft) => {
  for (const photo of (await inStore("readonly", (store) => store.getAll())) || []) held.set(photo.id, photo);
  return [...held.values()].filter((photo) => photo.draft === draft).sort((one, other) => (one.id < other.id ? -1 : 1));
};

export const forget = async (draft) => {
  for (const photo of await of(draft)) await remove(photo);
};
