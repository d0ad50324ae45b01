// @ts-check
/** What stands inside blocks and can be pressed or filled in. */

import { ask } from "./confirm.js";
import { h, newId } from "./dom.js";
import { openMenu } from "./menu.js";

/** @typedef {(element: any, option?: string) => Promise<unknown>} Press */

/** An element that acts when it is pressed. @param {any} element @param {Press} press */
export function pressable(element, press) {
  return (PRESSABLE[element.type] ?? notDrawn)(element, press);
}

/** @type {Record<string, (element: any, press: Press) => Node>} */
const PRESSABLE = {
  button,
  overflow,
  static_select: (element, press) => {
    const select = choices(element, () => act(element, press, select, select.value));
    return select;
  },
  radio_buttons: (element, press) => listed(element, "radio", (chosen, at) => act(element, press, at, chosen)),
  image: picture,
};

/** @param {any} element @param {Press} press */
function button(element, press) {
  const attributes = {
    class: `button ${element.style ?? ""}`,
    "data-action": element.action_id,
    "aria-label": element.accessibility_label,
  };
  if (element.url) {
    const page = { ...attributes, href: element.url, target: "_blank", rel: "noopener noreferrer" };
    return h("a", { ...page, on: { click: () => void press(element) } }, element.text.text, h("span", { "aria-hidden": "true" }, " ↗"));
  }
  const made = h("button", { ...attributes, type: "button", on: { click: () => act(element, press, made) } }, element.text.text);
  return made;
}

/** @param {any} element @param {Press} press */
function overflow(element, press) {
  const made = h("button", { class: "button", type: "button", "aria-haspopup": "menu", "data-action": element.action_id }, "⋯");
  made.setAttribute("aria-label", "More choices");
  made.addEventListener("click", () =>
    openMenu(
      made,
      element.options.map((/** @type {any} */ option) => ({
        label: option.text.text,
        choose: () => act(element, press, made, option.value),
      })),
    ),
  );
  return made;
}

/**
 * Ask first where the bot wants it, then press, and let nobody press again meanwhile.
 * @param {any} element @param {Press} press @param {HTMLButtonElement} at @param {string} [option]
 */
async function act(element, press, at, option) {
  if (at.getAttribute("aria-busy") || (element.confirm && !(await ask(element.confirm)))) return;
  at.setAttribute("aria-busy", "true");
  try {
    await press(element, option);
  } finally {
    at.removeAttribute("aria-busy");
  }
}

/** @param {any} element */
export function picture(element) {
  // The page takes nothing from other addresses, so a picture is its description.
  return h("span", { class: "picture", role: "img", "aria-label": element.alt_text }, `🖼 ${element.alt_text}`);
}

/** @param {any} element @param {() => void} [changed] */
function choices(element, changed) {
  const options = element.options ?? element.option_groups.flatMap((/** @type {any} */ group) => group.options);
  const first = h("option", { value: "" }, element.placeholder?.text ?? "Choose…");
  const made = h("select", { "data-action": element.action_id, "aria-label": element.placeholder?.text ?? "Choose" }, first);
  for (const option of options) {
    const selected = element.initial_option?.value === option.value;
    made.append(h("option", { value: option.value, selected }, option.text.text));
  }
  if (changed) made.addEventListener("change", changed);
  return made;
}

/** @param {any} element @param {"radio" | "checkbox"} type @param {(value: string, at: any) => void} [changed] */
function listed(element, type, changed) {
  const name = newId("choice");
  const first = new Set([element.initial_option, ...(element.initial_options ?? [])].map((option) => option?.value));
  return h(
    "div",
    { class: "choices", "data-action": element.action_id },
    ...element.options.map((/** @type {any} */ option) => {
      const input = h("input", { type, name, value: option.value, checked: first.has(option.value) });
      if (changed) input.addEventListener("change", () => changed(option.value, input));
      return h("label", {}, input, " ", option.text.text);
    }),
  );
}

/** @param {any} element */
function notDrawn(element) {
  return h("span", { class: "not-drawn" }, `(${element.type}: this page does not draw it)`);
}

/**
 * An input of a modal: its node, and what its state is when it is sent.
 * @param {any} element
 * @returns {{node: any, state: () => any}}
 */
export function fillable(element) {
  return (FILLABLE[element.type] ?? ((given) => ({ node: notDrawn(given), state: () => ({ type: given.type }) })))(element);
}

/** @param {string} type */
const typed = (type) => (/** @type {any} */ element) => {
  const limits = { minlength: element.min_length, maxlength: element.max_length, placeholder: element.placeholder?.text };
  const node = element.multiline ? h("textarea", { rows: 4, ...limits }) : h("input", { type, ...limits });
  node.value = element.initial_value ?? element.initial_date ?? element.initial_time ?? "";
  return { node, value: () => node.value || null };
};

/** @param {string} type @param {string} name */
const valued = (type, name) => (/** @type {any} */ element) => {
  const { node, value } = typed(type)(element);
  return { node, state: () => ({ type: element.type, [name]: value() }) };
};

/** @param {any} element @param {string | null} value */
const option = (element, value) => element.options.find((/** @type {any} */ each) => each.value === value) ?? null;

/** @type {Record<string, (element: any) => {node: any, state: () => any}>} */
const FILLABLE = {
  plain_text_input: valued("text", "value"),
  email_text_input: valued("email", "value"),
  url_text_input: valued("url", "value"),
  number_input: valued("number", "value"),
  datepicker: valued("date", "selected_date"),
  timepicker: valued("time", "selected_time"),
  static_select: (element) => {
    const node = choices(element);
    return { node, state: () => ({ type: element.type, selected_option: option(element, node.value) }) };
  },
  radio_buttons: (element) => {
    const node = listed(element, "radio");
    const chosen = () => /** @type {any} */ (node.querySelector(":checked"))?.value ?? null;
    return { node, state: () => ({ type: element.type, selected_option: option(element, chosen()) }) };
  },
  checkboxes: (element) => {
    const node = listed(element, "checkbox");
    const chosen = () => [...node.querySelectorAll(":checked")].map((input) => option(element, input.value));
    return { node, state: () => ({ type: element.type, selected_options: chosen() }) };
  },
};
