//! Functions of numbers.

use value::function::{Call, CallError, Function, any, number};
use value::{Number, Plain, Type, Value, convert};

use super::whole_of;

/// How many numbers `range` gives at most.
const MAX_RANGE: usize = 1024;

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new("abs", "Gives a number without its sign.")
            .takes([number("num")])
            .gives(Type::Number)
            .not_null()
            .body(|call| Ok(call.number(0).abs().into()))
            .example("abs(-12.5)", "12.5"),
        Function::new("ceil", "Rounds a number up to a whole one.")
            .takes([number("num")])
            .gives(Type::Number)
            .not_null()
            .body(|call| Ok(call.number(0).ceil().into()))
            .example("ceil(5.1)", "6"),
        Function::new("floor", "Rounds a number down to a whole one.")
            .takes([number("num")])
            .gives(Type::Number)
            .not_null()
            .body(|call| Ok(call.number(0).floor().into()))
            .example("floor(4.9)", "4"),
        Function::new("log", "Gives the logarithm of a number to a base.")
            .takes([number("num"), number("base")])
            .gives(Type::Number)
            .not_null()
            .body(|call| real(log(call.number(0).to_f64()) / log(call.number(1).to_f64())))
            .example("log(16, 2)", "4"),
        Function::new("pow", "Raises a number to a power.")
            .takes([number("num"), number("power")])
            .gives(Type::Number)
            .not_null()
            .body(|call| real(pow(call.number(0).to_f64(), call.number(1).to_f64())))
            .example("pow(3, 2)", "9"),
        Function::new("max", "Gives the largest of the numbers.")
            .takes([])
            .takes_more(number("numbers"))
            .gives(Type::Number)
            .not_null()
            .body(|call| best(call, |it, best| it > best))
            .example("max(12, 54, 3)", "54"),
        Function::new("min", "Gives the smallest of the numbers.")
            .takes([])
            .takes_more(number("numbers"))
            .gives(Type::Number)
            .not_null()
            .body(|call| best(call, |it, best| it < best))
            .example("min(12, 54, 3)", "3"),
        Function::new(
            "signum",
            "Gives -1 for a negative whole number, 0 for zero, 1 for a positive one.",
        )
        .takes([number("num")])
        .gives(Type::Number)
        .not_null()
        .body(|call| {
            let it = whole_of(&call.arg(0), "the number").map_err(CallError::new)?;
            Ok(it.signum().into())
        })
        .example("signum(-13)", "-1"),
        Function::new(
            "parseint",
            "Reads a string as a whole number in a base from 2 to 62.",
        )
        .takes([any("number"), number("base")])
        .gives_by(|args| match args.first().map(Value::ty) {
            Some(Type::String) | None => Ok(Type::Number),
            Some(_) => Err(CallError::at(0, "a string is required")),
        })
        .not_null()
        .body(|call| {
            let base = whole_of(&call.arg(1), "the base").map_err(|it| CallError::at(1, it))?;
            let Some(base) = u32::try_from(base).ok().filter(|it| (2..=62).contains(it)) else {
                return Err(CallError::at(1, "the base must be between 2 and 62"));
            };
            parse_int(call.text(0), base)
                .map(Value::from)
                .ok_or_else(|| CallError::at(0, format!("it is not a whole number in base {base}")))
        })
        .example(r#"parseint("FF", 16)"#, "255"),
        Function::new(
            "sum",
            "Gives the sum of the numbers of a list, set or tuple.",
        )
        .takes([any("list")])
        .gives(Type::Number)
        .not_null()
        .body(sum)
        .example("sum([10, 13, 6, 4.5])", "33.5"),
        Function::new(
            "range",
            "Gives the numbers from a start to before an end, by a step.",
        )
        .takes([])
        .takes_more(number("params"))
        .gives(Type::list(Type::Number))
        .not_null()
        .body(range)
        .example("range(3)", "tolist([\n  0,\n  1,\n  2,\n])")
        .example("range(1, 8, 3)", "tolist([\n  1,\n  4,\n  7,\n])"),
    ]
}

fn real(it: f64) -> Result<Value, CallError> {
    if it.is_nan() {
        return Err(CallError::new("the result is not a number"));
    }
    Ok(Number::from_f64(it).into())
}

fn best(call: &Call<'_>, better: fn(&Number, &Number) -> bool) -> Result<Value, CallError> {
    let mut numbers = call.args.iter().filter_map(Value::as_number);
    let mut res = numbers
        .next()
        .ok_or_else(|| CallError::new("at least one number is needed"))?;
    for it in numbers {
        if better(it, res) {
            res = it;
        }
    }
    Ok(res.clone().into())
}

fn sum(call: &Call<'_>) -> Result<Value, CallError> {
    let bad = |why: &str| CallError::at(0, why);
    let list = call.arg(0);
    let Some(values) = list.elements() else {
        return Err(bad("a list, set or tuple of numbers is required"));
    };
    if values.is_empty() {
        return Err(bad("there is nothing to add up: it is empty"));
    }
    if !call.wholly_known() {
        return Ok(call.unknown());
    }
    let mut res: Option<Number> = None;
    for it in values {
        let it = convert(it, &Type::Number).map_err(|_| bad("all elements must be numbers"))?;
        let (Plain::Number(it), _) = it.split() else {
            return Err(bad("all elements must be numbers, and one is null"));
        };
        res = Some(match res {
            None => it,
            Some(sum) => sum
                .add(&it)
                .map_err(|_| CallError::new("opposite infinities have no sum"))?,
        });
    }
    Ok(res.unwrap_or_else(|| Number::from(0_i64)).into())
}

fn range(call: &Call<'_>) -> Result<Value, CallError> {
    let n = |at| call.number(at);
    let one = |negative: bool| Number::from(if negative { -1_i64 } else { 1 });
    let (start, end, step) = match call.count() {
        1 => {
            let zero = Number::from(0_i64);
            let down = n(0) < zero;
            (zero, n(0), one(down))
        }
        2 => (n(0), n(1), one(n(1) < n(0))),
        3 => (n(0), n(1), n(2)),
        _ => return Err(CallError::new("one, two or three numbers are needed")),
    };
    let down = step.is_negative() && !step.is_zero();
    if down && end > start {
        return Err(CallError::at(
            1,
            "with a negative step the end must not be greater than the start",
        ));
    }
    if !down && end < start {
        return Err(CallError::at(
            1,
            "with a positive step the end must not be less than the start",
        ));
    }
    let mut res = Vec::new();
    let mut here = start;
    while if down { here > end } else { here < end } {
        if res.len() >= MAX_RANGE {
            return Err(CallError::new(format!(
                "the range has more than {MAX_RANGE} numbers; bring start and end closer together or use a larger step"
            )));
        }
        let next = here
            .add(&step)
            .map_err(|_| CallError::new("the range is infinite"))?;
        res.push(Value::from(here));
        here = next;
    }
    Ok(Value::list(Type::Number, res))
}

fn parse_int(text: &str, base: u32) -> Option<Number> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let values: Vec<u8> = digits
        .bytes()
        .map(|it| {
            let value = match it {
                b'0'..=b'9' => it - b'0',
                b'a'..=b'z' => it - b'a' + 10,
                b'A'..=b'Z' if base <= 36 => it - b'A' + 10,
                b'A'..=b'Z' => it - b'A' + 36,
                _ => return None,
            };
            (u32::from(value) < base).then_some(value)
        })
        .collect::<Option<_>>()?;
    let sign = if negative {
        num_bigint::Sign::Minus
    } else {
        num_bigint::Sign::Plus
    };
    let it = num_bigint::BigInt::from_radix_be(sign, &values, base)?;
    Some(Number::from_bigint(&it))
}

/// The natural logarithm as Go computes it, after FreeBSD: its last bit is not always the nearest.
fn log(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    if x.is_nan() || x <= 0.0 || x.is_infinite() {
        return x.ln();
    }
    let (mut mantissa, mut exponent) = split(x);
    if mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        exponent -= 1;
    }
    let f = mantissa - 1.0;
    let k = exponent as f64;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2
        * (6.666_666_666_666_735e-1
            + s4 * (2.857_142_874_366_239e-1
                + s4 * (1.818_357_216_161_805e-1 + s4 * 1.479_819_860_511_658_6e-1)));
    let even = s4
        * (3.999_999_999_940_942e-1
            + s4 * (2.222_219_843_214_978_4e-1 + s4 * 1.531_383_769_920_937_3e-1));
    let half = 0.5 * f * f;
    k * LN2_HIGH - ((half - (s * (half + odd + even) + k * LN2_LOW)) - f)
}

/// The power as Go computes it: by squaring on mantissa and exponent apart. With a fraction in the exponent the last
/// digit can differ from the reference's, whose exponential is its own.
#[expect(clippy::float_cmp, reason = "the special cases are exact numbers")]
fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if y == 1.0 {
        return x;
    }
    if x == 0.0 || y.is_infinite() || x.is_infinite() {
        return x.powf(y);
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let (mut whole, mut fraction) = (y.abs().trunc(), y.abs().fract());
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= 9.223_372_036_854_776e18 {
        return if x == -1.0 {
            1.0
        } else if (x.abs() < 1.0) == (y > 0.0) {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let (mut res, mut res_exponent) = (1.0_f64, 0_i64);
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        res = (fraction * log(x)).exp();
    }
    let (mut base, mut exponent) = split(x);
    let mut left = whole as u64;
    while left != 0 {
        if !(-4096..=4096).contains(&exponent) {
            res_exponent += exponent;
            break;
        }
        if left & 1 == 1 {
            res *= base;
            res_exponent += exponent;
        }
        base *= base;
        exponent <<= 1;
        if base < 0.5 {
            base += base;
            exponent -= 1;
        }
        left >>= 1;
    }
    if y < 0.0 {
        res = 1.0 / res;
        res_exponent = -res_exponent;
    }
    scaled(res, res_exponent)
}

/// The mantissa from 0.5 to 1, and the exponent of two.
fn split(x: f64) -> (f64, i64) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE {
        (x * 4_503_599_627_370_496.0, -52)
    } else {
        (x, 0)
    };
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as i64 - 1022;
    let mantissa = f64::from_bits((bits & !(0x7FF << 52)) | (1022 << 52));
    (mantissa, exponent + shift)
}

/// `x · 2^exponent`, rounded once.
fn scaled(x: f64, exponent: i64) -> f64 {
    let (mantissa, own) = split(x);
    if mantissa == 0.0 || !mantissa.is_finite() {
        return mantissa;
    }
    let exponent = own.saturating_add(exponent);
    if exponent > 1024 {
        return f64::INFINITY.copysign(mantissa);
    }
    if exponent < -1080 {
        return 0.0_f64.copysign(mantissa);
    }
    let two = |it: i64| f64::from_bits(((it + 1023) as u64) << 52);
    if exponent > 0 {
        // 2^1024 is not a float, so that the doubling comes last.
        return mantissa * two(exponent - 1) * 2.0;
    }
    if exponent >= -1021 {
        return mantissa * two(exponent);
    }
    mantissa * two(-1021) * two(exponent + 1021)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "results are exact")]
mod tests {
    use super::*;

    #[test]
    fn powers() {
        assert_eq!(pow(2.0, 200.0), 2f64.powi(200));
        assert_eq!(pow(2.0, 0.5), 2f64.sqrt());
        assert_eq!(pow(1.1, 3.0), 1.331_000_000_000_000_4);
        assert_eq!(pow(10.0, 25.0), 1e25);
        assert_eq!(pow(2.0, 5000.0), f64::INFINITY);
        assert_eq!(pow(2.0, -5000.0), 0.0);
        assert_eq!(pow(2.0, -1074.0), f64::from_bits(1));
        assert_eq!(pow(-2.0, 3.0), -8.0);
        assert!(pow(-2.0, 0.3).is_nan());
        assert_eq!(pow(2.0, 1023.0), 2f64.powi(1023));
    }

    #[test]
    fn bases() {
        let check = |text, base, expected: Option<&str>| {
            let res = parse_int(text, base).map(|it| it.to_string());
            assert_eq!(res.as_deref(), expected, "{text}");
        };
        check("ff", 16, Some("255"));
        check("aA", 62, Some("656"));
        check("-7F", 16, Some("-127"));
        check("", 10, None);
        check("-", 10, None);
        check("1_0", 10, None);
        check("é", 36, None);
    }
}
