/** A page that reads a file in a worker, shows how far it is, and can be stopped. */
import { OrderHistory, RegularsError } from "regulars/worker";

const [input, stop, bar, out] = ["input", "button", "progress", "pre"].map((name) => document.querySelector(name)!) as [
  HTMLInputElement, HTMLButtonElement, HTMLProgressElement, HTMLPreElement,
];

input.onchange = async () => {
  const [file] = input.files ?? [];
  if (file === undefined) return;
  const controller = new AbortController();
  stop.onclick = () => controller.abort();
  try {
    const history = await OrderHistory.fromCsv(file, { currency: "EUR" }, {
      signal: controller.signal,
      progress: (bytes, total) => (bar.value = bytes / total),
    });
    const { customers } = await history.summary();
    const { value } = await history.during("2024").repeatCustomerRate();
    const shares = await history.cohorts({ grain: "quarter" }).table("returned_in", "rate").values();
    out.textContent = JSON.stringify({ customers, rate: value, shares }, null, 1);
    history.free();
  } catch (error) {
    out.textContent = error instanceof RegularsError ? `${error.code}: ${error.message}` : String(error);
  }
};
