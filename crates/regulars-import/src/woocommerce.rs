use std::io::Read;

use crate::mapping::{Mapping, bare};
use crate::table::Table;

/// What WooCommerce writes as the customer of a guest's order.
pub(crate) const GUEST: &str = "0";

/// Whether a header is that of an order export of WooCommerce, by names that only it uses.
pub(crate) fn recognises(header: &[String]) -> bool {
    let has = |name: &str| header.iter().any(|column| bare(column) == name);
    has("customeruser") || has("billingemail") || (has("datecreated") && has("customerid"))
}

/// Whether a file is the CSV of WooCommerce's Analytics → Orders:
///
/// ```text
/// Date, Order #, Status, Customer, Customer type, Product(s), Items sold, Coupon(s), N. Revenue, Attribution
/// ```
///
/// Its header is in the language of the shop, its customer types are the same words in all of them. They tell it apart
/// where the header does not, unless another column says who ordered.
pub(crate) fn is_analytics<R: Read>(table: &mut Table<R>) -> bool {
    const CUSTOMER_TYPE: usize = 4;
    let header = table.header();
    // Older versions have no attribution.
    if !(9..=10).contains(&header.len()) {
        return false;
    }
    let guess = Mapping::guess(header);
    let names_only =
        guess.customer.is_none_or(|column| ["customer", "client", "kunde"].contains(&bare(&column).as_str()));
    if guess.email.is_some() || !names_only {
        return false;
    }
    let kind = header.get(CUSTOMER_TYPE).map(|column| bare(column)).unwrap_or_default();
    ["customertype", "typedeclient", "kundentyp"].contains(&kind.as_str())
        || matches!(table.peek(CUSTOMER_TYPE), "new" | "returning")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[track_caller]
    fn is(file: &str, analytics: bool) {
        let mut table = Table::open(file.as_bytes()).unwrap();
        assert_eq!(is_analytics(&mut table), analytics, "{file}");
        // What was looked at is still there to be read.
        assert_eq!(table.advance().unwrap(), file.contains('\n'), "{file}");
    }

    #[test]
    fn analytics_are_told_from_orders() {
        is(
            "Date,Order #,Status,Customer,Customer type,Product(s),Items sold,Coupon(s),N. Revenue,Attribution",
            true,
        );
        is(
            "Date,Commande n°,État,Client,Type de client,Produit(s),Articles vendus,Code(s) promo,Ventes nettes",
            true,
        );
        is("a,b,c,d,e,f,g,h,i,j\n1,2,3,4,returning,6,7,8,9,10", true);
        is("a,b,c,d,e,f,g,h,i,j\n1,2,3,4,5,6,7,8,9,10", false);
        is("a,email,c,d,e,f,g,h,i,j\n1,2,3,4,returning,6,7,8,9,10", false);
        is("a,customer_id,c,d,e,f,g,h,i,j\n1,2,3,4,new,6,7,8,9,10", false);
        is("a,b,c,d,e\n1,2,3,4,new", false);
    }

    #[test]
    fn order_exports_are_recognised() {
        assert!(recognises(&header("order_id,order_date,status,customer_user,order_total")));
        assert!(recognises(&header("id,date_created,customer_id,total")));
        assert!(!recognises(&header("order_id,date,customer_id,total")));
    }
}
