/** Debian's Chromium, and a server of files. */
import { createReadStream, existsSync, mkdtempSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Why tests in the browser are left out, or false. A browser that is named and is not there fails them. */
export const skip = !process.env["CHROMIUM"] && !existsSync(executablePath) && `no browser at ${executablePath}: set CHROMIUM`;

const FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** A browser with a fresh profile. */
export function open(): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), "regulars-profile-"));
  return chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS.split(" ") });
}

const TYPES: Record<string, string> = { js: "text/javascript", wasm: "application/wasm", html: "text/html", json: "application/json", csv: "text/csv" };

/** Serves a folder, and one page of its own, under a policy of what it may run. */
export async function serve(folder: string, page?: string, policy?: string): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const name = decodeURI(new URL(request.url!, "http://localhost").pathname);
    const path = join(folder, name);
    if (policy !== undefined) response.setHeader("content-security-policy", policy);
    if (name === "/" && page !== undefined) {
      response.setHeader("content-type", "text/html").end(page);
    } else if (existsSync(path) && statSync(path).isFile()) {
      response.setHeader("content-type", TYPES[path.split(".").pop()!] ?? "text/plain");
      createReadStream(path).pipe(response);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close().closeAllConnections() };
}
