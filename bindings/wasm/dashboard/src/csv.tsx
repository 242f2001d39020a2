/** Tables as files. */

import { useState } from "preact/hooks";
import type { Figure } from "./format";

/** Text, a number, or a number with the text that people read. */
export type Cell = string | number | null | Figure;

export interface Table {
  head: string[];
  rows: Cell[][];
}

/** A button that saves a table, with its numbers as numbers. `name` is that of the file, `what` what is in it. */
export function SaveCsv({ name, what, look = "quiet", head, rows }: Table & { name: string; what: string; look?: "quiet" | "second" }) {
  const [saved, say] = useState<Cell[][]>();
  return (
    <span class="save">
      <button
        type="button"
        class={look}
        aria-label={`Save as CSV: ${what}`}
        onClick={() => {
          save(csv({ head, rows }), `${name}.csv`);
          say(rows);
        }}
      >
        Save as CSV
      </button>
      <span role="status" class="faint">
        {saved === rows && "Saved."}
      </span>
    </span>
  );
}

const isFigure = (cell: Cell | undefined): cell is Figure => typeof cell === "object" && cell !== null;

/** A text that begins like a formula is kept from being one in a spreadsheet; telephone numbers stay as they are. */
function field(cell: Cell): string {
  const value = isFigure(cell) ? cell.value : cell;
  const text = typeof value === "string" ? value.replace(/^(?=[=@＝＠\t\r\n]|[+＋－-](?![\d\s().\/-]*$))/, "'") : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** As RFC 4180 has it. A column of money says its currency. */
function csv({ head, rows }: Table): string {
  const unit = (column: number) => rows.map((row) => row[column]).find((cell) => isFigure(cell) && cell.unit !== undefined);
  const named = head.map((name, column) => {
    const of = unit(column);
    return isFigure(of) ? `${name} (${of.unit})` : name;
  });
  return [named, ...rows].map((line) => `${line.map(field).join(",")}\r\n`).join("");
}

function save(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
