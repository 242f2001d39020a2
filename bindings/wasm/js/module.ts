import { asError, brokeOff, RegularsError } from "./errors.js";
import * as wasm from "./wasm/regulars.js";

let ready = false;
let loading: Promise<void> | undefined;
/** Whether the module has broken off: what is in its memory may be in any state, so that nothing more is asked of it. */
let broken = false;
/** What stands in the module's memory and is not given back yet. */
let alive = new WeakSet<object>();

/** A type of the host, by its name, where there is one: types for Node or for browsers need not be there. */
export type OfHost<Name extends string, Host = typeof globalThis> = Host extends Record<Name, { prototype: infer T }> ? T : never;

/** Where the module is: its URL, what was fetched from there, its bytes, or the module itself. */
export type ModuleSource =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | OfHost<"URL">
  | OfHost<"Request">
  | OfHost<"Response">
  | (typeof globalThis extends { WebAssembly: infer Host } ? OfHost<"Module", Host> : never);

/**
 * Loads the WebAssembly module: once, before anything else. In Node it is not needed, but does no harm.
 *
 * @param source where the module is, if not beside this file: its URL, its bytes, or the module itself
 */
export function init(source?: ModuleSource): Promise<void> {
  if (ready) return Promise.resolve();
  try {
    if (source === undefined && loadFromDisk()) return Promise.resolve();
  } catch (error) {
    return Promise.reject(error as RegularsError);
  }
  loading ??= wasm.default(source === undefined ? undefined : { module_or_path: source as wasm.InitInput }).then(
    () => {
      ready = true;
    },
    (error: unknown) => {
      loading = undefined;
      throw notLoaded(error);
    },
  );
  return loading;
}

/**
 * The module, loaded.
 * @internal
 */
export function core(): typeof wasm {
  if (!ready && !loadFromDisk()) {
    throw new RegularsError("not_initialised", "call `await init()` once before anything else");
  }
  return wasm;
}

/**
 * Runs something that calls the module. Where the module breaks off, it is started anew, with fresh memory: what stood in the
 * old is lost, and says so when it is used.
 * @internal
 */
export function attempt<T>(work: () => T): T {
  try {
    if (broken) restart();
    return work();
  } catch (thrown) {
    const error = asError(thrown);
    if (ready && !broken && brokeOff(error)) {
      broken = true;
      try {
        restart();
      } catch {
        // There may be memory for it later on.
      }
    }
    throw error;
  }
}

function notLoaded(cause: unknown): RegularsError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RegularsError("not_loaded", `the WebAssembly module could not be loaded: ${why}`, { cause });
}

function restart(): void {
  wasm.__wbg_reset_state();
  alive = new WeakSet();
  broken = false;
}

/**
 * Takes note of what stands in the module's memory.
 * @internal
 */
export function owned<T extends object>(object: T): T {
  alive.add(object);
  return object;
}

/**
 * Gives back what stands in the module's memory, unless that was done, or the memory itself is gone: its place may be another's.
 * @internal
 */
export function release(object: { free(): void }): void {
  if (broken || !alive.delete(object)) return;
  object.free();
}

/** Node can read a file while it waits; its file system is asked for in a way that bundlers for browsers do not see. */
function loadFromDisk(): boolean {
  const node = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
  const files = node?.getBuiltinModule?.("node:fs") as { readFileSync(path: URL): Uint8Array<ArrayBuffer> } | undefined;
  const place = new URL("./wasm/regulars_bg.wasm", import.meta.url);
  if (files === undefined || place.protocol !== "file:") return false;
  try {
    wasm.initSync({ module: files.readFileSync(place) });
  } catch (error) {
    throw notLoaded(error);
  }
  ready = true;
  return true;
}
