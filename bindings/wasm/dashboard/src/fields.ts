import type { ImportOptions, PolicyName } from "regulars";
import { capital, words } from "./format";

/** Which column of a file means what; the empty name is no column. */
export const FIELDS = [
  "customer", "email", "placedAt", "amount", "orderId", "refunded", "refundedOn", "status", "currency", "cost", "discount", "channel",
] as const;
export type Field = (typeof FIELDS)[number];
export const FIELD_TITLES: Record<Field, string> = {
  customer: "Customer id", email: "E-mail", placedAt: "Order date", amount: "Amount", orderId: "Order number", refunded: "Refunded amount",
  refundedOn: "Refunded on", status: "Status", currency: "Currency", cost: "Cost of goods", discount: "Discount", channel: "Channel",
};
/** How the core spells a field. */
export const fieldName = (field: Field): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const TITLES = new Map(FIELDS.map((field) => [fieldName(field), FIELD_TITLES[field]]));
/** The title of a field by the core's name for it. */
export const fieldTitle = (name: string): string => TITLES.get(name) ?? capital(words(name));

/** What people can say of how a file is to be read. */
export interface ReadOptions extends Omit<ImportOptions, "policy" | "observedUntil" | "historyStarts"> {
  policy?: PolicyName;
  observedUntil?: string;
  historyStarts?: string;
  /** In which encoding the text is, where not in UTF-8. */
  encoding?: string;
}
