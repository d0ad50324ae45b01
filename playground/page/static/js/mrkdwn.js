// @ts-check
/** Slack's own markup, as elements. Its grammar: docs.slack.dev/messaging/formatting-message-text. */

import { h } from "./dom.js";
import { nameOf, state } from "./store.js";

/** A run of text between two marks, which stand at the edges of words. @param {string} mark */
function styled(mark) {
  const edge = `[\\p{L}\\p{N}${mark}]`;
  return `(?<!${edge})[${mark}](?=\\S)([^${mark}\\n]+?)(?<=\\S)[${mark}](?!${edge})`;
}

const PATTERN = new RegExp(
  ["```([\\s\\S]+?)```", "`([^`\\n]+)`", "<([^<>\\n]+)>", styled("*"), styled("_"), styled("~")].join("|"),
  "gu",
);

/** @param {string} text @returns {(Node | string)[]} */
export function mrkdwn(text) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  /** @type {string[]} */
  let quote = [];
  const flush = () => {
    if (quote.length) nodes.push(h("blockquote", {}, ...inline(quote.join("\n"))));
    quote = [];
  };
  const lines = text.includes("```") ? [text] : text.split("\n");
  lines.forEach((line, index) => {
    if (line.startsWith("&gt; ")) {
      quote.push(line.slice(5));
      return;
    }
    flush();
    if (index && nodes.at(-1) && /** @type {any} */ (nodes.at(-1)).tagName !== "BLOCKQUOTE") nodes.push("\n");
    nodes.push(...inline(line));
  });
  flush();
  return nodes;
}

/** @param {string} text @returns {(Node | string)[]} */
function inline(text) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(PATTERN)) {
    if (found.index > at) nodes.push(unescaped(text.slice(at, found.index)));
    const [whole, pre, code, angle, bold, italic, strike] = found;
    if (pre) nodes.push(h("pre", {}, unescaped(pre.replace(/^\n/, ""))));
    else if (code) nodes.push(h("code", {}, unescaped(code)));
    else if (angle) nodes.push(angled(angle));
    else if (bold) nodes.push(h("strong", {}, ...inline(bold)));
    else if (italic) nodes.push(h("em", {}, ...inline(italic)));
    else if (strike) nodes.push(h("s", {}, ...inline(strike)));
    at = found.index + whole.length;
  }
  if (at < text.length) nodes.push(unescaped(text.slice(at)));
  return nodes;
}

/** What stands in angle brackets. @param {string} angle */
function angled(angle) {
  const [what, label] = split(angle, "|");
  if (what.startsWith("@")) return mention(what.slice(1));
  if (what.startsWith("#")) return h("span", { class: "mention" }, `#${label ?? what.slice(1)}`);
  if (what.startsWith("!date^")) return date(what, label);
  if (what.startsWith("!")) return h("span", { class: "mention" }, `@${label ?? what.slice(1).split("^")[0]}`);
  return link(unescaped(what), label ? unescaped(label) : undefined);
}

/** @param {string} user */
export function mention(user) {
  const own = user === state.me ? " own" : "";
  return h("span", { class: `mention${own}` }, `@${nameOf(user)}`);
}

/** A link, where it is one of the web; else its words. @param {string} url @param {string} [label] */
export function link(url, label) {
  if (!/^(https?|mailto):/i.test(url)) return h("span", {}, label ?? url);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label ?? url);
}

/** @param {string} what @param {string} [fallback] */
function date(what, fallback) {
  const [, seconds, format, url] = what.split("^");
  const time = new Date(Number(seconds) * 1000);
  if (Number.isNaN(time.getTime())) return h("span", {}, unescaped(fallback ?? ""));
  const words = unescaped(format).replace(/\{(\w+)\}/g, (whole, name) => FORMATS[name]?.(time) ?? whole);
  const element = h("time", { datetime: time.toISOString() }, words);
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, element) : element;
}

/** @param {Intl.DateTimeFormatOptions} options */
const as = (options) => (/** @type {Date} */ time) => new Intl.DateTimeFormat("en-GB", options).format(time);

/** @param {(time: Date) => string} otherwise */
const pretty = (otherwise) => (/** @type {Date} */ time) => {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(time).setHours(0, 0, 0, 0)) / 86_400_000);
  return { 0: "today", 1: "yesterday", "-1": "tomorrow" }[days] ?? otherwise(time);
};

const short = as({ day: "numeric", month: "short", year: "numeric" });
const long = as({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const plain = as({ day: "numeric", month: "long", year: "numeric" });

/** @type {Record<string, (time: Date) => string>} */
const FORMATS = {
  date: plain,
  date_num: as({ day: "2-digit", month: "2-digit", year: "numeric" }),
  date_short: short,
  date_long: long,
  date_pretty: pretty(plain),
  date_short_pretty: pretty(short),
  date_long_pretty: pretty(long),
  time: as({ hour: "2-digit", minute: "2-digit" }),
  time_secs: as({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
};

/** The time of day of a message. @param {string} ts */
export function clock(ts) {
  const time = new Date(Number(ts) * 1000);
  return h("time", { datetime: time.toISOString() }, FORMATS.time(time));
}

/** @param {string} text */
export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** @param {string} text @param {string} mark @returns {[string, string | undefined]} */
function split(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** All words of a mrkdwn text, for reading aloud. @param {string} text */
export function spoken(text) {
  return h("p", {}, ...mrkdwn(text)).textContent ?? "";
}
