// @ts-check
/** Elements, made without a word of HTML: whatever comes from outside is text. */

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Make an element. `on` holds listeners; true sets an attribute, false and null leave it out.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  for (const child of children.flat()) if (child) element.append(child);
  return element;
}

/** @param {string} id @returns {any} */
export function byId(id) {
  return document.getElementById(id);
}

let numbers = 0;

/** Give an id that nothing on the page has. @param {string} prefix */
export function newId(prefix) {
  numbers += 1;
  return `${prefix}-${numbers}`;
}

/** Text that is read aloud and not seen. @param {string} text */
export function unseen(text) {
  return h("span", { class: "unseen" }, text);
}
