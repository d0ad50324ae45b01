// @ts-check
/** The modal that the bot opened before these eyes. */

import { drawBlocks } from "./blocks.js";
import { byId, h, newId } from "./dom.js";
import { fillable } from "./elements.js";
import { Refused } from "./server.js";
import { doing, on, state } from "./store.js";

export function listen() {
  const dialog = byId("modal");
  /** @type {any} */
  let shown = null;
  const show = (/** @type {any} */ view) => {
    const kept = new Map([...dialog.querySelectorAll("[data-block]")].map((input) => [input.dataset.block, input.value]));
    const same = shown && view && shown.id === view.id;
    shown = view;
    if (!view) {
      if (dialog.open) dialog.close();
      return;
    }
    dialog.replaceChildren(draw(view, same && view.submit ? kept : new Map()));
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector("[aria-invalid], textarea, input, select") ?? dialog.querySelector(".close")).focus();
  };
  dialog.addEventListener("close", () => {
    // Closed by the person: with Escape, or a button.
    if (shown) void doing("close", { view_id: shown.id }).catch(() => {});
    shown = null;
  });
  on("snapshot", () => show(state.modal));
  on("modal", show);
}

/** @param {any} view @param {Map<string, string>} kept what was filled in before */
function draw(view, kept) {
  /** @type {Map<string, [string, () => any]>} */
  const inputs = new Map();
  const warning = h("p", { class: "warning", role: "alert", hidden: true });
  const warn = (/** @type {string} */ words) => {
    warning.textContent = `⚠ ${words}`;
    warning.hidden = false;
  };
  const trying = async (/** @type {Promise<any>} */ doingIt, /** @type {string} */ what) => {
    try {
      const { failure } = await doingIt;
      if (failure) warn(`Slack would warn that ${what} failed: ${failure}.`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      warn(error.message);
    }
  };
  const input = (/** @type {any} */ block) => {
    const { node, state: filled } = fillable(block.element);
    inputs.set(block.block_id, [block.element.action_id, filled]);
    node.id = newId("input");
    node.dataset.block = block.block_id;
    if (kept.has(block.block_id)) node.value = kept.get(block.block_id);
    const error = view.errors?.[block.block_id];
    const about = newId("about");
    node.setAttribute("aria-describedby", about);
    if (error) node.setAttribute("aria-invalid", "true");
    return h(
      "div",
      { class: "block input" },
      h("label", { for: node.id }, block.label.text, block.optional && h("span", { class: "quiet" }, " (optional)")),
      node,
      h("p", { id: about, class: error ? "warning" : "quiet" }, error ?? block.hint?.text ?? ""),
    );
  };
  const press = (/** @type {any} */ element, /** @type {string | undefined} */ option) =>
    trying(doing("press", { view_id: view.id, action_id: element.action_id, option }), "the press");
  const body = drawBlocks(view.blocks, press, { input });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const values = Object.fromEntries([...inputs].map(([block, [action, filled]]) => [block, { [action]: filled() }]));
    const button = /** @type {HTMLElement} */ (form.querySelector("[type=submit]"));
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    await trying(doing("submit", { view_id: view.id, values }), "sending it");
    button.removeAttribute("aria-busy");
  };
  const close = () => byId("modal").close();
  const form = h(
    "form",
    { on: { submit } },
    h(
      "header",
      {},
      h("h2", { id: "modal-title" }, h("span", { "aria-hidden": "true" }, "📠 "), view.title.text),
      h("button", { class: "tool", type: "button", "aria-label": "Close", on: { click: close } }, "✕"),
    ),
    h("div", { class: "modal-body" }, body, warning),
    h(
      "div",
      { class: "dialog-actions" },
      h("button", { class: "button close", type: "button", on: { click: close } }, view.close?.text ?? "Cancel"),
      view.submit && h("button", { class: "button primary", type: "submit" }, view.submit.text),
    ),
  );
  return form;
}
