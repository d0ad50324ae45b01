// @ts-check
/** The app's own tab beside its messages: what the bot has published for these eyes. */

import { drawBlocks } from "./blocks.js";
import { byId, h } from "./dom.js";
import { Refused } from "./server.js";
import { doing, here, on, state } from "./store.js";

const TABS = { home: "Home", messages: "Messages" };

export function homeTab() {
  const tabs = byId("app-tabs");
  const panel = byId("home");
  const warning = h("p", { class: "warning", role: "alert", hidden: true });
  const body = h("div", { class: "home-body" });
  panel.replaceChildren(warning, body);
  let chosen = "messages";

  const trying = async (/** @type {Promise<any>} */ doingIt, /** @type {string} */ what) => {
    warning.hidden = true;
    try {
      const { failure } = await doingIt;
      if (failure) warn(`Slack would warn that ${what} failed: ${failure}.`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      warn(error.message);
    }
  };
  const warn = (/** @type {string} */ words) => {
    warning.textContent = `⚠ ${words}`;
    warning.hidden = false;
  };
  const draw = () => {
    const view = state.home;
    const focused = panel.contains(document.activeElement) && document.activeElement !== panel;
    body.replaceChildren(
      view
        ? drawBlocks(view.blocks, (element, option) =>
            trying(doing("press", { view_id: view.id, action_id: element.action_id, option }), "the press"),
          )
        : h("p", { class: "quiet" }, "The bot has published nothing here yet."),
    );
    // What was pressed is drawn anew, or gone.
    if (focused) panel.focus();
  };
  const settle = () => {
    const direct = here().direct;
    if (!direct) chosen = "messages";
    const home = chosen === "home";
    tabs.hidden = !direct;
    panel.hidden = !home;
    byId("scroll").hidden = home;
    byId("composer").hidden = home;
    for (const name of Object.keys(TABS)) {
      const button = byId(`tab-${name}`);
      button.setAttribute("aria-selected", String(name === chosen));
      button.tabIndex = name === chosen ? 0 : -1;
    }
    if (home) draw();
  };
  const choose = (/** @type {string} */ tab) => {
    chosen = tab;
    settle();
    void trying(doing("tab", { tab }), "opening the tab");
  };

  for (const [name, label] of Object.entries(TABS)) {
    const shows = name === "home" ? "home" : "scroll";
    tabs.append(
      h("button", { id: `tab-${name}`, role: "tab", type: "button", "aria-controls": shows, on: { click: () => choose(name) } }, label),
    );
  }
  tabs.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const other = byId(chosen === "home" ? "tab-messages" : "tab-home");
    other.focus();
    other.click();
  });
  on("place", settle);
  on("snapshot", () => {
    settle();
    // Other eyes have a Home tab of their own.
    if (chosen === "home") choose("home");
  });
  // What is typed is answered among the messages.
  on("typing", () => {
    if (chosen === "home") choose("messages");
  });
  on("home", () => {
    if (chosen === "home") draw();
  });
}
