import { test } from "node:test";
import { holdTo, read } from "./files.js";
import { runAll } from "./run.js";

const found = runAll(read());

test("every case gives the bytes that Rust gives", () => holdTo(found));
