// @ts-check
/** The question before a press counts. */

import { byId, h } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

/** @param {any} confirm Block Kit's confirm object @returns {Promise<boolean>} */
export function ask(confirm) {
  const dialog = byId("confirm");
  return new Promise((resolve) => {
    const answer = (/** @type {string} */ value) => () => dialog.close(value);
    const text = confirm.text.type === "mrkdwn" ? mrkdwn(confirm.text.text) : [confirm.text.text];
    dialog.replaceChildren(
      h("h2", { id: "confirm-title" }, confirm.title.text),
      h("p", {}, ...text),
      h(
        "div",
        { class: "dialog-actions" },
        h("button", { class: "button", type: "button", on: { click: answer("") } }, confirm.deny.text),
        h("button", { class: `button ${confirm.style ?? "primary"}`, type: "button", on: { click: answer("yes") } }, confirm.confirm.text),
      ),
    );
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
    dialog.querySelector(".button:last-child").focus();
  });
}
