// All that the hub does by script: copying, the live journal, and times that go on. Without it, every page works.

const RELATIVE_EVERY = 10_000; // milliseconds; a row says "20 seconds ago" at worst ten too late
const MOST_ROWS = 200; // of a live list; a page left open over night must not fill the memory
const AWAIT_EVERY = 700; // milliseconds between two looks at something that is being done
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

// --- copying ---

function textToCopy(button) {
  return button.parentElement.querySelector("code").textContent;
}

async function copy(button) {
  const text = textToCopy(button);
  try {
    await navigator.clipboard.writeText(text);
    say(button, "Copied");
  } catch {
    // Over plain HTTP beyond loopback a browser gives no clipboard: then what is to be copied is at least selected.
    getSelection().selectAllChildren(button.parentElement.querySelector("code"));
    say(button, "Selected");
  }
}

function say(button, word) {
  button.textContent = word;
  setTimeout(() => { button.textContent = "Copy"; }, 2_000);
}

function showCopyButtons(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

// --- times: by the sandbox's clock, which may be far from the browser's ---

const shownAt = Date.now();
const sandboxAt = Date.parse(document.body.dataset.now);

function relative(at) {
  const seconds = Math.round((at - (sandboxAt + Date.now() - shownAt)) / 1_000);
  const far = Math.abs(seconds);
  if (far < 5) return "just now";
  const [unit, size] = UNITS.find(([, each]) => far >= each);
  const count = Math.round(far / size);
  const words = `${count} ${unit}${count > 1 ? "s" : ""}`;
  return seconds > 0 ? `in ${words}` : `${words} ago`;
}

function goOn() {
  for (const time of document.querySelectorAll("main time:not([data-still])")) time.textContent = relative(Date.parse(time.dateTime));
}

if (!("stands" in document.body.dataset)) setInterval(goOn, RELATIVE_EVERY);

// --- the live journal ---

function follow(list) {
  const state = list.parentElement.querySelector("[data-live-state]");
  let after = list.dataset.after;
  let source = null;

  function tell(word, text) {
    state.dataset.liveState = word;
    state.textContent = text;
    state.hidden = false;
  }

  function open() {
    const address = new URL(list.dataset.live, location.href);
    address.searchParams.set("after", after);
    source = new EventSource(address);
    source.onopen = () => tell("on", "Live");
    source.onerror = () => tell("lost", "Not live: the sandbox does not answer. Trying again.");
    source.addEventListener("rows", (event) => {
      after = event.lastEventId;
      put(list, event.data);
    });
  }

  // A page that nobody sees follows nothing: a browser has six connections to one host, for all its tabs.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      open();
    }
  });
  if (!document.hidden) open();
}

function put(list, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  for (const row of made.content.children) row.classList.add("fresh");
  showCopyButtons(made.content);
  list.prepend(made.content);
  while (list.children.length > MOST_ROWS) list.lastElementChild.remove();
  for (const empty of document.querySelectorAll("[data-empty]")) empty.remove();
}

// --- a part of the page that waits for something: loaded again until it does not ---

async function refresh(part) {
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const made = page.getElementById(part.id);
    if (!answer.ok || !made) return;
    showCopyButtons(made);
    if (made.innerHTML !== part.innerHTML) part.replaceWith(made);
  } catch {
    // The sandbox does not answer: the next time it may.
  }
  awaitMore(document.getElementById(part.id));
}

function awaitMore(part) {
  if ("awaits" in part.dataset) setTimeout(refresh, AWAIT_EVERY, part);
}

// --- at the start ---

for (const open of document.querySelectorAll(".submenu [aria-current], .tabs [aria-current]")) {
  open.scrollIntoView({ block: "nearest", inline: "center" });
}
showCopyButtons(document);
for (const list of document.querySelectorAll("[data-live]")) follow(list);
for (const part of document.querySelectorAll("[data-awaits]")) awaitMore(part);
document.querySelector("[data-focus]")?.focus();
