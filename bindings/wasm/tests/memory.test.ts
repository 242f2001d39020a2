/** The end of memory, and what else breaks the module off: an error with a code and a remedy, and a module that goes on. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as regulars from "regulars";
import { holdToEnd } from "./files.js";
import { fill } from "./limited.js";

const glue = new URL("../../dist/wasm/regulars.js", import.meta.url);
/** Given a module that runs already, it gives its exports. */
const { initSync } = (await import(glue.href)) as { initSync(): { memory: WebAssembly.Memory } };

const module = readFileSync(new URL("../../dist/wasm/regulars_bg.wasm", import.meta.url));

test("the end of memory is an error, and the module goes on", async () => holdToEnd(await fill(regulars, module)));

/** A history of seven orders. */
const seven = () => {
  const customer = ["ann", "bob", "cid", "ann", "bob", "ann", "dan"];
  const placedAt = customer.map((_, at) => `2024-05-${11 + at}`);
  return regulars.OrderHistory.fromColumns({ customer, placedAt, amount: customer.map(() => 3) }, { currency: "EUR" });
};

test("a panic is no end of memory, and says where it was", () => {
  const history = seven();
  // Nothing that comes in makes the module panic: a length is made wrong in its memory. Where it stands is the compiler's choice.
  const { memory } = initSync();
  const from = (history as unknown as { inner: { __wbg_ptr: number } }).inner.__wbg_ptr;
  const words = new Uint32Array(memory.buffer, from, 150);
  words.forEach((word, at) => word === 7 && (words[at] = 1));
  assert.throws(() => history.report(), ({ code, message }: regulars.RegularsError) => {
    assert.equal(code, "internal");
    assert.match(message, /\.rs:\d+:\d+\); all histories in this module were lost/);
    return true;
  });
  assert.throws(() => history.report(), { code: "freed" });
  assert.equal(seven().summary().orders, 7);
});

test("memory that JavaScript has not got is the end of memory too", () => {
  const history = seven();
  const { Float64Array } = globalThis;
  globalThis.Float64Array = class extends Float64Array {
    constructor() {
      super();
      throw new RangeError("Array buffer allocation failed");
    }
  } as unknown as typeof Float64Array;
  try {
    assert.throws(() => history.timeline("month").columns, { code: "out_of_memory" });
  } finally {
    globalThis.Float64Array = Float64Array;
  }
  assert.equal(seven().timeline("month").length, 1);
});
