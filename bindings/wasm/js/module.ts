import { RegularsError } from "./errors.js";
import * as wasm from "./wasm/regulars.js";

let ready = false;
let loading: Promise<void> | undefined;

/**
 * Loads the WebAssembly module: once, before anything else. In Node it is not needed, but does no harm.
 *
 * @param source where the module is, if not beside this file: its URL, its bytes, or the module itself
 */
export function init(source?: string | URL | Request | Response | BufferSource | WebAssembly.Module): Promise<void> {
  if (ready) return Promise.resolve();
  if (source === undefined && loadFromDisk()) return Promise.resolve();
  loading ??= wasm.default(source === undefined ? undefined : { module_or_path: source }).then(
    () => {
      ready = true;
    },
    (error: unknown) => {
      loading = undefined;
      throw error;
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

/** Node can read a file while it waits; its file system is asked for in a way that bundlers for browsers do not see. */
function loadFromDisk(): boolean {
  const node = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
  const files = node?.getBuiltinModule?.("node:fs") as { readFileSync(path: URL): Uint8Array<ArrayBuffer> } | undefined;
  const place = new URL("./wasm/regulars_bg.wasm", import.meta.url);
  if (files === undefined || place.protocol !== "file:") return false;
  wasm.initSync({ module: files.readFileSync(place) });
  ready = true;
  return true;
}
