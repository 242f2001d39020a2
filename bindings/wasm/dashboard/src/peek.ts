/** The first lines of a file, for people to look at, and the names in its header. The orders themselves are read by the core. */
export async function peek(file: Blob): Promise<{ header: string[]; lines: string[] }> {
  const text = (await file.slice(0, 1 << 16).text()).replace(/^\uFEFF/, "");
  const lines = text.split(/\r?\n/, 5).map((line) => line.slice(0, 400));
  const first = lines[0] ?? "";
  const separator = [",", ";", "\t", "|"].reduce((best, mark) => (first.split(mark).length > first.split(best).length ? mark : best));
  const fields = first.match(new RegExp(`("([^"]|"")*"|[^${separator}]*)(${separator === "|" ? "\\|" : separator}|$)`, "g")) ?? [];
  const names = fields.map((field) => field.replace(new RegExp(`\\${separator}$`), "").replace(/^"|"$/g, "").replaceAll('""', '"').trim());
  return { header: names.filter((name) => name !== "").slice(0, 200), lines };
}
