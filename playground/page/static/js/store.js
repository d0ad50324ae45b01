// @ts-check
/** What the page knows: the snapshot, kept up to date by the feed, and where the person is. */

import { act, follow, snapshot } from "./server.js";

/** @type {any} */
export const state = {
  eyes: "me",
  channel: "",
  thread: null,
  /** ts → message, of all channels that these eyes see */
  messages: new Map(),
  exchanges: [],
  channels: [],
};

/** @type {Map<string, ((content: any) => void)[]>} */
const listeners = new Map();
/** @type {EventSource | null} */
let source = null;

/**
 * Hear of `snapshot`, `message`, `modal`, `home`, `pane`, `faxes`, `exchange`, `place`, `thread`, `typing`, `line`.
 * @param {string} name
 * @param {(content: any) => void} listener
 */
export function on(name, listener) {
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

/** @param {string} name @param {any} [content] */
export function tell(name, content) {
  for (const listener of listeners.get(name) ?? []) listener(content);
}

/** See with other eyes, or anew with the same. @param {string} eyes */
export async function see(eyes) {
  source?.close();
  const seen = await snapshot(eyes);
  Object.assign(state, seen, {
    eyes,
    choices: seen.eyes,
    messages: new Map(seen.messages.map((/** @type {any} */ message) => [message.ts, message])),
    exchanges: seen.exchanges,
  });
  if (!seen.channels.some((/** @type {any} */ channel) => channel.id === state.channel)) {
    const direct = state.direct && seen.channels.find((/** @type {any} */ channel) => channel.direct);
    state.channel = (direct || seen.channels[0]).id;
  }
  if (state.thread && state.messages.get(state.thread)?.channel !== state.channel) state.thread = null;
  state.direct = here().direct;
  source = follow(eyes, seen, {
    message: keep,
    modal: ({ view }) => tell("modal", (state.modal = view)),
    pane: ({ pane }) => tell("pane", (state.pane = pane)),
    home: ({ view }) => tell("home", (state.home = view)),
    faxes: (content) => tell("faxes", (state.fax_server = content)),
    exchange: (content) => {
      state.exchanges.push(content);
      tell("exchange", content);
    },
    anew: () => see(state.eyes),
    lost: () => tell("line", false),
    found: () => tell("line", true),
  });
  tell("snapshot");
}

/** @param {{kind: string, message: any}} change */
function keep(change) {
  const { kind, message } = change;
  if (kind === "deleted") state.messages.delete(message.ts);
  else state.messages.set(message.ts, message);
  tell("message", change);
}

/** The channel that is shown. */
export function here() {
  return state.channels.find((/** @type {any} */ channel) => channel.id === state.channel);
}

/** @param {string} channel */
export function go(channel) {
  state.channel = channel;
  state.direct = here().direct;
  state.thread = null;
  tell("place");
}

/** @param {string | null} ts */
export function openThread(ts) {
  state.thread = ts;
  tell("thread");
}

/** Messages at the channel's own level, oldest first. */
export function inChannel() {
  return sorted((message) => message.channel === state.channel && !isReply(message));
}

/** The replies in a thread, oldest first. @param {string} ts */
export function repliesTo(ts) {
  return sorted((message) => isReply(message) && message.thread_ts === ts);
}

/** @param {any} message */
export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

/** @param {(message: any) => boolean} wanted */
function sorted(wanted) {
  return [...state.messages.values()].filter(wanted).sort((one, other) => (one.ts < other.ts ? -1 : 1));
}

/** Act as whoever sees. @param {string} name @param {Record<string, unknown>} [given] */
export function doing(name, given = {}) {
  return act(name, { eyes: state.eyes, ...given });
}

/** Write a line into the channel that is shown, or a thread of it. @param {string} text @param {string | null} [thread] */
export function say(text, thread = null) {
  return doing("say", { channel: state.channel, text, thread_ts: thread });
}

/** @param {string} user */
export function nameOf(user) {
  return state.people[user]?.real_name ?? user;
}
