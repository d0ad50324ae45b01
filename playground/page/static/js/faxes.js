// @ts-check
/** The fax server beside the channel: its faxes, its mood, and what can be made to happen there. */

import { byId, h, newId } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { Refused } from "./server.js";
import { doing, on, state } from "./store.js";

const STATES = {
  failed: ["❌", "Failed"],
  waiting: ["⏳", "On its way"],
  delivered: ["✅", "Delivered"],
  cancelled: ["🚫", "Cancelled"],
  odd: ["❔", "Out of the ordinary"],
  trouble: ["⚡", "Trouble at the server"],
};

const OWN = {
  faxId: "IAS-N1_00000000-0000-4000-8000-0000000000ab_0",
  status: "Failed",
  recipient: { name: "Clinica Santa Lucia", faxNumber: "+39 06 5550 1420" },
  numberOfPages: 2,
  Q931Code: 17,
  failureReason: "Remote station busy",
};

/** @param {(line: string) => unknown} lookUp @param {(words: string) => void} type */
export function faxesPanel(lookUp, type) {
  const panel = byId("panel-faxes");
  const moods = h("fieldset", { class: "moods" }, h("legend", {}, "Mood of the fax server"));
  const moodNote = h("p", { class: "quiet", role: "status" });
  const search = h("input", { type: "search", id: newId("search"), placeholder: "busy, Italian, 403 …" });
  const list = h("div", { class: "faxes" });
  const warning = h("p", { class: "warning", role: "alert", hidden: true });
  const own = h("textarea", { rows: 9, id: newId("own"), spellcheck: "false" });
  own.value = JSON.stringify(OWN, null, 2);
  const ownWarning = h("p", { class: "warning", role: "alert", hidden: true, id: newId("wrong") });
  own.setAttribute("aria-describedby", ownWarning.id);

  const happen = async (/** @type {string} */ act, /** @type {any} */ given, /** @type {HTMLElement} */ where) => {
    where.hidden = true;
    try {
      const { ids } = await doing(act, given);
      return ids ?? [];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      where.textContent = `⚠ ${error.message}`;
      where.hidden = false;
      return [];
    }
  };
  const failing = async () => {
    const [id] = await happen("failing", {}, warning);
    if (id) await lookUp(`${state.app.command} ${id}`);
  };
  const outage = async () => {
    const ids = await happen("outage", {}, warning);
    if (!ids.length) return;
    await lookUp(`${state.app.command} ${ids.slice(0, 3).join(" ")}`);
    await lookUp(`${state.app.command} ${ids[3]}`);
  };
  const serveOwn = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const [id] = await happen("own", { text: own.value }, ownWarning);
    own.setAttribute("aria-invalid", String(!id));
    if (id) await lookUp(`${state.app.command} ${id}`);
  };

  panel.replaceChildren(
    h("p", { class: "lead" }, "A fax server of the playground’s own. Press a fax, and it is looked up in the channel."),
    moods,
    moodNote,
    h(
      "section",
      { "aria-label": "Make something happen" },
      h("h2", {}, "Make something happen"),
      h(
        "div",
        { class: "happen" },
        h("button", { class: "button", type: "button", on: { click: failing } }, "A fax fails while you watch"),
        h("button", { class: "button", type: "button", on: { click: outage } }, "The line goes down"),
      ),
      warning,
    ),
    h("h2", {}, "Faxes"),
    h("label", { for: search.id, class: "unseen" }, "Find a fax"),
    search,
    list,
    h(
      "details",
      { class: "own-answer" },
      h("summary", {}, "Make your own answer"),
      h(
        "form",
        { on: { submit: serveOwn } },
        h("label", { for: own.id }, "The fax as JSON, as the server would answer"),
        own,
        ownWarning,
        h("button", { class: "button primary", type: "submit" }, "Serve it and look it up"),
      ),
    ),
  );

  const drawMoods = () => {
    const { moods: known, mood } = state.fax_server;
    if (moods.querySelectorAll("input").length !== known.length) {
      moods.append(
        ...known.map((/** @type {any} */ each) => {
          const input = h("input", { type: "radio", name: "mood", value: each.key });
          input.addEventListener("change", () => happen("mood", { mood: each.key }, warning));
          return h("label", { class: "chip" }, input, h("span", {}, each.label));
        }),
      );
    }
    for (const input of moods.querySelectorAll("input")) input.checked = input.value === mood;
    const { note } = known.find((/** @type {any} */ each) => each.key === mood);
    const remembered = mood === "fine" ? "" : " A fax that is final is remembered for a minute.";
    moodNote.textContent = note + remembered;
  };

  const drawList = () => {
    const wanted = search.value.trim().toLowerCase();
    const matching = state.fax_server.faxes.filter((/** @type {any} */ fax) =>
      `${fax.id} ${fax.shows} ${fax.state}`.toLowerCase().includes(wanted),
    );
    const focused = /** @type {any} */ (document.activeElement)?.dataset?.fax;
    const groups = [["Made by you", matching.filter((/** @type {any} */ fax) => fax.own)]];
    for (const [key, [, name]] of Object.entries(STATES)) {
      groups.push([name, matching.filter((/** @type {any} */ fax) => !fax.own && fax.state === key)]);
    }
    list.replaceChildren(
      ...groups
        .filter(([, faxes]) => faxes.length)
        .map(([name, faxes]) => h("section", { "aria-label": name }, h("h3", {}, name), h("ul", {}, ...faxes.map(row)))),
      ...(matching.length ? [] : [h("p", { class: "quiet" }, "No fax like that.")]),
    );
    if (focused) list.querySelector(`[data-fax="${CSS.escape(focused)}"]`)?.focus();
  };

  const row = (/** @type {any} */ fax) => {
    const [emoji, name] = STATES[/** @type {keyof typeof STATES} */ (fax.state)];
    const words = fax.shows.replace(/^(failed|delivered|on its way|cancelled)[:,]? (?=\S)/, "");
    return h(
      "li",
      {},
      h(
        "button",
        { class: "fax", type: "button", "data-fax": fax.id, on: { click: () => lookUp(`${state.app.command} ${fax.id}`) } },
        h("span", { role: "img", "aria-label": name }, emoji),
        h("span", { class: "fax-words" }, h("span", {}, ...mrkdwn(words)), h("code", {}, fax.id)),
      ),
      h(
        "button",
        { class: "tool", type: "button", "aria-label": `Type the id of: ${words}`, title: "Type its id", on: { click: () => type(fax.id) } },
        "✎",
      ),
    );
  };

  const draw = () => {
    drawMoods();
    drawList();
  };
  search.addEventListener("input", drawList);
  on("snapshot", draw);
  on("faxes", draw);
}
