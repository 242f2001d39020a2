/**
 * A shop that does not exist, as a CSV: three years of orders from a seeded generator, the same in every browser. Customers arrive
 * with the season and with growth; each has a rhythm, a purse and a day on which they silently leave (gamma, log-normal and
 * exponential draws, as in the models of Schmittlein, Morrison and Colombo). One order in twenty-five comes back in whole or part.
 */

/** Mulberry32, by Tommy Ettinger: public domain. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FIRST = "ada ben cleo dara elif finn greta hugo ines jonas kira leon mara nils ola pia quinn rosa sami tilda uma vito wanda yara zeno anouk bela carla emil freya".split(" ");
const LAST = "adler berg costa duval eklund fonseca garcia huber ito jensen keller lind moreau novak okafor petit rossi silva thorn ulrich vega weber young zhang aydin brandt".split(" ");
const CHANNELS = ["search", "search", "social", "newsletter", "referral"];
const SEASON = [0.86, 0.8, 0.9, 0.96, 1.0, 0.92, 0.84, 0.86, 1.0, 1.08, 1.5, 1.62];
const START = Date.UTC(2023, 0, 1);
const DAYS = 1096;
const DAY = 86_400_000;

export function demoShop(): File {
  const random = generator(20_231_107);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const exponential = (mean: number) => -Math.log(1 - random()) * mean;
  const orders: { day: number; text: string }[] = [];
  let customers = 0;
  for (let first = 0; first < DAYS; first++) {
    const season = SEASON[new Date(START + first * DAY).getUTCMonth()] ?? 1;
    let arrivals = 2.1 * season * (1 + (0.5 * first) / DAYS);
    for (; arrivals > 0; arrivals--) {
      if (random() > arrivals) continue;
      const name = `${FIRST[Math.floor(random() * FIRST.length)]}.${LAST[Math.floor(random() * LAST.length)]}`;
      const email = `${name}${++customers}@example.com`;
      const channel = CHANNELS[Math.floor(random() * CHANNELS.length)] ?? "search";
      const stays = channel === "referral" ? 1.5 : channel === "social" ? 0.7 : 1;
      const rhythm = 25 + 85 * Math.exp(0.6 * normal());
      const purse = 46 * Math.exp(0.55 * normal());
      const leaves = random() < 0.42 / stays ? first : first + exponential(420 * stays);
      for (let day = first; day < DAYS && day <= leaves; ) {
        const amount = Math.max(4.9, purse * Math.exp(0.3 * normal()) * (0.9 + 0.1 * season)).toFixed(2);
        const back = random();
        const refunded = back < 0.015 ? amount : back < 0.04 ? (Number(amount) * (0.2 + 0.5 * random())).toFixed(2) : "";
        const status = random() < 0.012 ? "cancelled" : refunded === amount ? "refunded" : "paid";
        const date = new Date(START + day * DAY).toISOString().slice(0, 10);
        orders.push({ day, text: `${email},${date},${amount},${refunded},${status},EUR,${channel}` });
        // Many come back sooner in the season.
        day += Math.max(1, Math.round(exponential(rhythm) / season));
      }
    }
  }
  orders.sort((a, b) => a.day - b.day);
  const rows = orders.map(({ text }, at) => `D${10_001 + at},${text}`);
  const csv = `order_id,email,order_date,amount,refunded,status,currency,channel\n${rows.join("\n")}\n`;
  return new File([csv], "demo-shop.csv", { type: "text/csv" });
}

/** The day on which the demo shop's books close. */
export const DEMO_UNTIL = new Date(START + DAYS * DAY).toISOString().slice(0, 10);
