import { datesIn } from "./dates";

/** What was seen of a file: the names in its header, its first lines, and what is written like a date in its first pages. */
export interface Seen {
  header: string[];
  lines: string[];
  dates: string[];
}

export const NOTHING: Seen = { header: [], lines: [], dates: [] };

/** A file in the encoding that the core reads, piece by piece. */
export async function inUtf8(file: Blob, encoding: string): Promise<Blob> {
  const text = file.stream().pipeThrough(new TextDecoderStream(await whole(file, encoding)));
  return new Response(text.pipeThrough(new TextEncoderStream())).blob();
}

/** UTF-16 says at its beginning in which order its bytes stand. */
async function whole(file: Blob, encoding: string | undefined): Promise<string | undefined> {
  if (encoding !== "utf-16") return encoding;
  const [first] = new Uint8Array(await file.slice(0, 1).arrayBuffer());
  return first === 0xfe || first === 0 ? "utf-16be" : "utf-16le";
}

/** The beginning of a file, for people to look at. The orders themselves are read by the core. */
export async function peek(file: Blob, encoding?: string): Promise<Seen> {
  const text = new TextDecoder(await whole(file, encoding)).decode(await file.slice(0, 1 << 16).arrayBuffer());
  const lines = text.split(/\r?\n/, 5).map((line) => line.slice(0, 400));
  const first = lines[0] ?? "";
  const separator = [",", ";", "\t", "|"].reduce((best, mark) => (first.split(mark).length > first.split(best).length ? mark : best));
  const fields = first.match(new RegExp(`("([^"]|"")*"|[^${separator}]*)(${separator === "|" ? "\\|" : separator}|$)`, "g")) ?? [];
  const names = fields.map((field) => field.replace(new RegExp(`\\${separator}$`), "").replace(/^"|"$/g, "").replaceAll('""', '"').trim());
  return { header: names.filter((name) => name !== "").slice(0, 200), lines, dates: datesIn(text) };
}
