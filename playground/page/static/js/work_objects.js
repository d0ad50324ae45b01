// @ts-check
/** Work Objects: the entity below a link, for all to see, and the flexpane that one person opens beside it. */

import { byId, h } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { showPane, showTab } from "./panes.js";
import { Refused } from "./server.js";
import { doing, on, state } from "./store.js";

const FIELDS_BELOW = 4;
/** Slack's own words for an error that carries none of the app's. @type {Record<string, string>} */
const OWN_WORDS = {
  internal_error: "Something went wrong. Try again later.",
  not_found: "This could not be found.",
  restricted: "You have no access to this.",
  timeout: "This took too long.",
};

/**
 * Draw the entity below a link.
 * @param {any} message @param {string} link @param {any} entity @param {(words: string) => void} warn
 */
export function entityBelow(message, link, entity, warn) {
  const { attributes } = entity.entity_payload;
  const place = { channel: message.channel, ts: message.ts, link };
  const open = h(
    "button",
    {
      class: "entity-title",
      type: "button",
      "data-action": `open ${link}`,
      "aria-label": `Open ${attributes.title.text}`,
      on: { click: () => trying(doing("open_entity", place), warn) },
    },
    attributes.title.text,
  );
  const press = (/** @type {any} */ action) => trying(doing("press_entity", { ...place, action_id: action.action_id }), warn);
  return h(
    "div",
    { class: "unfurl entity", role: "group", "aria-label": "Work Object of the link" },
    h("p", { class: "unfurl-by" }, [attributes.product_name ?? state.app.name, attributes.display_type].filter(Boolean).join(" · ")),
    h("h3", {}, open),
    fields(ordered(entity).slice(0, FIELDS_BELOW)),
    buttons(actionsOf(entity), press),
  );
}

/** Show the flexpane of whoever sees. */
export function flexpane() {
  const panel = byId("panel-details");
  let shown = false;
  const close = () => {
    const link = state.pane?.entity.app_unfurl_url;
    void doing("close_entity").catch(() => {});
    show(null);
    const opener = /** @type {any} */ (document.querySelector(`[data-action="${CSS.escape(`open ${link}`)}"]`));
    (opener ?? byId("line")).focus();
  };
  const show = (/** @type {any} */ pane, opened = false) => {
    state.pane = pane;
    byId("tab-details").hidden = !pane;
    const was = shown;
    shown = Boolean(pane);
    if (!pane) {
      if (!panel.hidden) showTab(state.thread ? "thread" : "faxes");
      if (document.body.dataset.pane === "details") showPane("chat");
      panel.replaceChildren();
      return;
    }
    const focused = panel.contains(document.activeElement) ? document.activeElement?.getAttribute("data-action") ?? "" : null;
    panel.replaceChildren(...drawn(pane, close));
    panel.setAttribute("aria-busy", String(!pane.metadata && !pane.error));
    if (!was) showTab("details");
    // What is open and still empty has just been opened, perhaps anew.
    if (opened && !pane.metadata && !pane.error) {
      showTab("details");
      showPane("details");
      panel.querySelector("h2").focus();
    } else if (focused !== null) {
      (panel.querySelector(`[data-action="${CSS.escape(focused)}"]`) ?? panel.querySelector("h2")).focus();
    }
  };
  panel.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") close();
  });
  on("pane", (pane) => show(pane, true));
  on("snapshot", () => show(state.pane));
}

/** @param {any} pane @param {() => void} close */
function drawn(pane, close) {
  const warning = h("p", { class: "warning", role: "alert", hidden: true });
  const warn = (/** @type {string} */ words) => {
    warning.textContent = `⚠ ${words}`;
    warning.hidden = false;
  };
  const title = pane.error
    ? pane.error.custom_title ?? pane.entity.entity_payload.attributes.title.text
    : (pane.metadata ?? pane.entity).entity_payload.attributes.title.text;
  const press = (/** @type {any} */ action) => trying(doing("press_in_pane", { action_id: action.action_id }), warn);
  const head = h(
    "header",
    { class: "thread-head" },
    h("h2", { tabindex: -1 }, title),
    h("button", { class: "button", type: "button", "data-action": "close-pane", on: { click: close } }, h("span", { class: "wide" }, "Close"), h("span", { class: "narrow" }, "‹ Back to the channel")),
  );
  const body = h("div", { class: "pane-body", tabindex: 0, role: "region", "aria-label": "Details of the fax" });
  if (pane.error) {
    const said = pane.error.custom_message;
    body.append(
      h("p", { class: "pane-error", role: "status" }, ...(said ? mrkdwn(said) : [OWN_WORDS[pane.error.status] ?? pane.error.status])),
      buttons(pane.error.actions ?? [], press),
    );
  } else if (pane.metadata) {
    const { attributes } = pane.metadata.entity_payload;
    body.append(
      h("p", { class: "only-you" }, h("span", { "aria-hidden": "true" }, "👁 "), "Only visible to you"),
      h("p", { class: "quiet" }, `${attributes.display_type} · ${attributes.display_id}`),
      buttons(actionsOf(pane.metadata), press),
      fields(ordered(pane.metadata)),
    );
  } else body.append(h("p", { class: "quiet", role: "status" }, `Asking ${state.app.name}…`));
  body.append(warning);
  return [head, body];
}

/** The fields of an entity in their order. @param {any} entity @returns {any[]} */
function ordered(entity) {
  const { custom_fields = [], display_order } = entity.entity_payload;
  const byKey = new Map(custom_fields.map((/** @type {any} */ field) => [field.key, field]));
  return (display_order ?? [...byKey.keys()]).map((/** @type {string} */ key) => byKey.get(key));
}

/** @param {any[]} shown */
function fields(shown) {
  return h(
    "dl",
    { class: "entity-fields" },
    ...shown.map((field) =>
      h("div", { class: field.long ? "long" : "" }, h("dt", {}, field.label), h("dd", {}, ...value(field))),
    ),
  );
}

/** @param {any} field @returns {(Node | string)[]} */
function value(field) {
  if (field.type === "slack#/types/timestamp") return mrkdwn(`<!date^${field.value}^{date_short_pretty} {time}|${field.value}>`);
  if (field.tag_color) return [h("span", { class: `tag ${field.tag_color}` }, field.value)];
  return field.format === "markdown" ? mrkdwn(field.value) : [String(field.value)];
}

/** @param {any} entity @returns {any[]} */
function actionsOf(entity) {
  const { primary_actions = [], overflow_actions = [] } = entity.entity_payload.actions ?? {};
  return [...primary_actions, ...overflow_actions];
}

/** @param {any[]} actions @param {(action: any) => Promise<void>} press */
function buttons(actions, press) {
  if (!actions.length) return "";
  return h("div", { class: "block actions" }, ...actions.map((action) => button(action, press)));
}

/** @param {any} action @param {(action: any) => Promise<void>} press */
function button(action, press) {
  const made = h("button", { class: "button", type: "button", "data-action": action.action_id, "aria-label": action.accessibility_label }, action.text);
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-busy")) return;
    made.setAttribute("aria-busy", "true");
    if (action.processing_state?.enabled) made.textContent = action.processing_state.interstitial_text ?? action.text;
    await press(action);
    if (!action.processing_state?.enabled) made.removeAttribute("aria-busy");
  });
  return made;
}

/** @param {Promise<any>} doingIt @param {(words: string) => void} warn */
async function trying(doingIt, warn) {
  try {
    const { failure } = await doingIt;
    if (failure) warn(`Slack would warn that this failed: ${failure}.`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    warn(error.message);
  }
}
