declare module "virtual:wasm" {
  /** The module, gzipped, in base64. */
  const wasm: string;
  export default wasm;
}
