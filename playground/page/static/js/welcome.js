// @ts-check
/** What a person reads before anything has been said: what this is, and one fax to press. */

import { byId, h } from "./dom.js";
import { here, inChannel, on, state } from "./store.js";

/** @param {(line: string) => unknown} lookUp @param {(words: string) => void} type */
export function welcome(lookUp, type) {
  const section = byId("welcome");
  const draw = () => {
    const empty = inChannel().length === 0;
    section.hidden = !empty;
    if (empty) section.replaceChildren(...(here().direct ? direct(type) : channel(lookUp, type)));
  };
  on("snapshot", draw);
  on("place", draw);
  on("message", draw);
}

/** @param {(line: string) => unknown} lookUp @param {(words: string) => void} type */
function channel(lookUp, type) {
  const { command } = state.app;
  const failed = example("busy");
  const suggested = h(
    "button",
    { class: "suggested", type: "button", on: { click: () => lookUp(`${command} ${failed.id}`) } },
    h("span", { class: "suggested-emoji", "aria-hidden": "true" }, "❌"),
    h("span", {}, h("strong", {}, "“The fax to Mario Rossi never arrived.”"), h("span", { class: "quiet" }, "Look it up")),
    h("span", { class: "go", "aria-hidden": "true" }, "→"),
  );
  if (state.eyes !== "me") return [h("p", { class: "welcome-title" }, "Nothing to see here yet."), ...others()];
  return [
    h("p", { class: "welcome-title" }, "Did the fax go through? Ask here."),
    h("p", {}, "This is the whole bot, running on your machine between a Slack and a fax server made for trying it. Nothing leaves it."),
    suggested,
    h("h3", {}, "Or try"),
    h(
      "ul",
      { class: "try" },
      idea("Several at once", () => type(`${command} ${failed.id} ${example("two pages").id}`)),
      idea("Paste a link", () => type(`${state.app.link}${failed.id}`)),
      idea("Mention the bot", () => type(`@${state.app.name} ${failed.id}`)),
      idea("A fax on its way", () => type(`${command} ${example("queued at the first").id}`)),
      idea("Ask it for help", () => type(`${command} help`)),
    ),
  ];
}

/** What somebody else sees of it all. */
function others() {
  return [
    h("p", {}, "Answers to the command are for whoever asked, alone. What they share is seen here, with the number masked and without subject and sender."),
  ];
}

/** @param {(words: string) => void} type */
function direct(type) {
  return [
    h("p", { class: "welcome-title" }, "Nobody else reads along here."),
    h("p", {}, "Write the id of a fax, or paste a link that holds one."),
    h("ul", { class: "try" }, idea("Type an id", () => type(example("busy").id))),
  ];
}

/** @param {string} words @param {() => void} choose */
function idea(words, choose) {
  return h("li", {}, h("button", { class: "chip-button", type: "button", on: { click: choose } }, words));
}

/** A fax whose description has these words. @param {string} words */
function example(words) {
  return state.fax_server.faxes.find((/** @type {any} */ fax) => !fax.own && fax.shows.includes(words));
}
