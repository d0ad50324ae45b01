// @ts-check
/** A workflow of one step, the bot's own: an id goes in, outputs or the reason why there are none come out. */

import { byId, h, newId } from "./dom.js";
import { Refused } from "./server.js";
import { doing, on, state } from "./store.js";

export function workflowPanel() {
  const input = h("input", { type: "text", id: newId("fax"), autocomplete: "off", spellcheck: "false" });
  const button = h("button", { class: "button primary", type: "submit" }, "Run the workflow");
  const came = h("div", { class: "came", role: "status" });
  const run = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    came.replaceChildren(h("p", { class: "quiet" }, "The step is running…"));
    came.replaceChildren(...(await outcome(input.value)));
    button.removeAttribute("aria-busy");
  };
  byId("panel-workflow").replaceChildren(
    h("p", { class: "lead" }, "A workflow with the bot’s own step in it. It gives no name and no number, since whoever built the workflow says who reads it."),
    h(
      "form",
      { class: "step", on: { submit: run } },
      h("h2", {}, "What became of a fax"),
      h("label", { for: input.id }, "Fax id, or a link that holds it"),
      input,
      button,
    ),
    came,
  );
  on("snapshot", () => {
    const failed = state.fax_server.faxes.find((/** @type {any} */ fax) => fax.state === "failed");
    input.value ||= failed?.id ?? "";
  });
}

/** @param {string} faxId */
async function outcome(faxId) {
  try {
    const { outputs, error } = await doing("step", { fax_id: faxId });
    if (error) return [h("h3", {}, "The workflow has ended"), h("p", { class: "step-error" }, `❌ ${error}`)];
    const rows = Object.entries(outputs).map(([name, value]) => [h("dt", {}, h("code", {}, name)), h("dd", {}, String(value))]);
    return [h("h3", {}, "Outputs of the step"), h("dl", { class: "outputs" }, ...rows.flat())];
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [h("p", { class: "warning", role: "alert" }, `⚠ ${error.message}`)];
  }
}
