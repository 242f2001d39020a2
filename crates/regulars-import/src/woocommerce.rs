use crate::mapping::bare;

/// What WooCommerce writes as the customer of a guest's order.
pub(crate) const GUEST: &str = "0";

/// Whether a header is that of an order export of WooCommerce, by names that only it uses.
pub(crate) fn recognises(header: &[String]) -> bool {
    let has = |name: &str| header.iter().any(|column| bare(column) == name);
    has("customeruser") || has("billingemail") || (has("datecreated") && has("customerid"))
}

/// Whether a header is that of WooCommerce's Analytics → Orders in English, French or German.
///
/// ```text
/// Date, Order #, Status, Customer, Customer type, Product(s), Items sold, Coupon(s), N. Revenue, Attribution
/// ```
pub(crate) fn is_analytics(header: &[String]) -> bool {
    const CUSTOMER_TYPE: [&str; 4] = ["customertype", "typedeclient", "kundentyp", "kundenart"];
    let kind = header.get(4).map(|column| bare(column)).unwrap_or_default();
    has_analytics_shape(header) && CUSTOMER_TYPE.contains(&kind.as_str())
}

/// Whether a header could be that of the same export in any language: its ten columns, nine before there was an
/// attribution. The words in its fifth are the same in every language, see [`is_customer_type`].
pub(crate) fn has_analytics_shape(header: &[String]) -> bool {
    (9..=10).contains(&header.len())
}

/// Whether a cell is one that only the column of customer types holds.
pub(crate) fn is_customer_type(cell: &str) -> bool {
    matches!(cell, "new" | "returning")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn analytics_are_told_from_orders() {
        for text in [
            "Date,Order #,Status,Customer,Customer type,Product(s),Items sold,Coupon(s),N. Revenue,Attribution",
            "Date,Commande n°,État,Client,Type de client,Produit(s),Articles vendus,Code(s) promo,Ventes nettes,Attribution",
        ] {
            assert!(is_analytics(&header(text)) && !recognises(&header(text)), "{text}");
        }
        let orders = header("order_id,order_date,status,customer_user,billing_email,order_total");
        assert!(recognises(&orders) && !is_analytics(&orders));
    }
}
