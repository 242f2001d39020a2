/** In which ways a date that does not begin with the year can be read. */

const SHAPE = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:( )\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?)?$/;

/** A date as people would write it, and the format that reads it. */
export interface DateFormat {
  format: string;
  shown: string;
}

/**
 * The formats in which one date, and all in `others` that are written like it, are days: day first, month first, or both; none
 * where it is written in some other way. With dots the day always stands first.
 */
export function formatsOf(text: string, others: string[]): DateFormat[] {
  const like = SHAPE.exec(text);
  if (!like) return [];
  const [, , mark = "", , year = "", space = "", seconds, half] = like;
  const alike = [text, ...others].flatMap((other) => {
    const found = SHAPE.exec(other);
    return found && found[2] === mark ? [[Number(found[1]), Number(found[3])] as const] : [];
  });
  const time = space && (half ? `%I:%M${seconds ? ":%S" : ""}${half.startsWith(" ") ? " " : ""}%p` : `%H:%M${seconds ? ":%S" : ""}`);
  const tail = `${mark}${year.length === 4 ? "%Y" : "%y"}${space}${time}`;
  const ways = [];
  if (alike.every(([day, month]) => day <= 31 && month <= 12)) ways.push({ format: `%d${mark}%m${tail}`, shown: "the day first" });
  if (mark !== "." && alike.every(([month, day]) => month <= 12 && day <= 31)) ways.push({ format: `%m${mark}%d${tail}`, shown: "the month first" });
  return ways;
}

/** All that is written like a date in a text of separated fields. */
export const datesIn = (text: string): string[] => text.split(/[,;\t|\r\n"]+/).map((field) => field.trim()).filter((field) => SHAPE.test(field));
