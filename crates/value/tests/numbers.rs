//! Numbers, checked against 2,200 expressions that the reference has calculated.

use value::Number;

const EXPRESSIONS: &str = include_str!("../../../testdata/value/numbers.txt");
const TEXTS: &str = include_str!("../../../testdata/value/texts.txt");

fn cases(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" => "))
}

#[test]
fn expressions() {
    let wrong: Vec<String> = cases(EXPRESSIONS)
        .filter_map(|(expression, expected)| {
            let found = Reader(expression.as_bytes(), 0)
                .sum()
                .map_or_else(|| "error".to_owned(), |it| it.to_string());
            (found != expected)
                .then(|| format!("{expression}\n   expected {expected}\n   found    {found}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{}\n{} wrong",
        wrong.join("\n"),
        wrong.len()
    );
}

#[test]
fn texts() {
    for (text, expected) in cases(TEXTS) {
        let found = Number::parse(text).map_or_else(|| "error".to_owned(), |it| it.to_string());
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn printed_numbers_read_back() {
    for (_, text) in cases(EXPRESSIONS).filter(|it| it.1 != "error") {
        let number = Number::parse(text).expect("a number");
        assert_eq!(number.to_string(), text);
        if let Some(json) = number.to_json() {
            assert_eq!(json.as_str(), text);
        } else {
            assert!(number.is_infinite());
        }
    }
}

#[test]
fn enormous_numbers() {
    for (text, readable) in [
        ("1e1000000", true),
        ("1e-1000000", true),
        ("1e2000000", false),
        ("-1e-2000000", false),
        ("0e2000000", true),
        // Infinite and zero.
        ("1e1000000000", true),
        ("1e-1000000000", true),
    ] {
        assert_eq!(Number::parse(text).is_some(), readable, "{text}");
    }
}

#[test]
fn whole_numbers() {
    for (text, i64, u64) in [
        ("0", Some(0), Some(0)),
        ("-0", Some(0), Some(0)),
        ("7", Some(7), Some(7)),
        ("-7", Some(-7), None),
        ("0.5", None, None),
        ("1e3", Some(1000), Some(1000)),
        ("9223372036854775807", Some(i64::MAX), Some(i64::MAX as u64)),
        ("-9223372036854775808", Some(i64::MIN), None),
        ("9223372036854775808", None, Some(1 << 63)),
        ("18446744073709551615", None, Some(u64::MAX)),
        ("18446744073709551616", None, None),
        ("inf", None, None),
    ] {
        let number = Number::parse(text).expect(text);
        assert_eq!((number.to_i64(), number.to_u64()), (i64, u64), "{text}");
    }
}

#[test]
fn floating_point_and_back() {
    for it in [
        0.0,
        1.0,
        -1.5,
        0.1,
        1e300,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        2.5e-310,
        f64::INFINITY,
        f64::NEG_INFINITY,
        123_456_789.125,
        9_007_199_254_740_993.0,
    ] {
        assert_eq!(
            Number::from_f64(it).to_f64().to_bits(),
            it.to_bits(),
            "{it}"
        );
    }
    assert_eq!(Number::from_f64(-0.0).to_string(), "-0");
    assert_eq!(Number::from_f64(f64::NAN).to_string(), "0");
    // Halfway cases, overflow and underflow go to the nearest.
    for (text, expected) in [
        ("9007199254740993", 9_007_199_254_740_992.0),
        ("9007199254740995", 9_007_199_254_740_996.0),
        ("1e400", f64::INFINITY),
        ("-1e400", f64::NEG_INFINITY),
        ("1e-400", 0.0),
        ("2e-324", 0.0),
        ("3e-324", 5e-324),
    ] {
        let found = Number::parse(text).expect(text).to_f64();
        assert_eq!(found.to_bits(), f64::to_bits(expected), "{text}");
    }
}

#[test]
fn equal_if_printed_equal() {
    let number = |text: &str| Number::parse(text).expect(text);
    let float = Number::from_f64;
    for (left, right, equal, greater) in [
        (float(0.1), number("0.1"), true, true),
        (
            float(2.0_f64.sqrt()),
            number("1.4142135623730951"),
            true,
            true,
        ),
        (
            float(0.1),
            number("0.1000000000000000055511151231257827021181583404541015625"),
            false,
            false,
        ),
        (number("0"), number("-0"), true, false),
        (float(1e17), number("100000000000000000"), true, false),
        (
            float(69_210_906_192_975_832.0),
            number("69210906192975830"),
            true,
            true,
        ),
        (
            float(69_210_906_192_975_832.0),
            number("69210906192975832"),
            false,
            false,
        ),
        (number("inf"), number("1e400"), false, true),
        (number("-1.5"), number("-1.5"), true, false),
    ] {
        assert_eq!(left == right, equal, "{left} {right}");
        assert_eq!(left.cmp(&right).is_eq(), equal, "{left} {right}");
        assert_eq!(
            right.cmp(&left),
            left.cmp(&right).reverse(),
            "{left} {right}"
        );
        assert_eq!(left.compare(&right).is_gt(), greater, "{left} {right}");
    }
}

/// A reader of the expressions in the table.
struct Reader<'a>(&'a [u8], usize);

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        while self.0.get(self.1) == Some(&b' ') {
            self.1 += 1;
        }
        self.0.get(self.1).copied()
    }

    fn takes(&mut self, what: u8) -> bool {
        let there = self.next() == Some(what);
        self.1 += usize::from(there);
        there
    }

    fn sum(&mut self) -> Option<Number> {
        let mut res = self.product();
        loop {
            if self.takes(b'+') {
                let right = self.product();
                res = res.and_then(|it| it.add(&right?).ok());
            } else if self.takes(b'-') {
                let right = self.product();
                res = res.and_then(|it| it.sub(&right?).ok());
            } else {
                return res;
            }
        }
    }

    fn product(&mut self) -> Option<Number> {
        let mut res = self.operand();
        loop {
            if self.takes(b'*') {
                let right = self.operand();
                res = res.and_then(|it| it.mul(&right?).ok());
            } else if self.takes(b'/') {
                let right = self.operand();
                res = res.and_then(|it| it.div(&right?).ok());
            } else if self.takes(b'%') {
                let right = self.operand();
                res = res.and_then(|it| it.modulo(&right?).ok());
            } else {
                return res;
            }
        }
    }

    fn operand(&mut self) -> Option<Number> {
        if self.takes(b'-') {
            return self.operand().map(|it| it.neg());
        }
        if self.takes(b'(') {
            let res = self.sum();
            assert!(self.takes(b')'));
            return res;
        }
        self.next();
        let from = self.1;
        while self.1 < self.0.len()
            && (self.0[self.1].is_ascii_alphanumeric()
                || self.0[self.1] == b'.'
                || self.0[self.1] == b'-' && self.0[self.1 - 1] == b'e')
        {
            self.1 += 1;
        }
        let word = std::str::from_utf8(&self.0[from..self.1]).expect("ASCII");
        if word.starts_with(|it: char| it.is_ascii_digit()) {
            return Number::parse(word);
        }
        let inner = self.operand()?;
        Some(match word {
            "floor" => inner.floor(),
            "ceil" => inner.ceil(),
            "count" => Number::from(inner.to_i64().expect("a count")),
            "float" => Number::from_f64(inner.to_f64()),
            _ => panic!("unknown function {word}"),
        })
    }
}
