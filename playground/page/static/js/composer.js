// @ts-check
/** Where one types: Enter sends, a slash begins a command, an at sign mentions. */

import { h, newId } from "./dom.js";
import { openMenu } from "./menu.js";
import { Refused } from "./server.js";
import { doing, here, say, state } from "./store.js";

export class Composer {
  /** @param {HTMLElement} place @param {{id?: string, thread: () => string | null}} options */
  constructor(place, { id = newId("line"), thread }) {
    this.thread = thread;
    this.sent = "";
    this.line = h("textarea", { id, rows: 1, autocomplete: "off", spellcheck: "false" });
    this.hint = h("p", { class: "hint", hidden: true, id: newId("hint") });
    this.warning = h("p", { class: "warning", role: "alert", hidden: true });
    this.line.setAttribute("aria-describedby", this.hint.id);
    const bolt = h("button", { class: "tool", type: "button", "aria-haspopup": "menu", "aria-label": "Shortcuts" }, "⚡");
    bolt.addEventListener("click", () => openMenu(bolt, this.shortcuts()));
    const at = h("button", { class: "tool", type: "button", on: { click: () => this.insert(`@${state.app.name} `) } }, "@");
    at.setAttribute("aria-label", "Mention the bot");
    this.form = h(
      "form",
      { class: "composer", on: { submit: (/** @type {Event} */ event) => this.submitted(event) } },
      this.hint,
      this.line,
      h("div", { class: "composer-tools" }, bolt, at, h("button", { class: "send", type: "submit" }, "Send")),
    );
    this.line.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    this.line.addEventListener("input", () => this.changed());
    place.replaceChildren(this.warning, this.form);
    this.settle();
  }

  /** Say where it writes, for the channel that is shown now. */
  settle() {
    const channel = here();
    if (!channel) return;
    const where = this.thread() ? "Reply in the thread" : `Message ${channel.direct ? channel.name : `#${channel.name}`}`;
    this.line.setAttribute("aria-label", where);
    this.line.placeholder = channel.member ? where : `Only members write in #${channel.name}`;
    this.line.disabled = !channel.member;
    this.warning.hidden = true;
    this.changed();
  }

  /** Put words in place of what is there, and let the person go on. @param {string} words */
  type(words) {
    this.line.value = words;
    this.line.focus();
    this.line.setSelectionRange(words.length, words.length);
    this.changed();
  }

  /** @param {string} words */
  insert(words) {
    this.line.setRangeText(words, this.line.selectionStart, this.line.selectionEnd, "end");
    this.line.focus();
    this.changed();
  }

  /** @param {Event} event */
  submitted(event) {
    event.preventDefault();
    void this.send(this.line.value);
  }

  /** Send a line as it is. @param {string} text */
  async send(text) {
    if (!text.trim()) return;
    this.sent = text;
    this.warning.hidden = true;
    this.line.value = "";
    this.changed();
    try {
      await say(text.trim(), this.thread());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (!this.line.value) this.line.value = text;
      this.warn(error.message);
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void this.send(this.line.value);
    } else if (event.key === "ArrowUp" && !this.line.value && this.sent) {
      event.preventDefault();
      this.type(this.sent);
    }
  }

  changed() {
    const command = this.line.value.startsWith("/");
    this.hint.hidden = !command;
    if (command && state.app) {
      this.hint.replaceChildren(
        h("strong", {}, state.app.command),
        ` ${state.app.usage}`,
        h("span", { class: "quiet" }, this.thread() ? "  Slack takes no commands in threads" : "  answered to you alone"),
      );
    }
    this.line.rows = Math.min(8, this.line.value.split("\n").length);
  }

  /** @param {string} words */
  warn(words) {
    this.warning.textContent = `⚠ ${words}`;
    this.warning.hidden = false;
  }

  shortcuts() {
    return state.app.shortcuts
      .filter((/** @type {any} */ shortcut) => shortcut.type === "global")
      .map((/** @type {any} */ shortcut) => ({
        label: shortcut.name,
        note: state.app.name,
        choose: async () => {
          try {
            const { failure } = await doing("shortcut", { callback_id: shortcut.callback_id });
            if (failure) this.warn(`Slack would warn that the shortcut failed: ${failure}.`);
          } catch (error) {
            if (!(error instanceof Refused)) throw error;
            this.warn(error.message);
          }
        },
      }));
  }
}
