// The control API, and the state of everything as it was told.
export const state = {
  bot: { first_name: "" },
  clock: { now: new Date().toISOString(), travels: false, next_due: null, at: performance.now() },
  people: new Map(),
  chats: new Map(),
  calls: [],
  faults: [],
  limits: {},
};

const listeners = new Map();

export function on(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(listener);
}

export function emit(kind, content) {
  for (const listener of listeners.get(kind) ?? []) listener(content);
}

export async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const read = await answer.json();
  if (!answer.ok) throw new Error(read.error ?? `The simulator answered ${answer.status}.`);
  return read;
}

export const deed = (person, name, body = {}) => ask("POST", `/control/people/${person}/${name}`, body);

export function setClock(clock) {
  state.clock = { ...clock, at: performance.now() };
  emit("clock", state.clock);
}

// The simulator's time now: what it last told, plus what has passed here since.
export const now = () => new Date(Date.parse(state.clock.now) + (performance.now() - state.clock.at));

function takeChat(chat) {
  state.chats.set(chat.id, { ...chat, messages: new Map(chat.messages.map((seen) => [seen.message.message_id, seen])) });
}

// What is told while everything is being asked: the answer may be from before it.
const meanwhile = new Set();

export async function refresh() {
  const since = [];
  meanwhile.add(since);
  try {
    const told = await ask("GET", "/control/state");
    takeState(told);
    for (const { number, kind, content } of since) if (number > told.event && !PASSING.has(kind)) takers[kind](content);
  } finally {
    meanwhile.delete(since);
  }
}

function takeState(told) {
  state.bot = told.bot;
  state.people = new Map(told.people.map((person) => [person.id, person]));
  state.chats.clear();
  told.chats.forEach(takeChat);
  state.calls = told.calls;
  state.faults = told.faults;
  state.limits = told.limits;
  setClock(told.clock);
  emit("state");
}

let refreshing = null;
const refreshSoon = () => {
  refreshing ??= setTimeout(() => {
    refreshing = null;
    refresh();
  }, 40);
};

let asking = null;
const askClockSoon = () => {
  asking ??= setTimeout(async () => {
    asking = null;
    setClock(await ask("GET", "/control/clock"));
  }, 250);
};

function takeMessage(kind, seen) {
  const chat = state.chats.get(seen.chat_id);
  if (!chat) return refreshSoon();
  chat.messages.set(seen.message.message_id, seen);
  emit(kind, { chat, seen });
  askClockSoon();
}

const PASSING = new Set(["action", "answered", "inline"]); // of the moment: not told twice

const takers = {
  message: (seen) => takeMessage("message", seen),
  edited: (seen) => takeMessage("edited", seen),
  deleted: (seen) => takeMessage("deleted", seen),
  keyboard: ({ chat_id, keyboard }) => {
    const chat = state.chats.get(chat_id);
    if (chat) Object.assign(chat, { keyboard });
    emit("keyboard", chat_id);
  },
  call: (call) => {
    state.calls.push(call);
    if (state.calls.length > 1000) state.calls.splice(0, 200);
    emit("call", call);
  },
  faults: ({ faults }) => {
    state.faults = faults;
    emit("faults");
  },
  limits: (limits) => {
    state.limits = limits;
    emit("limits");
  },
  clock: setClock,
  action: (content) => emit("action", content),
  answered: (content) => emit("answered", content),
  inline: (content) => emit("inline", content),
  person: refreshSoon,
  chat: refreshSoon,
  profile: refreshSoon,
};

// After every reconnection everything is asked anew: what was missed cannot be known.
export function listen() {
  const source = new EventSource("/control/events");
  source.addEventListener("hello", async () => {
    await refresh();
    emit("online", true);
  });
  source.addEventListener("error", () => emit("online", false));
  for (const [kind, take] of Object.entries(takers)) {
    source.addEventListener(kind, (event) => {
      const content = JSON.parse(event.data);
      take(content);
      for (const since of meanwhile) since.push({ number: Number(event.lastEventId), kind, content });
    });
  }
}
