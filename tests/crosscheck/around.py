"""Makes up a shop with channels, costs, referrals and events, computes what surrounds its orders in SQL, and compares that
with regulars.

    python around.py <program>

<program> is the built `around` of this folder. Whole numbers and money have to be equal, floats to 1e-12.
"""

import csv
import json
import math
import random
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from statistics import NormalDist
from typing import Any

import duckdb

FIRST, UNTIL, WARM = date(2023, 1, 1), date(2024, 7, 1), date(2023, 3, 2)
PERIODS = {
    "2023": (date(2023, 1, 1), date(2024, 1, 1)),
    "2024-Q1": (date(2024, 1, 1), date(2024, 4, 1)),
    "2023-11": (date(2023, 11, 1), date(2023, 12, 1)),
    "2023-12-15/2024-02-10": (date(2023, 12, 15), date(2024, 2, 10)),
    "2024-06-01/2024-09-01": (date(2024, 6, 1), date(2024, 9, 1)),
}
INVITATIONS = 5000


def make_up(folder: Path) -> None:
    """Orders, events, costs and facts of a shop, the same every time."""
    chance = random.Random(20240229)

    def day(first: date, until: date) -> date:
        return first + timedelta(days=chance.randrange((until - first).days))

    def write(name: str, header: list[str], rows: list[tuple[Any, ...]]) -> None:
        with open(folder / f"{name}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)

    people = [f"cus_{n}" if n % 3 else f"person{n}@example.com" for n in range(900)]
    channels = ["web", "search", "friends", "shop", None]
    orders = []
    for _ in range(3000):
        who = chance.choice(people[:700]) if chance.random() < 0.95 else None
        placed = day(FIRST, UNTIL)
        for _ in range(chance.choice([1, 1, 1, 1, 2, 3])):
            orders.append((who, placed, 100 * chance.randint(1, 12), chance.choice(channels)))
    write("orders", ["who", "day", "minor", "channel"], orders)
    kinds = ["email_sent", "email_delivered", "email_delivered", "email_opened", "email_clicked", "visit", "social_share"]
    events = []
    for _ in range(40_000):
        who = chance.choice(people) if chance.random() < 0.97 else None
        campaign = f"mail-{chance.randrange(25)}" if chance.random() < 0.9 else None
        value = chance.randint(0, 900) if chance.random() < 0.7 else None
        events.append((who, day(date(2022, 11, 1), date(2024, 9, 1)), chance.choice(kinds), campaign, value))
    write("events", ["who", "day", "kind", "campaign", "value"], events)
    costs = []
    for _ in range(60):
        first = day(date(2022, 12, 1), UNTIL)
        until = first + timedelta(days=chance.randint(1, 120))
        aim = chance.choice(["winning", "winning", "winning", "keeping"])
        channel = chance.choice([*channels, "radio"])
        costs.append((channel, first, until, chance.randint(0, 500_000), aim))
    write("costs", ["channel", "first", "until", "minor", "aim"], costs)
    facts = [(who, chance.choice([*people, who, None])) for who in people if chance.random() < 0.6]
    write("facts", ["who", "referrer"], facts)


def newcombe(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float] | None:
    """Newcombe's hybrid score interval from the limits of Wilson's as roots of a quadratic."""
    if not one[1] or not other[1]:
        return None
    z = NormalDist().inv_cdf(0.975)

    def wilson(k: int, n: int) -> tuple[float, float]:
        # (p - k/n)² = z² p (1 - p) / n
        a, b, c = 1 + z * z / n, -(2 * k / n + z * z / n), (k / n) ** 2
        root = math.sqrt(max(b * b - 4 * a * c, 0))
        return (-b - root) / (2 * a), (-b + root) / (2 * a)

    p, q = one[0] / one[1], other[0] / other[1]
    (l1, u1), (l2, u2) = wilson(*one), wilson(*other)
    return p - q - math.hypot(p - l1, u2 - q), p - q + math.hypot(u1 - p, q - l2)


class Checks:
    """What was compared, and what differs."""

    def __init__(self) -> None:
        self.count = 0
        self.differences: list[str] = []

    def same(self, place: str, expected: Any, found: Any) -> None:
        self.count += 1
        near = expected == found
        if isinstance(expected, float) and isinstance(found, float):
            near = math.isclose(expected, found, rel_tol=1e-12, abs_tol=1e-12)
        if not near:
            self.differences.append(f"{place}: expected {expected}, found {found}")

    def share(self, place: str, numerator: int, denominator: int, found: dict[str, Any]) -> None:
        """A rate or an average."""
        whole = found.get("denominator", found.get("count"))
        part = found.get("numerator", found.get("total"))
        self.same(place, (numerator, denominator), (part, whole))
        self.same(f"{place}.value", numerator / denominator if denominator else None, found["value"])

    def money(self, place: str, minor: int | None, found: dict[str, Any] | None) -> None:
        self.same(place, minor, None if found is None else round(float(found["amount"]) * 100))


def main() -> None:
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_up(folder)
        output = subprocess.run([program, name, *PERIODS], check=True, capture_output=True, text=True).stdout
        base = duckdb.connect()
        for table, types in {
            "orders": "who varchar, day date, minor bigint, channel varchar",
            "events": "who varchar, day date, kind varchar, campaign varchar, value bigint",
            "costs": "channel varchar, first date, until date, minor bigint, aim varchar",
            "facts": "who varchar, referrer varchar",
        }.items():
            base.execute(f"create table {table} ({types})")
            base.execute(f"copy {table} from '{folder}/{table}.csv' (header)")
    found = json.loads(output)
    base.execute("create view occasion as select distinct who, day from orders where who is not null")
    base.execute("create view first_day as select who, min(day) as day from occasion group by who")
    checks = Checks()
    for period, (start, end) in PERIODS.items():
        base.execute("create or replace macro inside(d) as d >= getvariable('a') and d < getvariable('b')")
        base.execute(f"set variable a = date '{start}'")
        base.execute(f"set variable b = date '{end}'")
        acquisition(base, found[period]["acquisition"], checks, period)
        referrals(base, found[period]["referrals"], checks, period, start, end)
        engagement(base, found[period]["engagement"], checks, period)
    for difference in checks.differences:
        print(difference)
    print(f"around: {checks.count} values, {len(checks.differences)} differ")
    if checks.differences or checks.count < 200:
        sys.exit(1)


def one(base: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = base.execute(sql).fetchone()
    assert row is not None
    return row


def known(base: duckdb.DuckDBPyConnection) -> bool:
    """Whether it is known of all first purchases of the period that they are some."""
    (in_warm_up,) = one(base, f"select count(*) from first_day where inside(day) and day < date '{WARM}'")
    return in_warm_up == 0


def acquisition(base: duckdb.DuckDBPyConnection, got: dict[str, Any], checks: Checks, period: str) -> None:
    base.execute(f"""
        create or replace table won as
        select f.who, (select arg_max(o.channel, (o.minor, o.channel)) from orders o
                       where o.who = f.who and o.day = f.day and o.channel is not null) as channel
        from first_day f where inside(f.day) and {known(base)}
    """)
    # Day by day, each with what is due by its end and was not by its start.
    base.execute("""
        create or replace table spent as
        select c.rowid as number, any_value(c.channel) as channel, any_value(c.aim) as aim,
               sum(c.minor * (i + 1) // n - c.minor * i // n)::bigint as minor
        from (select rowid, *, until - first as n from costs) c, range(n) r(i)
        where inside(first + i::int) group by c.rowid
    """)
    (new,) = one(base, "select count(*) from won")
    checks.same(f"{period}.newCustomers", new if known(base) else None, got["newCustomers"])
    rows = base.execute("""
        select channel, sum(new)::int, sum(minor)::bigint
        from (select channel, 1 as new, null as minor from won
              union all select channel, 0, minor from spent where aim = 'winning' and channel is not null)
        group by channel order by channel nulls last
    """).fetchall()
    checks.same(f"{period}.channels", [row[0] for row in rows], [row["channel"] for row in got["channels"]])
    for (channel, count, minor), row in zip(rows, got["channels"], strict=True):
        place = f"{period}.{channel}"
        checks.share(f"{place}.share", count, new, row["shareOfNewCustomers"])
        cost = row["costPerNewCustomer"]
        checks.money(f"{place}.cost", minor, cost and cost["total"])
        if cost:
            checks.same(f"{place}.each", minor / 100 / count if count else None, cost["value"])
    winning, nowhere, keeping = one(base, """
        select sum(minor) filter (aim = 'winning'), sum(minor) filter (aim = 'winning' and channel is null),
               sum(minor) filter (aim = 'keeping') from spent
    """)
    checks.money(f"{period}.cost", winning, got["cost"])
    checks.money(f"{period}.unallocatedCost", nowhere, got["unallocatedCost"])
    (buyers,) = one(base, "select count(distinct who) from occasion where inside(day)")
    each = winning / 100 / new if winning is not None and new else None
    kept = keeping / 100 / (buyers - new) if keeping is not None and buyers > new and known(base) else None
    checks.same(f"{period}.each", each, got["costPerNewCustomer"] and got["costPerNewCustomer"]["value"])
    checks.same(f"{period}.kept", kept, got["costPerExistingCustomer"] and got["costPerExistingCustomer"]["value"])
    checks.same(f"{period}.winningToKeeping", each / kept if each is not None and kept else None, got["winningToKeeping"])
    (given,) = one(base, "select sum(minor) from costs")
    checks.money(f"{period}.outside", given - (winning or 0) - (keeping or 0), got["costOutside"])


def referrals(
    base: duckdb.DuckDBPyConnection, got: dict[str, Any], checks: Checks, period: str, start: date, end: date
) -> None:
    base.execute("""
        create or replace table referred as
        select w.who, x.referrer, case when x.referrer = w.who then 'self' when r.day is null then 'unknown'
                                 when r.day > f.day then 'later' else 'customer' end as kind
        from won w join first_day f on f.who = w.who join facts x on x.who = w.who and x.referrer is not null
        left join first_day r on r.who = x.referrer
    """)
    count, later, unknown, themselves, authors = one(base, """
        select count(*) filter (kind = 'customer'), count(*) filter (kind = 'later'), count(*) filter (kind = 'unknown'),
               count(*) filter (kind = 'self'), count(distinct referrer) filter (kind = 'customer') from referred
    """)
    (new,) = one(base, "select count(*) from won")
    (customers,) = one(base, "select count(*) from first_day where day < getvariable('b')")
    checks.share(f"{period}.referralShare", count, new, got["referralShare"])
    told = known(base)
    days = (min(end, UNTIL) - start).days
    checks.share(f"{period}.referringShare", authors, customers if told else 0, got["referringShare"])
    checks.share(f"{period}.referralsPerCustomer", count, customers if told else 0, got["referralsPerCustomer"])
    checks.share(f"{period}.conversionsPerDay", count, days if told else 0, got["conversionsPerDay"])
    checks.share(f"{period}.conversion", count, INVITATIONS if told else 0, got["conversion"])
    checks.same(f"{period}.growthFactor", count / customers if told else None, got["growthFactor"])
    apart = (got["byLaterCustomer"], got["byUnknown"], got["byThemselves"])
    checks.same(f"{period}.apart", (later, unknown, themselves) if told else (None, None, None), apart)


def engagement(base: duckdb.DuckDBPyConnection, got: dict[str, Any], checks: Checks, period: str) -> None:
    base.execute("create or replace table customer as select who from first_day where day < getvariable('b')")
    base.execute(f"create or replace macro seen(d) as inside(d) and d < date '{UNTIL}'")
    base.execute("create or replace table act as select e.* from events e join customer c on c.who = e.who where seen(e.day)")
    base.execute("""
        create or replace table buyer as
        select who, count(*) >= 2 as again from occasion where inside(day) group by who
    """)
    (customers,) = one(base, "select count(*) from customer")
    checks.same(f"{period}.customers", customers, got["customers"])
    mails, opened, clicked, strays = one(base, f"""
        with mine as (select e.* from events e join customer using (who) where day < date '{UNTIL}'),
        answered as (
            select a.who, a.campaign, a.kind, a.day, max(o.day) as sent
            from mine a join mine o on o.who = a.who and o.campaign is not distinct from a.campaign and o.day <= a.day
            where a.kind in ('email_opened', 'email_clicked') and o.kind = 'email_delivered' group by all),
        acted as (select who, campaign, bool_or(kind = 'email_clicked') as c from answered where inside(sent) group by all),
        mail as (
            select who, campaign, bool_or(kind = 'email_delivered' and inside(day)) as out,
                   bool_or(kind in ('email_opened', 'email_clicked') and inside(day)) as strayed,
                   bool_or(kind in ('email_sent', 'email_delivered')) as went
            from mine group by all)
        select count(*) filter (out), count(*) filter (out and a.who is not null), count(*) filter (out and c),
               count(*) filter (strayed and not went)
        from mail m left join acted a on a.who = m.who and a.campaign is not distinct from m.campaign
    """)
    email = got["email"]
    checks.share(f"{period}.open", opened, mails, email["emailOpenRate"])
    checks.share(f"{period}.click", clicked, mails, email["emailClickRate"])
    checks.share(f"{period}.clickToOpen", clicked, opened, email["clickToOpenRate"])
    checks.same(f"{period}.withoutSending", strays, email["withoutSending"])
    visits, visitors, seconds, timed, shares = one(base, """
        select count(*) filter (kind = 'visit'), count(distinct who) filter (kind = 'visit'),
               coalesce(sum(value) filter (kind = 'visit'), 0), count(value) filter (kind = 'visit'),
               coalesce(sum(coalesce(value, 1)) filter (kind = 'social_share'), 0) from act
    """)
    checks.share(f"{period}.visitsPerCustomer", visits, customers, got["visitsPerCustomer"])
    checks.share(f"{period}.visitsPerVisitor", visits, visitors, got["visitsPerVisitor"])
    checks.share(f"{period}.visitLength", int(seconds), timed, got["visitLength"])
    checks.share(f"{period}.shares", int(shares), customers, got["socialSharesPerCustomer"])
    kinds = ["email_opened", "email_clicked", "visit", "social_share"]
    for row in [*got["byKind"], {"kind": None, **got["any"]}]:
        wanted = kinds if row["kind"] is None else [row["kind"]]
        listed = ", ".join(f"'{kind}'" for kind in wanted)
        active, a, n, b, m = one(base, f"""
            with active as (select distinct who from act where kind in ({listed}))
            select (select count(*) from active), count(*) filter (again and x.who is not null),
                   count(*) filter (x.who is not null), count(*) filter (again and x.who is null),
                   count(*) filter (x.who is null)
            from buyer left join active x on x.who = buyer.who
        """)
        place = f"{period}.{row['kind']}"
        checks.share(f"{place}.active", active, customers, row["activeShare"])
        difference = row["repeatCustomerRate"]
        checks.share(f"{place}.engaged", a, n, difference["rate"])
        checks.share(f"{place}.others", b, m, difference["other"])
        limits = newcombe((a, n), (b, m))
        found = difference["interval"]
        checks.same(f"{place}.low", limits and limits[0], found and found["low"])
        checks.same(f"{place}.high", limits and limits[1], found and found["high"])
    inside, after, elsewhere, nobody, all_ = one(base, f"""
        select count(*) filter (who is not null and seen(day)), count(*) filter (who is not null and day >= date '{UNTIL}'),
               count(*) filter (who is not null and not inside(day) and day < date '{UNTIL}'),
               count(*) filter (who is null), count(*) from events
    """)
    (counted,) = one(base, "select count(*) from act")
    names = ["counted", "notCustomers", "afterObservation", "outsidePeriod", "unidentified", "given"]
    expected = [counted, inside - counted, after, elsewhere, nobody, all_]
    checks.same(f"{period}.events", expected, [got[name] for name in names])


if __name__ == "__main__":
    main()
