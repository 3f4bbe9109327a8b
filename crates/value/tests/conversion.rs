//! The tables of `docs/values.md`, row by row.

use value::show::{console, type_name};
use value::{Value, convert, unify};

use crate::text::{rows, ty, types, value};

/// What the console prints, on one line.
fn one_line(value: &Value) -> String {
    let mut res = String::new();
    for line in console(value).lines().map(str::trim) {
        let closes = line.starts_with([']', '}']);
        let opens = res.is_empty() || res.ends_with(['[', '{', '(']);
        if !opens && !closes {
            if !res.ends_with(',') {
                res.push(',');
            }
            res.push(' ');
        } else if closes && res.ends_with(',') {
            res.pop();
        }
        res.push_str(line);
    }
    res
}

fn converted(from: &str, to: &str) -> (String, String) {
    match convert(&value(from), &ty(to)) {
        Ok(it) => (one_line(&it), type_name(&it.ty())),
        Err(it) => ("error".to_owned(), it.to_string()),
    }
}

#[test]
fn conversions() {
    for row in rows("Conversion") {
        let (result, ty) = converted(&row[0], &row[1]);
        assert_eq!(
            [result.as_str(), ty.as_str()],
            [row[2].as_str(), &row[3]],
            "{row:?}"
        );
    }
}

#[test]
fn conversions_are_stable() {
    for row in rows("Conversion") {
        let to = ty(&row[1]);
        if let Ok(once) = convert(&value(&row[0]), &to) {
            let again = convert(&once, &to).expect("a converted value converts");
            assert!(value::ops::same_with_marks(&once, &again), "{row:?}");
            if !to.has_dynamic() {
                assert_eq!(once.ty(), to.without_optional(), "{row:?}");
            }
        }
    }
}

#[test]
fn unification() {
    for row in rows("Unification") {
        let res = unify(&types(&row[0])).map_or_else(|| "none".to_owned(), |it| type_name(&it));
        assert_eq!(res, row[1], "{row:?}");
    }
}

#[test]
fn unified_types_take_all() {
    for row in rows("Unification") {
        let types = types(&row[0]);
        if let Some(unified) = unify(&types) {
            // Of what holds `any`, only the value tells whether it converts; who unifies says so then.
            let is_open = row[0].contains("any");
            for ty in types.iter().filter(|_| !is_open) {
                assert!(
                    value::convert::converted_type(ty, &unified).is_ok(),
                    "{row:?}"
                );
            }
            let reversed: Vec<_> = types.iter().rev().cloned().collect();
            assert_eq!(unify(&reversed), Some(unified), "{row:?}");
        }
    }
}

#[test]
fn long_lists_unify_as_short_ones() {
    let mixed = |text: &str| -> Vec<value::Type> {
        let types = types(text);
        types
            .iter()
            .cycle()
            .take(types.len() * 1000)
            .cloned()
            .collect()
    };
    for row in rows("Unification") {
        let res = unify(&mixed(&row[0])).map_or_else(|| "none".to_owned(), |it| type_name(&it));
        assert_eq!(res, row[1], "{row:?}");
    }
}
