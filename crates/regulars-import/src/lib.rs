//! Shops' order exports into orders.
