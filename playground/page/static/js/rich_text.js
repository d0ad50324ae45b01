// @ts-check
/** rich_text blocks, which people's own messages are made of. */

import { h } from "./dom.js";
import { link, mention } from "./mrkdwn.js";

/** @param {any} block */
export function richText(block) {
  return h("div", { class: "rich-text" }, ...block.elements.map(part));
}

/** @param {any} element */
function part(element) {
  switch (element.type) {
    case "rich_text_list":
      return h(
        element.style === "ordered" ? "ol" : "ul",
        {},
        ...element.elements.map((/** @type {any} */ item) => h("li", {}, ...item.elements.map(inline))),
      );
    case "rich_text_quote":
      return h("blockquote", {}, ...element.elements.map(inline));
    case "rich_text_preformatted":
      return h("pre", {}, ...element.elements.map(inline));
    default:
      return h("p", {}, ...element.elements.map(inline));
  }
}

/** @type {Record<string, (element: any) => Node | string>} */
const INLINE = {
  text: (element) => element.text,
  link: (element) => link(element.url, element.text),
  user: (element) => mention(element.user_id),
  usergroup: (element) => h("span", { class: "mention" }, `@${element.usergroup_id}`),
  channel: (element) => h("span", { class: "mention" }, `#${element.channel_id}`),
  broadcast: (element) => h("span", { class: "mention" }, `@${element.range}`),
  emoji: (element) =>
    element.unicode
      ? String.fromCodePoint(...element.unicode.split("-").map((/** @type {string} */ hex) => parseInt(hex, 16)))
      : `:${element.name}:`,
  date: (element) => h("time", {}, element.fallback ?? new Date(element.timestamp * 1000).toLocaleString("en-GB")),
};

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

/** @param {any} element */
function inline(element) {
  let node = INLINE[element.type]?.(element) ?? "";
  for (const [style, tag] of Object.entries(STYLES)) if (element.style?.[style]) node = h(tag, {}, node);
  return node;
}
