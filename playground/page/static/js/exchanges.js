// @ts-check
/** Every request and its answer, as JSON, with its milliseconds; the newest first. */

import { byId, h } from "./dom.js";
import { on, state, tell } from "./store.js";

const WAYS = {
  "slack-bot": "Slack → bot",
  "bot-slack": "bot → Slack",
  "bot-fax": "bot → fax server",
};
const MOST = 200;

export function exchangesPanel() {
  const panel = byId("panel-requests");
  const list = h("ol", { class: "exchanges", reversed: true });
  const empty = h("p", { class: "quiet" }, "Nothing has passed yet: look a fax up, and each request and answer is here.");
  panel.replaceChildren(
    h("p", { class: "lead" }, "What went over real HTTP between this Slack, the bot and the fax server."),
    empty,
    list,
  );
  const add = (/** @type {any} */ exchange) => {
    const after = [...list.children].find((row) => Number(row.dataset.began) <= exchange.began);
    list.insertBefore(drawExchange(exchange), after ?? null);
    while (list.childElementCount > MOST) list.lastElementChild.remove();
    empty.hidden = true;
    tell("counted", state.exchanges.length);
  };
  on("snapshot", () => {
    list.replaceChildren();
    empty.hidden = state.exchanges.length > 0;
    for (const exchange of state.exchanges) add(exchange);
  });
  on("exchange", add);
}

/** @param {any} exchange */
function drawExchange(exchange) {
  const good = exchange.status && exchange.status < 400 && !exchange.failure;
  const details = h(
    "details",
    {},
    h(
      "summary",
      {},
      h("span", { class: `way ${exchange.way}` }, WAYS[/** @type {keyof typeof WAYS} */ (exchange.way)]),
      h("span", { class: "exchange-title" }, exchange.title),
      h("span", { class: `status ${good ? "good" : "bad"}` }, exchange.failure ?? String(exchange.status ?? "dropped")),
      h("span", { class: "ms" }, `${exchange.milliseconds.toLocaleString("en-GB", { maximumFractionDigits: exchange.milliseconds < 10 ? 1 : 0 })} ms`),
    ),
  );
  // What is inside is drawn when somebody opens it: there are many, and most stay closed.
  details.addEventListener(
    "toggle",
    () => details.append(...part("Request", exchange.request), ...part("Answer", exchange.answer)),
    { once: true },
  );
  return h("li", { "data-began": exchange.began, "data-way": exchange.way }, details);
}

/** @param {string} name @param {unknown} value */
function part(name, value) {
  const body = value === null || value === undefined || value === "" ? h("p", { class: "quiet" }, "no body") : json(value);
  return [h("h3", {}, name), body];
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON with its keys and values told apart. @param {unknown} value */
function json(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const pre = h("pre", { tabindex: 0 });
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    pre.append(text.slice(at, found.index));
    const kind = found[2] ? "key" : found[1] ? "string" : "number";
    pre.append(h("span", { class: kind }, found[1] ?? found[0]), found[2] ?? "");
    at = found.index + found[0].length;
  }
  pre.append(text.slice(at));
  return pre;
}
