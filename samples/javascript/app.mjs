// A travel assistant that plans a weekend. It prints one trace a line, without an SDK.
//
// Run it as `node app.mjs | bt import -p travel`. The model, the time tables and the clock are
// simulated, so that it prints the same bytes every time.

const TRIPS = [
  { from: "Lyon", to: "Zürich", wish: "a lake and a good café" },
  { from: "Kraków", to: "Gdańsk", wish: 'the "Old Crane"\nand the beach' },
  { from: "Porto", to: "Atlantis", wish: "diving 🤿" },
];
const TRAINS = {
  "Lyon → Zürich": [{ leaves: "08:04", minutes: 287 }, { leaves: "10:04", minutes: 301 }],
  "Kraków → Gdańsk": [{ leaves: "06:42", minutes: 322 }],
};
const WEATHER = { Zürich: "☀️ 21 °C", Gdańsk: "🌧️ 16 °C" };

let now = 0; // the simulated clock, in epoch milliseconds
let siblings = []; // the spans that share the current parent

/** Runs `work` inside a span; spans made by `work` become its children. */
async function span(name, type, input, work) {
  const node = { name, type, input };
  const outer = siblings;
  const start = now;
  outer.push(node);
  siblings = [];
  now += 120;
  try {
    node.output = await work(node);
    return node.output;
  } catch (error) {
    node.error = { name: error.name, message: error.message };
    throw error;
  } finally {
    node.metrics = { start: start / 1000, end: now / 1000, ...node.metrics };
    if (siblings.length > 0) node.children = siblings;
    siblings = outer;
  }
}

function chat(name, prompt, reply) {
  return span(name, "llm", [{ role: "user", content: prompt }], async (node) => {
    now += 900;
    node.metadata = { model: "gpt-4o-mini", temperature: 0.2 };
    node.metrics = { prompt_tokens: prompt.length, completion_tokens: reply.length >> 2 };
    return [{ role: "assistant", content: reply }];
  });
}

function findTrain({ from, to }) {
  return span("find_train", "task", { from, to }, async () => {
    const trains = await span("time_table", "tool", `${from} → ${to}`, async (node) => {
      if (!(node.input in TRAINS)) throw new RangeError(`no station called "${to}"`);
      return TRAINS[node.input];
    });
    return span("fastest", "function", trains, async () =>
      trains.reduce((best, train) => (train.minutes < best.minutes ? train : best)));
  });
}

function plan(trip) {
  return span("plan_weekend", "task", trip, async (node) => {
    node.tags = ["weekend", "train"];
    node.metadata = { user_id: 42 };
    const train = await findTrain(trip);
    const weather = await span("weather", "tool", { city: trip.to }, async () => WEATHER[trip.to]);
    const reply = `Take the ${train.leaves} train.\nWeather: ${weather}. Then: ${trip.wish}.`;
    await chat("write_plan", `Plan ${trip.wish} in ${trip.to}.`, reply);
    node.scores = { on_topic: 1, short: 0.75 };
    return reply;
  });
}

for (const [number, trip] of TRIPS.entries()) {
  now = Date.UTC(2026, 2, 6, 9, number);
  siblings = [];
  await plan(trip).catch(() => {}); // the trace holds the error
  console.log(JSON.stringify(siblings[0]));
}
