// @ts-check
/** One thread, beside the channel. */

import { Composer } from "./composer.js";
import { byId, h } from "./dom.js";
import { MessageList, toNewest } from "./messages.js";
import { here, isReply, on, openThread, repliesTo, state } from "./store.js";

export function threadPanel() {
  const panel = byId("panel-thread");
  const title = h("h2", {}, "Thread");
  const back = h("button", { class: "button", type: "button", on: { click: () => openThread(null) } }, h("span", { class: "wide" }, "Close"), h("span", { class: "narrow" }, "‹ Back to the channel"));
  const list = h("ol", { class: "messages" });
  const foot = h("div");
  panel.replaceChildren(
    h("header", { class: "thread-head" }, title, back),
    h("div", { class: "thread-scroll", tabindex: 0, role: "region", "aria-label": "Messages of the thread" }, list),
    foot,
  );
  const messages = new MessageList(list, { inThread: true });
  const composer = new Composer(foot, { thread: () => state.thread });
  const show = () => {
    const root = state.messages.get(state.thread);
    if (!root) return;
    const channel = here();
    title.textContent = `Thread in ${channel.direct ? channel.name : `#${channel.name}`}`;
    messages.show([root, ...repliesTo(root.ts)]);
    composer.settle();
    toEnd();
  };
  const toEnd = () => toNewest(list.parentElement, list);
  on("thread", () => {
    show();
    if (state.thread) composer.line.focus();
  });
  on("snapshot", show);
  on("message", ({ kind, message }) => {
    if (!state.thread || (message.ts !== state.thread && !(isReply(message) && message.thread_ts === state.thread))) return;
    if (kind === "deleted") messages.remove(message.ts);
    else messages.put(message);
    if (kind === "posted") toEnd();
  });
}
