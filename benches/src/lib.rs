//! A seeded generator of orders.
