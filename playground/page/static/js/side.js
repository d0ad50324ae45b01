// @ts-check
/** The workspace at the side, and whose eyes see it. */

import { byId, h } from "./dom.js";
import { go, on, see, state, tell } from "./store.js";
import { showPane } from "./panes.js";

export function side() {
  const nav = byId("side");
  const unread = new Set();
  const draw = () => {
    tell("unread", unread.size);
    const entry = (/** @type {any} */ channel) => {
      const current = channel.id === state.channel;
      const button = h(
        "button",
        { type: "button", "aria-current": current ? "page" : null, class: unread.has(channel.id) ? "unread" : null },
        h("span", { class: "sign", "aria-hidden": "true" }, channel.direct ? "📠" : "#"),
        h("span", {}, channel.name),
        unread.has(channel.id) && h("span", { class: "news" }, "new"),
      );
      button.addEventListener("click", () => {
        unread.delete(channel.id);
        go(channel.id);
        showPane("chat");
      });
      return h("li", {}, button);
    };
    const channels = state.channels.filter((/** @type {any} */ channel) => !channel.direct);
    const direct = state.channels.filter((/** @type {any} */ channel) => channel.direct);
    nav.replaceChildren(
      h("h2", {}, "Channels"),
      h("ul", {}, ...channels.map(entry)),
      ...(direct.length ? [h("h2", {}, "Direct messages"), h("ul", {}, ...direct.map(entry))] : []),
      h("p", { class: "who-am-i" }, h("strong", {}, "You see as"), ` ${state.choices.find((/** @type {any} */ each) => each.key === state.eyes).note}.`),
    );
  };
  on("snapshot", () => {
    unread.clear();
    draw();
  });
  on("place", draw);
  on("message", ({ kind, message }) => {
    if (kind !== "posted" || message.channel === state.channel || message.user === state.me) return;
    unread.add(message.channel);
    draw();
  });
}

export function eyes() {
  const fieldset = byId("eyes");
  on("snapshot", () => {
    if (fieldset.querySelector("input")) return;
    fieldset.append(
      ...state.choices.map((/** @type {any} */ choice) => {
        const input = h("input", { type: "radio", name: "eyes", value: choice.key, checked: choice.key === state.eyes });
        input.addEventListener("change", () => see(choice.key));
        return h("label", { title: choice.note }, input, h("span", {}, choice.label));
      }),
    );
  });
}
