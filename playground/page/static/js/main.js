// @ts-check
/** Puts the page together. */

import { Composer } from "./composer.js";
import { byId, h } from "./dom.js";
import { exchangesPanel } from "./exchanges.js";
import { faxesPanel } from "./faxes.js";
import * as heard from "./heard.js";
import { homeTab } from "./home.js";
import { MessageList, toNewest } from "./messages.js";
import * as modal from "./modal.js";
import { panes, showPane } from "./panes.js";
import { eyes, side } from "./side.js";
import { here, inChannel, isReply, nameOf, on, see, state, tell } from "./store.js";
import { threadPanel } from "./thread.js";
import { welcome } from "./welcome.js";
import { flexpane } from "./work_objects.js";
import { workflowPanel } from "./workflow.js";

const scroll = byId("scroll");
const messages = new MessageList(byId("messages"), { inThread: false });
const composer = new Composer(byId("composer"), { id: "line", thread: () => null });

const type = (/** @type {string} */ words) => {
  tell("typing");
  showPane("chat");
  composer.type(words);
};
const lookUp = (/** @type {string} */ line) => {
  tell("typing");
  showPane("chat");
  return composer.send(line);
};

/** Show the newest message: its end, or its beginning where it is taller than there is room. */
function toEnd() {
  toNewest(scroll, messages.list);
}

function showChannel() {
  const channel = here();
  byId("place").replaceChildren(
    ...[
    h("h2", {}, h("span", { class: "sign", "aria-hidden": "true" }, channel.direct ? "📠 " : "# "), channel.name),
    h("p", { class: "quiet" }, channel.topic),
    state.eyes !== "me" && h("p", { class: "as" }, `You see and act as ${nameOf(state.me)}`),
    ].filter(Boolean),
  );
  scroll.setAttribute("aria-label", `Messages in ${channel.name}`);
  messages.show(inChannel());
  composer.settle();
  toEnd();
}

panes();
eyes();
side();
welcome(lookUp, type);
faxesPanel(lookUp, type);
exchangesPanel();
threadPanel();
flexpane();
homeTab();
workflowPanel();
modal.listen();
heard.listen();

on("snapshot", showChannel);
on("place", showChannel);
on("message", ({ kind, message }) => {
  if (message.channel !== state.channel) return;
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 160;
  const own = message.user === state.me || message.ephemeral;
  if (isReply(message)) {
    const root = state.messages.get(message.thread_ts);
    if (root) messages.put(root, false);
  } else if (kind === "deleted") messages.remove(message.ts);
  else messages.put(message);
  if (atEnd || (kind === "posted" && own)) toEnd();
});
on("line", (found) => {
  const lost = byId("lost");
  lost.hidden = found;
  lost.textContent = found ? "" : "The playground has stopped, or the line to it is lost. Trying again…";
});

await see("me");
document.body.dataset.ready = "yes";
performance.mark("ready");
