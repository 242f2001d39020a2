use js_sys::{Array, BigInt64Array, Float64Array, Int32Array, Uint8Array, Uint32Array};
use regulars::{Column, Values};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::thrown;

/// The result of a call.
#[wasm_bindgen]
pub struct Outcome(regulars_calls::Outcome);

impl Outcome {
    pub(crate) fn of(outcome: regulars_calls::Outcome) -> Outcome {
        Outcome(outcome)
    }

    pub(crate) fn inner(&self) -> &regulars_calls::Outcome {
        &self.0
    }
}

#[wasm_bindgen]
impl Outcome {
    pub fn json(&self) -> String {
        self.0.to_json()
    }

    /// Its columns, where it is a table: each a list of name, kind, cells, lengths of texts, validity.
    pub fn columns(&self) -> Option<Array> {
        let columns = self.0.table()?.columns().into_iter().flat_map(Column::plain);
        Some(columns.map(|column| exported(&column)).collect())
    }

    pub fn call(&self, name: &str, arguments: &str) -> Result<Outcome, JsValue> {
        self.0.call(name, arguments).map(Outcome).map_err(thrown)
    }
}

fn exported(column: &Column<'_>) -> Array {
    let bits = |bits: &[bool]| -> JsValue {
        Uint8Array::from(bits.iter().map(|&bit| u8::from(bit)).collect::<Vec<_>>().as_slice()).into()
    };
    let mut lengths = JsValue::NULL;
    // Numbers of which some are missing are floats, where NaN says so, and so are counts: 2⁵³ of them will do.
    let floats = |cells: &mut dyn Iterator<Item = f64>| -> JsValue {
        let mut cells: Vec<f64> = cells.collect();
        for (cell, there) in cells.iter_mut().zip(column.validity.iter().flatten()) {
            if !there {
                *cell = f64::NAN;
            }
        }
        Float64Array::from(cells.as_slice()).into()
    };
    let (kind, cells): (&str, JsValue) = match &column.values {
        Values::F64(cells) => ("number", floats(&mut cells.iter().copied())),
        Values::I64(cells) if column.validity.is_none() && column.name.ends_with("_minor") => {
            ("minor", BigInt64Array::from(cells.as_ref()).into())
        }
        Values::I64(cells) => ("number", floats(&mut cells.iter().map(|&cell| cell as f64))),
        Values::U32(cells) if column.validity.is_none() => {
            ("number", Uint32Array::from(cells.as_ref()).into())
        }
        Values::U32(cells) => ("number", floats(&mut cells.iter().map(|&cell| f64::from(cell)))),
        Values::Bool(cells) => ("boolean", bits(cells)),
        Values::Date(cells) => {
            let mut days = cells.to_vec();
            for (day, there) in days.iter_mut().zip(column.validity.iter().flatten()) {
                if !there {
                    // No day of any calendar.
                    *day = i32::MIN;
                }
            }
            ("date", Int32Array::from(days.as_slice()).into())
        }
        Values::Text(cells) => {
            // One text that JavaScript cuts up: strings that cross the boundary one by one take five times as long.
            let units = |cell: &str| u32::try_from(cell.encode_utf16().count()).unwrap_or(u32::MAX);
            let units: Vec<u32> = cells.iter().map(|cell| units(cell)).collect();
            lengths = Uint32Array::from(units.as_slice()).into();
            ("text", JsValue::from_str(&cells.concat()))
        }
        _ => ("unknown", JsValue::NULL),
    };
    let validity = column.validity.as_deref().map_or(JsValue::NULL, bits);
    Array::of5(&JsValue::from_str(&column.name), &JsValue::from_str(kind), &cells, &lengths, &validity)
}
