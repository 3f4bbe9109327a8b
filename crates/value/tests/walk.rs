//! Visiting, rebuilding and marking.

use value::ops::same_with_marks;
use value::walk::{mark_paths, rebuild, unmark_deep, visit};
use value::{Mark, Marks, Path, Step, Type, Value};

use crate::text::value;

fn paths(of: &Value) -> Vec<String> {
    let mut res = Vec::new();
    visit(of, &mut |path, _| {
        res.push(path.to_string());
        true
    });
    res
}

#[test]
fn visits_go_from_the_outside_in() {
    let all = value("{a = [1, tomap({k = true})], b = toset([\"x\"]), c = null}");
    assert_eq!(
        paths(&all),
        [
            "",
            ".a",
            ".a[0]",
            ".a[1]",
            ".a[1][\"k\"]",
            ".b",
            ".b[\"x\"]",
            ".c"
        ]
    );
    let mut seen = 0;
    visit(&all, &mut |path, _| {
        seen += 1;
        path.0.is_empty()
    });
    assert_eq!(seen, 4, "nothing inside of what is not gone into");
}

#[test]
fn rebuilding_goes_from_the_inside_out() {
    let mut order = Vec::new();
    let res = rebuild(&value("{a = [1, 2]}"), &mut |path, it| {
        order.push(path.to_string());
        match it.as_number() {
            Some(_) => Value::from("n"),
            None => it,
        }
    });
    assert_eq!(order, [".a[0]", ".a[1]", ".a", ""]);
    assert_eq!(res, value("{a = [\"n\", \"n\"]}"));
}

#[test]
fn collections_follow_their_elements() {
    for (before, after) in [
        ("tolist([1, 2])", "list(string)"),
        ("toset([1, 2])", "set(string)"),
        ("tomap({a = 1})", "map(string)"),
        ("empty(list(number))", "list(number)"),
        ("tolist([[1], [2]])", "list(tuple([string]))"),
    ] {
        let res = rebuild(&value(before), &mut |_, it| match it.as_number() {
            Some(number) => Value::from(number.to_string()),
            None => it,
        });
        assert_eq!(value::show::type_name(&res.ty()), after, "{before}");
    }
    // Elements that fall together leave one.
    let one = rebuild(&value("toset([1, 2])"), &mut |_, it| match it.as_number() {
        Some(_) => Value::from(0i64),
        None => it,
    });
    assert_eq!(one, value("toset([0])"));
}

#[test]
fn marks_are_kept_by_rebuilding() {
    let all = value("{a = sensitive([sensitive(1)]), b = [sensitive(\"x\")]}");
    assert!(same_with_marks(&rebuild(&all, &mut |_, it| it), &all));
}

#[test]
fn marks_and_where_they_were() {
    let all = value("{a = sensitive([sensitive(1)]), b = tomap({k = sensitive(\"x\")})}");
    let (plain, marks) = unmark_deep(&all);
    assert!(plain.deep_marks().is_empty());
    let shown: Vec<String> = marks.iter().map(|it| it.0.to_string()).collect();
    assert_eq!(shown, [".a", ".a[0]", ".b[\"k\"]"]);
    assert!(same_with_marks(&mark_paths(&plain, &marks), &all));
}

#[test]
fn marking() {
    let plain =
        value("{a = [1, 2], b = tomap({k = 1}), c = toset([{d = 1}]), e = null, f = unknown}");
    let sensitive = |path: Path| vec![(path, Marks::SENSITIVE)];
    for (path, expected) in [
        (Path::root(), vec![""]),
        (Path::attr_of("a").at(1), vec![".a[1]"]),
        (Path::attr_of("b").index("k"), vec![".b[\"k\"]"]),
        (Path::attr_of("b").attr("k"), vec![".b[\"k\"]"]),
        // Into a set, whatever the element.
        (
            Path::attr_of("c").index(value("{d = 1}")).attr("d"),
            vec![".c"],
        ),
        // Nowhere.
        (Path::attr_of("a").at(2), vec![]),
        (Path::attr_of("x"), vec![]),
        (Path::attr_of("e").attr("x"), vec![]),
        (Path::attr_of("f").attr("x"), vec![]),
        (Path::attr_of("a").attr("x"), vec![]),
        (Path(vec![Step::Index(Value::from(-1i64))]), vec![]),
    ] {
        let marked = mark_paths(&plain, &sensitive(path.clone()));
        let found: Vec<String> = unmark_deep(&marked)
            .1
            .iter()
            .map(|it| it.0.to_string())
            .collect();
        assert_eq!(found, expected, "{path}");
    }
    let twice = mark_paths(
        &plain,
        &[
            (Path::attr_of("a"), Marks::SENSITIVE),
            (Path::attr_of("a"), Marks::EPHEMERAL),
        ],
    );
    let marks = twice.get("a").map(|it| it.marks());
    assert_eq!(marks, Some(Marks::SENSITIVE.with(Mark::Ephemeral)));
}

#[test]
fn a_set_takes_over_the_marks_of_its_elements() {
    let set = Value::set(
        Type::String,
        vec![Value::from("a").mark(Mark::Sensitive), "b".into()],
    );
    assert_eq!(set.marks(), Marks::SENSITIVE);
    assert!(
        set.elements()
            .is_some_and(|it| it.iter().all(|it| it.marks().is_empty()))
    );
}
