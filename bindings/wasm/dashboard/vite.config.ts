import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const PACKAGE = new URL("../dist/", import.meta.url).pathname;

/**
 * The package's module as text, gzipped and in base64, so that the page is one file. What the package would load by itself, by the
 * address of its own files, is taken out: the page hands module and worker over.
 */
function wasm(): Plugin {
  const module = readFileSync(`${PACKAGE}wasm/regulars_bg.wasm`);
  return {
    name: "wasm",
    enforce: "pre",
    resolveId: (id) => (id === "virtual:wasm" ? "\0wasm" : undefined),
    load: (id) => (id === "\0wasm" ? `export default "${gzipSync(module, { level: 9 }).toString("base64")}"` : undefined),
    transform: (code, id) => (id.startsWith(PACKAGE) ? code.replaceAll(/new URL\([^()]+, import\.meta\.url\)/g, 'new URL("about:blank")') : undefined),
  };
}

/** Script and style into the page, under a policy that lets nothing else run and no request out. */
function oneFile(): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_, bundle) {
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("there is no index.html");
      let html = String(page.source);
      let script = "";
      for (const [name, file] of Object.entries(bundle)) {
        if (name.endsWith(".js") && file.type === "chunk") script = file.code.replaceAll("</script", "<\\/script");
        else if (name.endsWith(".css") && file.type === "asset") html = html.replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${file.source}</style>`);
        else continue;
        delete bundle[name];
      }
      const hash = createHash("sha256").update(script).digest("base64");
      const policy = [
        "default-src 'none'", "connect-src 'none'", "form-action 'none'", "base-uri 'none'",
        `script-src 'sha256-${hash}' 'wasm-unsafe-eval'`, "worker-src blob:", "style-src 'unsafe-inline'", "img-src data:",
      ].join("; ");
      html = html.replace(/<script type="module"[^>]*><\/script>/, "");
      html = html.replace("</body>", () => `<script type="module">${script}</script></body>`);
      page.source = html.replace("<meta charset", `<meta http-equiv="Content-Security-Policy" content="${policy}" /><meta charset`);
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [wasm(), oneFile()],
  worker: { format: "iife", plugins: () => [wasm()] },
  resolve: {
    alias: [
      { find: /^regulars$/, replacement: `${PACKAGE}index.js` },
      { find: /^regulars\/(.*)$/, replacement: `${PACKAGE}$1.js` },
    ],
  },
  build: { target: "es2022", modulePreload: false, cssCodeSplit: false, assetsInlineLimit: Infinity, chunkSizeWarningLimit: 4000 },
});
