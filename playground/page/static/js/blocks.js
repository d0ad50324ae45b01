// @ts-check
/** Block Kit, drawn: a table from a block's type to how it looks. */

import { h } from "./dom.js";
import { picture, pressable } from "./elements.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./rich_text.js";

/** @typedef {import("./elements.js").Press} Press */

/** @param {any[]} blocks @param {Press} press @param {Record<string, Draw>} [more] what the surface draws in its own way */
export function drawBlocks(blocks, press, more = {}) {
  return h("div", { class: "blocks" }, ...blocks.map((block) => (more[block.type] ?? DRAW[block.type] ?? notDrawn)(block, press)));
}

/** @typedef {(block: any, press: Press) => Node} Draw */

/** A text object: plain_text as it is, mrkdwn with its markup. @param {any} text */
export function words(text) {
  return text.type === "mrkdwn" ? mrkdwn(text.text) : [text.text];
}

/** @type {Record<string, Draw>} */
const DRAW = {
  header: (block) => h("h3", { class: "block header" }, block.text.text),
  section,
  context: (block) => h("div", { class: "block context" }, ...block.elements.map(small)),
  actions: (block, press) =>
    h("div", { class: "block actions" }, ...block.elements.map((/** @type {any} */ element) => pressable(element, press))),
  divider: () => h("hr", { class: "block" }),
  image: (block) => h("figure", { class: "block" }, picture(block), block.title && h("figcaption", {}, block.title.text)),
  rich_text: (block) => h("div", { class: "block" }, richText(block)),
  markdown: (block) => h("p", { class: "block" }, block.text),
  alert: (block) => h("p", { class: `block alert ${block.level ?? ""}` }, ...words(block.text)),
  table,
};

/** @param {any} block @param {Press} press */
function section(block, press) {
  return h(
    "div",
    { class: "block section" },
    h(
      "div",
      { class: "section-words" },
      block.text && h("p", {}, ...words(block.text)),
      block.fields && h("div", { class: "fields" }, ...block.fields.map((/** @type {any} */ field) => h("div", {}, ...words(field)))),
    ),
    block.accessory && h("div", { class: "accessory" }, pressable(block.accessory, press)),
  );
}

/** @param {any} element */
function small(element) {
  return element.type === "image" ? picture(element) : h("span", {}, ...words(element));
}

/** @param {any} block */
function table(block) {
  const [head, ...rows] = block.rows;
  const cells = (/** @type {any[]} */ row, /** @type {string} */ tag) =>
    h("tr", {}, ...row.map((cell) => h(tag, {}, cell.type === "rich_text" ? richText(cell) : cell.text ?? String(cell.value))));
  return h("table", { class: "block" }, h("thead", {}, cells(head, "th")), h("tbody", {}, ...rows.map((/** @type {any[]} */ row) => cells(row, "td"))));
}

/** @param {any} block */
function notDrawn(block) {
  return h("p", { class: "block not-drawn" }, `(A block of type ${block.type}: this page does not draw it; the requests show it as JSON.)`);
}
