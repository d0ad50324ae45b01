// @ts-check
/** A list of messages, each drawn as these eyes see it, and changed in its place. */

import { drawBlocks } from "./blocks.js";
import { h, unseen } from "./dom.js";
import { openMenu } from "./menu.js";
import { clock, mrkdwn } from "./mrkdwn.js";
import { Refused } from "./server.js";
import { doing, nameOf, openThread, repliesTo, state } from "./store.js";
import { entityBelow } from "./work_objects.js";

/** The list of a channel, or of a thread, whose messages lead into no thread of their own. */
export class MessageList {
  /** @param {HTMLElement} list @param {{inThread: boolean}} options */
  constructor(list, { inThread }) {
    this.list = list;
    this.inThread = inThread;
    /** @type {Map<string, any>} */
    this.drawn = new Map();
  }

  /** @param {any[]} messages oldest first */
  show(messages) {
    this.drawn = new Map(messages.map((message) => [message.ts, drawMessage(message, this.inThread)]));
    this.list.replaceChildren(...this.drawn.values());
  }

  /**
   * Add a message, or put it in the place of what was there; the focus stays where it was.
   * @param {any} message @param {boolean} [changed] whether the message itself is another one than before
   */
  put(message, changed = true) {
    const before = this.drawn.get(message.ts);
    const after = drawMessage(message, this.inThread);
    this.drawn.set(message.ts, after);
    if (!before) {
      after.classList.add("new");
      const later = [...this.drawn.keys()].filter((ts) => ts > message.ts).sort()[0];
      this.list.insertBefore(after, later ? this.drawn.get(later) : null);
      return;
    }
    const focused = before.contains(document.activeElement) ? document.activeElement?.getAttribute("data-action") ?? "" : null;
    before.replaceWith(after);
    if (focused !== null) {
      after.tabIndex = -1;
      (after.querySelector(`[data-action="${CSS.escape(focused)}"]`) ?? after).focus();
    }
    if (changed) after.classList.add("edited-now");
  }

  /** @param {string} ts */
  remove(ts) {
    this.drawn.get(ts)?.remove();
    this.drawn.delete(ts);
  }
}

/**
 * Scroll to the newest message: to its end, or to its beginning where it is taller than there is room.
 * @param {any} scroll @param {any} list
 */
export function toNewest(scroll, list) {
  const last = list.lastElementChild;
  if (!last) return;
  const tall = last.offsetHeight > scroll.clientHeight - 24;
  scroll.scrollTop = tall ? last.getBoundingClientRect().top - scroll.getBoundingClientRect().top + scroll.scrollTop - 4 : scroll.scrollHeight;
}

/** @param {any} message @param {boolean} inThread */
function drawMessage(message, inThread) {
  const author = nameOf(message.user);
  const warning = h("p", { class: "warning", role: "alert", hidden: true });
  const press = async (/** @type {any} */ element, /** @type {string | undefined} */ option) => {
    warning.hidden = true;
    try {
      const { failure } = await doing("press", {
        channel: message.channel,
        ts: message.ts,
        action_id: element.action_id,
        option,
      });
      if (failure) warn(warning, `Slack would warn that the press failed: ${failure}.`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      warn(warning, error.message);
    }
  };
  return h(
    "li",
    { class: `message${message.ephemeral ? " ephemeral" : ""}`, "data-ts": message.ts },
    avatar(message.user),
    h(
      "div",
      { class: "message-body" },
      message.ephemeral && h("p", { class: "only-you" }, h("span", { "aria-hidden": "true" }, "👁 "), "Only visible to you"),
      h(
        "p",
        { class: "who" },
        h("strong", {}, author),
        state.people[message.user]?.is_bot && h("span", { class: "badge" }, "APP"),
        clock(message.ts),
      ),
      message.blocks?.length
        ? drawBlocks(message.blocks, press)
        : h("p", { class: "words" }, ...mrkdwn(message.text)),
      message.edited && h("span", { class: "edited" }, "(edited)"),
      ...(message.attachments ?? []).map((/** @type {any} */ attachment) =>
        h(
          "div",
          { class: "unfurl", role: "group", "aria-label": "Preview of the link" },
          h("p", { class: "unfurl-by" }, "Added by ", state.app.name),
          drawBlocks(attachment.blocks, press),
        ),
      ),
      ...(message.entities ?? []).map((/** @type {any} */ { link, entity }) =>
        entityBelow(message, link, entity, (words) => warn(warning, words)),
      ),
      warning,
      !inThread && replies(message),
    ),
    tools(message, inThread, warning),
  );
}

/** @param {HTMLElement} warning @param {string} words */
function warn(warning, words) {
  warning.textContent = `⚠ ${words}`;
  warning.hidden = false;
}

/** The initials of somebody, on a colour that stays theirs. @param {string} user */
function avatar(user) {
  const bot = user === state.app.user;
  const [first, last = ""] = nameOf(user).split(" ");
  const initials = first.slice(0, 1) + last.slice(0, 1);
  const hue = [...user].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) % 6;
  return h("div", { class: `avatar ${bot ? "bot" : `hue-${hue}`}`, "aria-hidden": "true" }, bot ? "📠" : initials);
}

/** How many replies there are, as the way into the thread. @param {any} message */
function replies(message) {
  const count = repliesTo(message.ts).length;
  if (!count || message.ephemeral) return null;
  const words = count === 1 ? "1 reply" : `${count} replies`;
  return h("button", { class: "replies", type: "button", "data-action": "replies", on: { click: () => openThread(message.ts) } }, words);
}

/** What can be done with a message; with one that is for one person alone, nothing. @param {any} message @param {boolean} inThread @param {HTMLElement} warning */
function tools(message, inThread, warning) {
  if (message.ephemeral) return null;
  const about = `the message by ${nameOf(message.user)}`;
  const more = h("button", { class: "tool", type: "button", "aria-haspopup": "menu", "aria-label": `More about ${about}`, "data-action": "more" }, "⋯");
  more.addEventListener("click", () => openMenu(more, shortcuts(message, warning)));
  return h(
    "div",
    { class: "tools" },
    !inThread &&
      h(
        "button",
        { class: "tool", type: "button", "data-action": "thread", on: { click: () => openThread(message.thread_ts ?? message.ts) } },
        h("span", { "aria-hidden": "true" }, "💬"),
        unseen(`Reply in a thread to ${about}`),
      ),
    more,
  );
}

/** @param {any} message @param {HTMLElement} warning */
function shortcuts(message, warning) {
  return state.app.shortcuts
    .filter((/** @type {any} */ shortcut) => shortcut.type === "message")
    .map((/** @type {any} */ shortcut) => ({
      label: shortcut.name,
      note: state.app.name,
      choose: async () => {
        try {
          const { failure } = await doing("shortcut", {
            callback_id: shortcut.callback_id,
            channel: message.channel,
            ts: message.ts,
          });
          if (failure) warn(warning, `Slack would warn that the shortcut failed: ${failure}.`);
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          warn(warning, error.message);
        }
      },
    }));
}
