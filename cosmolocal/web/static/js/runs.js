// Keeps the page of a run up to date: asks for the part that changes, and puts it in only when it did.
const live = document.querySelector("#run-live");
const said = document.querySelector("#run-said");
const SOON = 1000;
const LATER = 4000;
let tag = "";

async function look() {
  let wait = SOON;
  try {
    const answer = await fetch(live.dataset.src, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
    if (answer.status === 200) {
      tag = answer.headers.get("ETag") ?? "";
      if (put(await answer.text(), answer.headers.get("X-Run-Open") === "yes")) return;
    } else if (answer.status !== 304) wait = LATER;
  } catch {
    wait = LATER;
  }
  setTimeout(look, wait);
}

// what a person opened stays open; a change of state is said once, numbers are not read out
function put(text, open) {
  const before = live.querySelector(".run-state")?.textContent;
  const isUnfolded = live.querySelector(".run-numbers")?.open;
  const parsed = new DOMParser().parseFromString(text, "text/html");
  const hadFocus = live.contains(document.activeElement) && document.activeElement.tagName;
  live.replaceChildren(...parsed.body.childNodes);
  const numbers = live.querySelector(".run-numbers");
  if (numbers && isUnfolded) numbers.open = true;
  if (hadFocus === "SUMMARY") numbers?.querySelector("summary").focus();
  const now = live.querySelector(".run-state")?.textContent;
  if (now !== before) said.textContent = now;
  if (open) return false;
  live.dataset.open = "no";
  const cancel = document.querySelector("#run-cancel");
  const waited = cancel?.contains(document.activeElement);
  cancel?.remove();
  if (waited) live.querySelector(".run-result a")?.focus();
  return true;
}

// the time goes on between two answers, and while there is nothing new to send
let shown = null;
let since = 0;
setInterval(() => {
  const time = live.querySelector(".run-time");
  if (!time || live.dataset.open !== "yes") return;
  if (time !== shown) [shown, since] = [time, performance.now()];
  const seconds = Number(time.dataset.seconds) + (performance.now() - since) / 1000;
  time.textContent = Math.floor(seconds).toLocaleString(document.documentElement.lang);
}, 250);

document.documentElement.dataset.runs = "ready";
setTimeout(look, SOON);
