// @ts-check
/** A menu below a button: arrows move in it, Escape leaves it. */

import { h } from "./dom.js";

/** @type {(() => void) | null} */
let closeOpen = null;

/**
 * @param {HTMLElement} button
 * @param {{label: string, note?: string, choose: () => unknown}[]} items
 */
export function openMenu(button, items) {
  const again = button.getAttribute("aria-expanded") === "true";
  closeOpen?.();
  if (again) return;
  const menu = h("div", { class: "menu", role: "menu", "aria-label": button.getAttribute("aria-label") ?? "" });
  const close = (/** @type {boolean} */ back) => {
    menu.remove();
    button.removeAttribute("aria-expanded");
    document.removeEventListener("pointerdown", outside, true);
    closeOpen = null;
    if (back) button.focus();
  };
  const outside = (/** @type {Event} */ event) => {
    const target = /** @type {Node} */ (event.target);
    if (!menu.contains(target) && !button.contains(target)) close(false);
  };
  const entries = items.map((item) =>
    h(
      "button",
      {
        role: "menuitem",
        type: "button",
        tabindex: -1,
        on: {
          click: () => {
            close(true);
            item.choose();
          },
        },
      },
      h("span", {}, item.label),
      item.note && h("small", {}, item.note),
    ),
  );
  menu.append(...entries);
  menu.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to !== undefined) entries.at(to % entries.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") close(event.key === "Escape");
    else return;
    if (event.key !== "Tab") event.preventDefault();
  });
  button.setAttribute("aria-expanded", "true");
  button.after(menu);
  const room = menu.getBoundingClientRect();
  if (room.bottom > window.innerHeight - 8) menu.classList.add("above");
  if (room.left < 8) menu.classList.add("rightwards");
  document.addEventListener("pointerdown", outside, true);
  closeOpen = () => close(false);
  entries[0].focus();
}
