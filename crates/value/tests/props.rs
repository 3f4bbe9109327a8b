//! Properties of all values.

use std::collections::BTreeMap;

use proptest::prelude::*;
use value::convert::converted_type;
use value::function::{Function, NoWorld, call};
use value::json::{from_json, plain_json, to_json, to_json_text, type_from_json, type_to_json};
use value::ops::{self, same, same_with_marks};
use value::show::{brief, console, friendly_type, type_lines, type_name};
use value::walk::{mark_paths, rebuild, unmark_deep, visit};
use value::{Mark, Number, Path, Type, Value, convert, unify};

/// What stands in every text that is marked sensitive.
const SECRET: &str = "hunter2";

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::Dynamic),
        Just(Type::Bool),
        Just(Type::Number),
        Just(Type::String),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Type::tuple),
            prop::collection::btree_map("[a-c]", inner, 0..3).prop_map(Type::object),
        ]
    })
}

fn numbers() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-100i64..100).prop_map(Number::from),
        any::<f64>().prop_map(Number::from_f64),
        "-?[0-9]{1,30}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?"
            .prop_map(|it| Number::parse(&it).expect("a number")),
    ]
}

/// Known values without marks.
fn values() -> impl Strategy<Value = Value> {
    tree(
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            numbers().prop_map(Value::from),
            "\\PC{0,4}".prop_map(Value::from),
            "[0-9]{1,3}|true|false".prop_map(Value::from),
            types().prop_map(Value::null),
        ]
        .boxed(),
    )
}

/// Values of which parts may be unknown or marked.
fn wild() -> impl Strategy<Value = Value> {
    tree(
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-5i64..5).prop_map(Value::from),
            "[a-c]{0,2}|1|true".prop_map(Value::from),
            types().prop_map(Value::null),
            types().prop_map(Value::unknown),
            Just(Value::from(SECRET).mark(Mark::Sensitive)),
            (0i64..3).prop_map(|it| Value::from(it).mark(Mark::Ephemeral)),
        ]
        .boxed(),
    )
    .prop_flat_map(|it| (Just(it), any::<bool>()))
    .prop_map(|(it, marked)| if marked { it.mark(Mark::Ephemeral) } else { it })
}

fn tree(leaf: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    leaf.prop_recursive(3, 24, 4, |inner| {
        let some = || prop::collection::vec(inner.clone(), 0..4);
        let named = || prop::collection::btree_map("[a-d]", inner.clone(), 0..4);
        let collection = |ty: fn(Type) -> Type| {
            some().prop_map(move |values| {
                let tuple = Value::tuple(values);
                convert(&tuple, &ty(Type::Dynamic)).unwrap_or(tuple)
            })
        };
        prop_oneof![
            some().prop_map(Value::tuple),
            named().prop_map(Value::object),
            collection(Type::list),
            collection(Type::set),
            named().prop_map(|values| {
                let object = Value::object(values);
                convert(&object, &Type::map(Type::Dynamic)).unwrap_or(object)
            }),
        ]
    })
}

/// Whether objects are wanted somewhere: they drop attributes, with their marks.
fn has_objects(ty: &Type) -> bool {
    match ty {
        Type::Object(_) => true,
        Type::List(it) | Type::Set(it) | Type::Map(it) => has_objects(it),
        Type::Tuple(them) => them.iter().any(has_objects),
        Type::Dynamic | Type::Bool | Type::Number | Type::String => false,
    }
}

fn is_finite(value: &Value) -> bool {
    value::json::check(value).is_ok()
}

proptest! {
    #[test]
    fn a_value_converts_to_its_own_type(value in wild()) {
        let res = convert(&value, &value.ty());
        prop_assert!(same_with_marks(&res.expect("converts"), &value));
    }

    #[test]
    fn conversion_is_stable_and_keeps_marks(value in wild(), ty in types()) {
        if let Ok(res) = convert(&value, &ty) {
            let again = convert(&res, &ty).expect("converts again");
            prop_assert!(same_with_marks(&res, &again), "{res:?} {again:?}");
            if !ty.has_dynamic() {
                prop_assert_eq!(res.ty(), ty.clone());
            }
            prop_assert!(res.marks().union(value.marks()) == res.marks());
            if !has_objects(&ty) {
                prop_assert_eq!(res.deep_marks(), value.deep_marks());
            }
        }
    }

    #[test]
    fn conversion_by_type_agrees_with_conversion_by_value(value in values(), ty in types()) {
        let by_type = converted_type(&value.ty(), &ty);
        // The other way round only texts, and maps without an attribute, fail by value.
        if let Ok(res) = convert(&value, &ty) {
            let by_type = by_type.map_err(|it| it.reason);
            // Of what holds `any`, the value tells more than its type.
            if value.ty().has_dynamic() && by_type.as_ref().is_ok_and(Type::has_dynamic) {
                prop_assert!(convert(&res, &by_type.expect("is ok")).is_ok());
            } else {
                prop_assert_eq!(by_type, Ok(res.ty()));
            }
        }
        if let Ok(ty) = converted_type(&value.ty(), &ty) {
            prop_assert!(convert(&Value::unknown(value.ty()), &ty).is_ok());
        }
    }

    #[test]
    fn unified_types_take_all(types in prop::collection::vec(types(), 1..4)) {
        if let Some(unified) = unify(&types) {
            // Of what holds `any`, only the value tells whether it converts; who unifies says so then.
            let is_open = types.iter().any(Type::has_dynamic);
            for ty in types.iter().filter(|_| !is_open) {
                prop_assert!(converted_type(ty, &unified).is_ok(), "{ty:?} {unified:?}");
            }
        }
    }

    #[test]
    fn no_operation_drops_a_mark(left in wild(), right in wild()) {
        type Operation = fn(&Value, &Value) -> Result<Value, ops::OpError>;
        let all: [Operation; 14] = [
            |left, right| Ok(ops::equal(left, right)),
            |left, right| Ok(ops::not_equal(left, right)),
            |left, right| Ok(ops::has_index(left, right)),
            ops::add, ops::sub, ops::mul, ops::div, ops::modulo,
            ops::and, ops::or, ops::lt, ops::le, ops::gt, ops::index,
        ];
        let marks = left.marks().union(right.marks());
        for op in all {
            if let Ok(res) = op(&left, &right) {
                prop_assert_eq!(res.marks().union(marks), res.marks());
            }
        }
        let equal = ops::equal(&left, &right);
        prop_assert_eq!(equal.marks(), left.deep_marks().union(right.deep_marks()));
        for op in [ops::not, ops::negate, ops::length] {
            if let Ok(res) = op(&left) {
                prop_assert_eq!(res.marks(), left.marks());
            }
        }
    }

    #[test]
    fn equality_agrees_with_sameness(left in values(), right in values()) {
        prop_assert_eq!(ops::equal(&left, &left), Value::from(true));
        prop_assert!(same(&left, &left));
        if same(&left, &right) {
            prop_assert_eq!(ops::equal(&left, &right), Value::from(true));
        }
    }

    #[test]
    fn calls_keep_marks(value in wild()) {
        let function = Function::new("f", "")
            .takes([value::function::any("it").or_null()])
            .gives(Type::Bool)
            .body(|call| {
                assert!(call.arg(0).deep_marks().is_empty() && call.arg(0).is_known());
                Ok(true.into())
            });
        let res = call(&function, std::slice::from_ref(&value), &NoWorld);
        prop_assert_eq!(res.map(|it| it.marks()), Ok(value.deep_marks()));
    }

    #[test]
    fn marks_come_off_and_go_on(value in wild()) {
        let (plain, marks) = unmark_deep(&value);
        prop_assert!(plain.deep_marks().is_empty());
        prop_assert!(same(&plain, &value));
        prop_assert!(same_with_marks(&mark_paths(&plain, &marks), &value));
    }

    #[test]
    fn visits_tell_the_way(value in values()) {
        let mut wrong = None;
        visit(&value, &mut |path, it| {
            if !path.apply(&value).is_some_and(|found| same(&found, it)) {
                wrong = Some(path.clone());
            }
            let json = path.to_json();
            assert_eq!(Path::from_json(&json).map(|it| it.to_json()), Some(json));
            true
        });
        prop_assert_eq!(wrong, None);
        prop_assert!(same_with_marks(&rebuild(&value, &mut |_, it| it), &value));
    }

    #[test]
    fn secrets_are_not_shown(value in wild()) {
        prop_assert!(!console(&value).contains(SECRET));
        prop_assert!(!brief(&value).contains(SECRET));
    }

    #[test]
    fn state_json_reads_back(value in values()) {
        if is_finite(&value) {
            let ty = value.ty();
            let read = from_json(&to_json(&value, &ty), &ty).expect("a value");
            prop_assert!(same(&read, &value), "{read:?} {value:?}");
            let read = from_json(&to_json(&value, &Type::Dynamic), &Type::Dynamic).expect("a value");
            prop_assert!(same(&read, &value), "{read:?} {value:?}");
            let text: serde_json::Value = serde_json::from_str(&to_json_text(&value)).expect("JSON");
            prop_assert_eq!(text, plain_json(&value));
        }
    }

    #[test]
    fn type_json_reads_back(ty in types()) {
        prop_assert_eq!(type_from_json(&type_to_json(&ty)), Some(ty.clone()));
        // The other forms are for people only, and must not fail.
        let _ = (type_name(&ty), type_lines(&ty), friendly_type(&ty));
    }

    #[test]
    fn sets_do_not_depend_on_the_order_given(values in prop::collection::vec(values(), 0..6)) {
        let tuple = |values: Vec<Value>| convert(&Value::tuple(values), &Type::set(Type::Dynamic));
        let reversed: Vec<Value> = values.iter().rev().cloned().collect();
        if let (Ok(one), Ok(other)) = (tuple(values), tuple(reversed)) {
            prop_assert_eq!(plain_json(&one), plain_json(&other));
            prop_assert!(same(&one, &other));
        }
    }

    #[test]
    fn numbers_print_and_read(number in numbers()) {
        let text = number.to_string();
        let read = Number::parse(&text).expect("a number");
        prop_assert_eq!(read.to_string(), text.clone());
        prop_assert_eq!(read.with_precision(number.precision()), number.clone());
        prop_assert!(!text.contains('e'));
    }

    #[test]
    fn floating_point_stays(it in any::<f64>()) {
        prop_assume!(!it.is_nan());
        prop_assert_eq!(Number::from_f64(it).to_f64().to_bits(), it.to_bits());
    }

    #[test]
    fn whole_numbers_calculate_exactly(left in any::<i64>(), right in any::<i64>()) {
        let exact = |it: i128| Number::parse(&it.to_string());
        let (one, other) = (exact(left.into()).expect("one"), exact(right.into()).expect("other"));
        prop_assert_eq!(one.add(&other).ok(), exact(i128::from(left) + i128::from(right)));
        prop_assert_eq!(one.sub(&other).ok(), exact(i128::from(left) - i128::from(right)));
        prop_assert_eq!(one.mul(&other).ok(), exact(i128::from(left) * i128::from(right)));
        prop_assert_eq!(one.cmp(&other), left.cmp(&right));
        if right != 0 {
            prop_assert_eq!(
                one.modulo(&other).ok(),
                exact(i128::from(left) % i128::from(right))
            );
        }
    }

    #[test]
    fn arithmetic_keeps_its_laws(left in numbers(), right in numbers()) {
        prop_assert_eq!(left.add(&right), right.add(&left));
        prop_assert_eq!(left.mul(&right), right.mul(&left));
        prop_assert_eq!(left.cmp(&right), right.cmp(&left).reverse());
        prop_assert_eq!(left.sub(&left).map(|it| it.is_zero()).unwrap_or(true), true);
        let _ = (left.div(&right), left.modulo(&right));
        prop_assert!(left.floor() <= left && left <= left.ceil());
        let difference = left.to_f64().partial_cmp(&right.to_f64());
        if difference != Some(std::cmp::Ordering::Equal) {
            prop_assert_eq!(Some(left.cmp(&right)), difference);
        }
    }

    #[test]
    fn no_text_is_too_strange_for_a_number(text in "[-+0-9.eEpPinf]{0,12}|\\PC{0,6}") {
        if let Some(number) = Number::parse(&text)
            && number.to_f64().abs() < 1e200
            && (number.is_zero() || number.to_f64().abs() > 1e-200)
        {
            prop_assert!(Number::parse(&number.to_string()).is_some());
        }
    }
}

#[test]
fn values_can_be_nested_deeply() {
    let mut value = Value::from(1i64);
    let mut ty = Type::Number;
    for _ in 0..125 {
        value = Value::tuple(vec![Value::object(BTreeMap::from([("a", value)]))]);
        ty = Type::list(Type::map(ty));
    }
    let converted = convert(&value, &ty).expect("converts");
    assert_eq!(converted.ty(), ty);
    assert!(same(
        &convert(&value, &value.ty()).expect("converts"),
        &value
    ));
    assert!(!console(&converted).is_empty());
    assert_eq!(to_json_text(&value), to_json_text(&converted));
}
