import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReadOptions } from "./fields";
import { Shop } from "./data";
import { DEMO_UNTIL, demoShop } from "./demo";
import * as f from "./format";
import { inUtf8, NOTHING, peek, type Seen } from "./peek";
import { detail, explain, problem } from "./problems";
import { ReportPage } from "./report";
import { AsRead, Settings } from "./settings";
import "./style.css";

interface Chosen {
  file: File;
  options: ReadOptions;
}
type State =
  | { at: "start" }
  | { at: "reading"; chosen: Chosen; share: number; cancel: () => void }
  | { at: "problem"; chosen: Chosen; error: Error & { code?: string }; seen: Seen }
  | { at: "report"; chosen: Chosen; shop: Shop; header: string[] };

const REPOSITORY_NAME = "regulars";

function App() {
  const [state, set] = useState<State>({ at: "start" });
  const [over, setOver] = useState(false);
  const [said, say] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const running = useRef<AbortController | undefined>(undefined);

  function leave() {
    running.current?.abort();
    if (state.at === "report") state.shop.close();
    dialog.current?.close();
  }

  function refuse(file: File, error: Error & { code?: string }, seen: Seen = NOTHING, options: ReadOptions = {}) {
    set({ at: "problem", chosen: { file, options }, error, seen });
    // The problem takes the focus, and is read out by that.
    say("");
  }

  async function read(file: File, options: ReadOptions = {}) {
    leave();
    const abort = new AbortController();
    running.current = abort;
    const chosen = { file, options };
    const cancel = () => {
      abort.abort();
      set({ at: "start" });
      say("Reading was cancelled.");
    };
    set({ at: "reading", chosen, share: 0, cancel });
    say(`Reading ${file.name}.`);
    const { encoding, ...core } = options;
    const seen = await peek(file, encoding).catch(() => NOTHING);
    try {
      const text = encoding ? await inUtf8(file, encoding) : file;
      const shop = await Shop.read(text, core, (share) => !abort.signal.aborted && set({ at: "reading", chosen, share, cancel }), abort.signal);
      if (abort.signal.aborted) return;
      set({ at: "report", chosen, shop, header: seen.header });
      say("The report is ready.");
      scrollTo({ top: 0 });
    } catch (error) {
      if (abort.signal.aborted) return;
      refuse(file, error as Error & { code?: string }, seen, options);
    }
  }

  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (!file) return;
    if (files.length === 1) return void read(file);
    leave();
    refuse(file, problem("several_files", `${f.count(files.length)} files: ${Array.from(files, ({ name }) => name).slice(0, 5).join(", ")}`));
  };
  const drop = ({ files, items }: DataTransfer) => {
    const folder = Array.from(items).find((item) => item.webkitGetAsEntry()?.isDirectory)?.webkitGetAsEntry();
    if (!folder) return take(files);
    leave();
    refuse(files[0] ?? new File([], folder.name), problem("folder", folder.name));
  };

  useEffect(() => {
    const hold = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(event.type === "dragover");
      if (event.type === "drop") drop(event.dataTransfer);
    };
    const events = ["dragover", "dragleave", "drop"] as const;
    for (const name of events) addEventListener(name, hold);
    return () => {
      for (const name of events) removeEventListener(name, hold);
    };
  });

  const choose = () => input.current?.click();
  return (
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <header class="top">
        <button type="button" class="brand" onClick={() => location.reload()} aria-label={`${REPOSITORY_NAME}, start anew`}>
          <Mark />
          <span class="name">{REPOSITORY_NAME}</span>
        </button>
        {state.at === "report" && <span class="file">{state.chosen.file.name}</span>}
        <div class="actions">
          {state.at === "report" && (
            <>
              <button type="button" class="quiet" onClick={() => dialog.current?.showModal()}>
                How it was read
              </button>
              <button type="button" class="quiet" onClick={() => print()}>
                Print
              </button>
              <button type="button" class="quiet" onClick={choose}>
                Open a file
              </button>
            </>
          )}
          <Theme />
        </div>
        <input
          ref={input}
          type="file"
          class="unseen"
          tabIndex={-1}
          aria-label="File of orders"
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = "";
          }}
        />
      </header>
      <p class="unseen" role="status">
        {said}
      </p>
      {state.at === "report" ? (
        <>
          <ReportPage key={state.shop.info.source + state.chosen.file.name} shop={state.shop} fileName={state.chosen.file.name} />
          <dialog ref={dialog} class="dialog" aria-labelledby="dialog-title">
            <header>
              <h2 id="dialog-title">How {state.chosen.file.name} was read</h2>
              <form method="dialog">
                <button class="quiet" aria-label="Close">
                  ✕
                </button>
              </form>
            </header>
            <AsRead info={state.shop.info} />
            <h3 class="above">Read it differently</h3>
            <Settings header={state.header} info={state.shop.info} options={state.chosen.options} read={(options) => void read(state.chosen.file, options)} />
          </dialog>
        </>
      ) : (
        <main id="main" class="start" tabIndex={-1}>
          <h1>Know your regulars</h1>
          <p class="pitch">Drop your shop's orders and see who comes back, who is slipping away and what that is worth. Every figure says how it was worked out and how sure it is.</p>
          {state.at === "reading" ? (
            <Progress state={state} />
          ) : (
            <div class={over ? "drop over" : "drop"}>
              <p class="big">Drop a CSV of your orders here</p>
              <p class="faint">Shopify's orders_export.csv, a WooCommerce order export, or any CSV with a row per order</p>
              <p class="buttons">
                <button type="button" class="primary" onClick={choose}>
                  Choose a file
                </button>
                <button type="button" class="second" onClick={() => void read(demoShop(), { observedUntil: DEMO_UNTIL })}>
                  Look at a demo shop
                </button>
              </p>
            </div>
          )}
          {state.at === "problem" && <ProblemCard state={state} read={(options) => void read(state.chosen.file, options)} />}
          {state.at === "start" && (
            <ul class="gets">
              <li>
                <b>Ten figures, honestly</b>
                Each with its definition, its sample, its interval, and what changed.
              </li>
              <li>
                <b>Cohorts, flow, lifetime value</b>
                Who stays and what they bring. Blank where nobody can know yet.
              </li>
              <li>
                <b>What to do today</b>
                Who is due for a reminder, as a list; any customer explained in a sentence.
              </li>
            </ul>
          )}
          <p class="promise">
            <Lock /> Nothing leaves this page: your file is read on your own machine, and the page is forbidden to send anything anywhere. It works without a network.
          </p>
        </main>
      )}
    </>
  );
}

function Progress({ state: { chosen, share, cancel } }: { state: State & { at: "reading" } }) {
  return (
    <div class="drop reading">
      <p class="big">Reading {chosen.file.name}</p>
      <progress value={share} aria-label={`Reading ${chosen.file.name}`} />
      <p class="faint">
        {f.percent(share, 0)} of {f.bytes(chosen.file.size)}
      </p>
      <button type="button" class="second" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}

function ProblemCard({ state: { chosen, error, seen }, read }: { state: State & { at: "problem" }; read: (options: ReadOptions) => void }) {
  const { header, lines } = seen;
  const problem = explain(error, seen);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), [error]);
  const readable = lines.every((line) => !/[\u0000-\u0008\uFFFD]/.test(line));
  return (
    <section class="problem" aria-labelledby="problem-title">
      <p class="eyebrow">{chosen.file.name}</p>
      <h2 id="problem-title" ref={title} tabIndex={-1}>
        {problem.title}
      </h2>
      <p>{problem.advice}</p>
      {!problem.plain && (
        <p class="detail">
          <code>{detail(error)}</code>
        </p>
      )}
      {problem.fixes && (
        <p class="buttons left">
          {problem.fixes.map(({ label, options }, at) => (
            <button key={label} type="button" class={at === 0 ? "primary" : "second"} onClick={() => read({ ...chosen.options, ...options })}>
              {label}
            </button>
          ))}
        </p>
      )}
      {problem.settings && (
        <>
          {readable && lines.length > 0 && (
            <>
              <h3>The file begins with</h3>
              <pre tabIndex={0}>{lines.slice(0, 4).join("\n")}</pre>
            </>
          )}
          <Settings key={error.message} header={header} options={chosen.options} read={read} first={problem.settings === true ? undefined : problem.settings} openColumns={/column|customer|amount|status/.test(error.code ?? "")} />
        </>
      )}
    </section>
  );
}

const THEMES = ["auto", "light", "dark"] as const;

function Theme() {
  const [theme, set] = useState<(typeof THEMES)[number]>(() => THEMES.find((name) => name === stored()) ?? "auto");
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // A page from a disk may have no storage: the choice then lasts as long as the page.
    }
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
  return (
    <button type="button" class="quiet icon" onClick={() => set(next)} aria-label={`Colours: ${theme}. Change to ${next}.`} title={`Colours: ${theme}`}>
      {theme === "auto" ? "◐" : theme === "light" ? "☀" : "☾"}
    </button>
  );
}

function stored(): string | null {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="var(--brand)" />
    <path d="M9 21a7 7 0 1 1 14 0" fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round" />
    <circle cx="16" cy="21" r="2.6" fill="#f0b07c" />
  </svg>
);

const Lock = () => (
  <svg class="lock" viewBox="0 0 16 16" aria-hidden="true">
    <path d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3 7h10v7H3z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" />
  </svg>
);

const place = document.getElementById("app");
if (place) render(<App />, place);
