// @ts-check
/** What is read aloud of what comes: one sentence, as in a notification, rather than a whole card. */

import { byId, h } from "./dom.js";
import { spoken } from "./mrkdwn.js";
import { isReply, nameOf, on, state } from "./store.js";

const KEPT = 20;

export function listen() {
  const heard = byId("heard");
  on("message", ({ kind, message }) => {
    if (kind === "deleted" || message.channel !== state.channel || message.user === state.me) return;
    const how = [
      kind === "posted" ? "" : "changed",
      message.ephemeral ? "only visible to you" : "",
      isReply(message) ? "in a thread" : "",
    ].filter(Boolean);
    const who = [nameOf(message.user), ...how].join(", ");
    heard.append(h("p", {}, `${who}: ${spoken(message.text)}`));
    while (heard.childElementCount > KEPT) heard.firstElementChild.remove();
  });
}
