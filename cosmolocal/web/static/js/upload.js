// Sends the files of the publishing form one by one, two at a time, each with its progress, as soon as they are chosen.
// Without this file the form sends them all at once when it is saved.

const form = document.getElementById("publish-form");
const list = document.getElementById("uploads");
const summary = document.getElementById("upload-summary");
const drop = document.getElementById("drop");
const say = form.dataset;
const share = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
const AT_ONCE = 2;
const uploads = [];
let draft = null;
let held = null;
// files came in or went away since the fields were last filled in
let changed = false;
const FINAL = [409, 413, 422];
const memory = () => `not-kept ${new URL(form.action).pathname}`;

showAddRow();
form.addEventListener("click", ({ target }) => target.matches(".add-row") && addRow(target.dataset.add));
form.querySelectorAll("input[type=file]").forEach((input) =>
  input.addEventListener("change", () => {
    add([...input.files].map((file) => [file.webkitRelativePath || file.name, file]));
    input.value = "";
  }),
);
form.addEventListener("submit", holdBack);
drop.querySelector(".drop-hint").hidden = false;
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  // the entries are gone once this function has waited for anything
  const items = [...event.dataTransfer.items].map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  const found = await Promise.all(items.map(([entry, file]) => (entry ? walk(entry, "") : file ? [[file.name, file]] : [])));
  add(found.flat());
});
recall();
document.documentElement.dataset.uploads = "ready";

function showAddRow() {
  for (const button of form.querySelectorAll(".add-row")) button.hidden = false;
}

// what was refused is still said after the form was sent
function recall() {
  const refused = JSON.parse(sessionStorage.getItem(memory()) ?? "[]");
  sessionStorage.removeItem(memory());
  for (const { path, why } of refused) keep({ path, file: null, state: "failed", percent: 0, why, final: true });
}

function remember() {
  const refused = uploads.filter(({ state }) => state === "failed").map(({ path, why }) => ({ path, why }));
  if (refused.length) sessionStorage.setItem(memory(), JSON.stringify(refused));
}

async function walk(entry, way) {
  const path = way + entry.name;
  // not even listed: it may hold many thousands of files
  if (historyOf(`${path}/`)) return [[`${path}/`, null]];
  if (entry.isFile) return [[path, await new Promise((done, fail) => entry.file(done, fail))]];
  const reader = entry.createReader();
  const found = [];
  // a reader gives some hundred entries at a time, and none at the end
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return found;
    for (const one of some) found.push(...(await walk(one, `${path}/`)));
  }
}

// the history of a folder is no part of a design: the server would leave out each of its files
function historyOf(path) {
  return path.match(/^(?:.*?\/)?\.git\//i)?.[0];
}

function add(files) {
  const left = new Set(files.map(([path]) => historyOf(path)).filter(Boolean));
  const kept = files.filter(([path]) => !historyOf(path)).map(([path, file]) => [path, file, "waiting"]);
  for (const [path, file, state] of [...kept, ...[...left].map((path) => [path, null, "left-out"])]) {
    keep({ path, file, state, percent: 0, why: "" });
  }
  next();
}

function keep(upload) {
  uploads.push(upload);
  draw(upload);
  list.hidden = false;
}

function dismiss(upload) {
  uploads.splice(uploads.indexOf(upload), 1);
  upload.item.remove();
  list.hidden = uploads.length === 0;
  tell();
  form.elements.files[0].focus();
}

function draw(upload) {
  const item = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { className: "upload-name", textContent: upload.path });
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  bar.setAttribute("aria-label", upload.path);
  const words = Object.assign(document.createElement("span"), { className: "upload-words" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "plain" });
  const what = document.createElement("span");
  const which = Object.assign(document.createElement("span"), { className: "unseen", textContent: ` ${upload.path}` });
  button.append(what, which);
  button.addEventListener("click", () => press(upload));
  item.append(name, bar, words, button);
  list.append(item);
  Object.assign(upload, { item, bar, words, what, button });
  show(upload);
}

function show(upload) {
  const { state, percent, why } = upload;
  upload.item.dataset.state = state;
  upload.bar.value = percent;
  upload.words.textContent = {
    waiting: say.sayWaiting,
    sending: say.saySending.replace("{percent}", share.format(percent / 100)),
    done: upload.added?.length === 0 ? say.sayLeftOut : say.sayDone,
    failed: `${say.sayFailed} ${why}`,
    cancelled: say.sayCancelled,
    removed: say.sayRemoved,
    "left-out": say.sayLeftOut,
  }[state];
  upload.what.textContent = { waiting: say.sayCancel, sending: say.sayCancel, done: say.sayRemove }[state] ?? (upload.final ? say.sayDismiss : say.sayRetry);
  upload.button.hidden = upload.bar.hidden = state === "left-out";
  tell();
}

// the summary is read aloud, so it changes with files, not with percents
function tell() {
  const wanted = uploads.filter(({ state }) => !["cancelled", "removed", "left-out"].includes(state));
  const done = wanted.filter(({ state }) => state === "done").length;
  const failed = wanted.filter(({ state }) => state === "failed").length;
  const words = [say.saySummary.replace("{done}", done).replace("{all}", wanted.length)];
  if (failed) words.push(say.sayFailures.replace("{count}", failed));
  if (held) words.push(say.sayHeld);
  else if (done && done + failed === wanted.length) words.push(say.sayNext);
  const text = wanted.length ? words.join(" ") : "";
  if (summary.textContent !== text) summary.textContent = text;
}

async function press(upload) {
  if (upload.state === "done") return remove(upload);
  if (upload.final) return dismiss(upload);
  if (upload.state === "sending") upload.request.abort();
  else if (upload.state === "waiting") change(upload, "cancelled");
  else change(upload, "waiting");
  next();
}

function change(upload, state, why = "") {
  Object.assign(upload, { state, why, percent: state === "done" ? 100 : state === "sending" ? upload.percent : 0 });
  show(upload);
}

async function next() {
  const busy = uploads.filter(({ state }) => state === "sending").length;
  for (const upload of uploads.filter(({ state }) => state === "waiting").slice(0, AT_ONCE - busy)) send(upload);
  if (uploads.some(({ state }) => state === "waiting" || state === "sending")) return;
  if (held) release();
  else if (changed) refresh();
}

// a manifest among the files fills in fields, and the list of files has grown; what is typed goes to the server first
async function refresh() {
  changed = false;
  const typed = () => JSON.stringify([...fields()].filter(([name]) => name !== "base"));
  const before = typed();
  const answer = await fetch(form.action, { method: "POST", body: fields(), headers: { Accept: "application/json" } });
  const shown = answer.ok ? await fetch(form.action) : answer;
  if (!shown.ok) return;
  const page = new DOMParser().parseFromString(await shown.text(), "text/html");
  if (typed() !== before) return refresh();
  // who has not asked for the check yet is not told of faults while filling in
  if (!document.querySelector(".report")) {
    page.querySelectorAll(".fault, .doubt").forEach((one) => one.remove());
    page.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
  }
  const focused = document.activeElement?.id;
  for (const part of ["draft-files", "what-fields", "bill-fields", "making-fields"])
    document.getElementById(part).replaceWith(page.getElementById(part));
  form.elements.base.value = page.querySelector("#publish-form [name=base]").value;
  showAddRow();
  if (focused) document.getElementById(focused)?.focus();
}

async function send(upload) {
  change(upload, "sending");
  try {
    const address = await fileAddress(upload);
    if (upload.state !== "sending") return;
    upload.added = (await put(upload, address)).files;
    changed = true;
    change(upload, "done");
  } catch (error) {
    upload.final = error.final;
    change(upload, error.name === "AbortError" ? "cancelled" : "failed", error.message);
  }
  next();
}

async function fileAddress(upload) {
  const path = upload.path.split("/").map(encodeURIComponent).join("/");
  return `${await openDraft()}/files/${path}?unpack=${form.elements.unpack.checked ? 1 : 0}`;
}

// the first file makes the draft; what is typed follows once the files are there, so that no manifest overwrites it
function openDraft() {
  if (!form.action.endsWith("/drafts/")) return form.action;
  const data = new FormData();
  for (const name of ["csrf_token", "keep", "after", "design-id"])
    if (fields().has(name)) data.set(name, fields().get(name));
  draft ??= fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } })
    .then(async (answer) => {
      if (!answer.ok) throw new Error(await reason(answer.status, answer.headers.get("Content-Type"), await answer.text()));
      const { address, base } = await answer.json();
      form.action = address;
      form.elements.base.value = base;
      // what was kept of the version before is in the draft now
      form.elements.keep?.closest("label").remove();
      form.elements.after?.remove();
      history.replaceState(null, "", address);
      changed = true;
      return form.action;
    })
    .catch((error) => {
      draft = null;
      throw error;
    });
  return draft;
}

function fields() {
  const data = new FormData(form);
  data.delete("files");
  return data;
}

function put(upload, address) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    upload.request = request;
    request.open("PUT", address);
    request.setRequestHeader("X-CSRFToken", form.elements.csrf_token.value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      // the last percent is the server's word that the file is kept
      upload.percent = event.total ? Math.min(99, Math.floor((100 * event.loaded) / event.total)) : 99;
      if (upload.state === "sending") show(upload);
    });
    request.addEventListener("abort", () => fail(new DOMException("", "AbortError")));
    request.addEventListener("error", () => fail(new Error(say.sayBroken)));
    request.addEventListener("load", async () => {
      if (request.status === 200) done(JSON.parse(request.responseText));
      else {
        const why = await reason(request.status, request.getResponseHeader("Content-Type"), request.responseText, upload.path);
        fail(Object.assign(new Error(why), { final: FINAL.includes(request.status) }));
      }
    });
    request.send(upload.file);
  });
}

// each sentence once, with the names it is about; that of the file itself stands beside it already
async function reason(status, type, text, path = "") {
  if (!(type ?? "").includes("json")) return `${say.sayBroken} (${status})`;
  const { problems, detail } = JSON.parse(text);
  const places = new Map();
  // what is said of a file in an archive needs no second word about the archive
  const told = problems.filter(({ code, where }) => where !== "archive" || !problems.some((one) => one.code === code && one.where !== where));
  for (const { where, message } of told) places.set(message, new Set([...(places.get(message) ?? []), where]));
  const sentences = [...places].map(([message, names]) => {
    const others = [...names].filter((name) => name && name !== path && !path.endsWith(`/${name}`));
    return others.length ? `${others.join(", ")}: ${message}` : message;
  });
  return sentences.join("; ") || detail;
}

async function remove(upload) {
  const headers = { "X-CSRFToken": form.elements.csrf_token.value };
  for (const path of upload.added) {
    const answer = await fetch(`${form.action}/files/${path.split("/").map(encodeURIComponent).join("/")}`, { method: "DELETE", headers });
    if (!answer.ok && answer.status !== 404) return;
  }
  changed = true;
  change(upload, "removed");
  next();
}

function holdBack(event) {
  if (!uploads.some(({ state }) => state === "waiting" || state === "sending")) return remember();
  event.preventDefault();
  held = event.submitter;
  tell();
}

function release() {
  const button = held;
  held = null;
  tell();
  if (!uploads.some(({ state }) => state === "failed")) form.requestSubmit(button);
}

function addRow(kind) {
  const rows = form.querySelector(`[data-rows="${kind}"]`);
  const number = rows.children.length;
  const row = rows.lastElementChild.cloneNode(true);
  for (const element of row.querySelectorAll("[id], [name], [for], [aria-describedby]")) {
    for (const attribute of ["id", "name", "for", "aria-describedby"]) {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, value.replaceAll(new RegExp(`${kind}-\\d+-`, "g"), `${kind}-${number}-`));
    }
    if (element.type === "checkbox") element.checked = false;
    else if (element.matches("input")) element.value = "";
    else if (element.matches("select")) element.selectedIndex = 0;
    element.removeAttribute("aria-invalid");
  }
  row.querySelectorAll(".fault, .doubt").forEach((fault) => fault.remove());
  row.querySelector("legend").textContent = row.querySelector("legend").textContent.replace(/\d+.*/, number + 1);
  rows.append(row);
  row.querySelector("select, input").focus();
}
