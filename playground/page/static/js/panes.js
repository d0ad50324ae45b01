// @ts-check
/** Which panes are seen: tabs beside the channel, and on a narrow screen one pane at a time. */

import { byId, h } from "./dom.js";
import { on, state } from "./store.js";

const TABS = { thread: "Thread", details: "Details", faxes: "Fax server", workflow: "Workflow", requests: "Requests" };
const PANES = { channels: ["☰", "Channels"], chat: ["💬", "Chat"], faxes: ["📠", "Fax server"], workflow: ["⚙", "Workflow"], requests: ["⇄", "Requests"] };

/** Show a pane on a narrow screen. @param {string} pane */
export function showPane(pane) {
  document.body.dataset.pane = pane;
  for (const button of byId("panes").children) {
    const current = button.dataset.to === pane || (["thread", "details"].includes(pane) && button.dataset.to === "chat");
    if (current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** @param {string} tab */
export function showTab(tab) {
  for (const name of Object.keys(TABS)) {
    const chosen = name === tab;
    byId(`panel-${name}`).hidden = !chosen;
    const button = byId(`tab-${name}`);
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  }
}

export function panes() {
  const tabs = byId("tabs");
  for (const [name, label] of Object.entries(TABS)) {
    const button = h("button", { id: `tab-${name}`, role: "tab", type: "button", "aria-controls": `panel-${name}` }, label);
    button.addEventListener("click", () => showTab(name));
    tabs.append(button);
  }
  tabs.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const shown = [...tabs.children].filter((button) => !button.hidden);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = shown[(shown.indexOf(document.activeElement) + step + shown.length) % shown.length];
    next.focus();
    next.click();
  });
  for (const [pane, [sign, label]] of Object.entries(PANES)) {
    const button = h("button", { type: "button", "data-to": pane }, h("span", { "aria-hidden": "true" }, sign), label);
    button.addEventListener("click", () => {
      if (pane in TABS) showTab(pane);
      showPane(pane);
    });
    byId("panes").append(button);
  }
  const settle = () => {
    byId("tab-thread").hidden = !state.thread;
    if (state.thread) {
      showTab("thread");
      showPane("thread");
    } else {
      if (!byId("panel-thread").hidden) showTab("faxes");
      if (document.body.dataset.pane === "thread") showPane("chat");
    }
  };
  showTab("faxes");
  showPane("chat");
  on("thread", settle);
  on("place", settle);
  on("snapshot", () => {
    if (!state.thread) settle();
  });
  on("unread", (count) => {
    const button = byId("panes").querySelector("[data-to=channels]");
    button.classList.toggle("unread", count > 0);
    button.setAttribute("aria-label", count > 0 ? "Channels, with something new" : "Channels");
  });
  on("counted", (count) => {
    byId("tab-requests").textContent = `${TABS.requests} ${count}`;
  });
}
