//! The verbs of `format`: `%s`, `%d`, `%08.3f` and their like.

use num_bigint::BigInt;
use value::{Number, Plain, Type, Value, convert, json};

use super::graphemes;

/// Wider results are refused: a mistake, not a text.
const MAX_WIDTH: usize = 1 << 20;
/// Numbers with more digits than this before the point are refused where digits are written out.
const MAX_DIGITS: i64 = 1 << 20;

/// Why a text cannot be formatted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FormatError {
    /// Which of the values is to blame, from 0.
    pub(crate) value: Option<usize>,
    /// Why.
    pub(crate) reason: String,
}

fn error<T>(reason: impl Into<String>) -> Result<T, FormatError> {
    Err(FormatError {
        value: None,
        reason: reason.into(),
    })
}

/// A verb with its flags.
#[derive(Debug, Default)]
struct Verb {
    sharp: bool,
    zero: bool,
    minus: bool,
    plus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
    mode: char,
    /// Which value, from 0.
    value: usize,
    /// As it is written, for messages.
    raw: String,
}

enum Piece {
    Text(String),
    Verb(Verb),
}

/// A parsed format, to be used for many rows of values.
pub(crate) struct Format {
    pieces: Vec<Piece>,
    /// How many values it needs.
    used: usize,
}

impl Format {
    /// Parses a format; positions of values are counted through.
    pub(crate) fn parse(text: &str) -> Result<Format, FormatError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        let (mut next, mut used) = (0, 0);
        while let Some((before, after)) = rest.split_once('%') {
            pieces.push(Piece::Text(before.to_owned()));
            if let Some(after) = after.strip_prefix('%') {
                pieces.push(Piece::Text("%".to_owned()));
                rest = after;
                continue;
            }
            let offset = text.len() - after.len() - 1;
            let (verb, after) = verb(after, next, offset)?;
            next = verb.value + 1;
            used = used.max(next);
            pieces.push(Piece::Verb(verb));
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Format { pieces, used })
    }

    /// The text for known values.
    pub(crate) fn apply(&self, values: &[Value]) -> Result<String, FormatError> {
        let mut res = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(it) => res.push_str(it),
                Piece::Verb(verb) => {
                    let Some(value) = values.get(verb.value) else {
                        return error(format!(
                            "{} needs {} values after the format, and there are {}",
                            verb.raw,
                            verb.value + 1,
                            values.len()
                        ));
                    };
                    res.push_str(&verb.text(value)?);
                }
            }
        }
        if self.used < values.len() {
            return Err(FormatError {
                value: Some(self.used),
                reason: match self.used {
                    0 => "the format uses no values".to_owned(),
                    used => format!("the format uses only the first {used} of the values"),
                },
            });
        }
        Ok(res)
    }
}

/// The part before the first verb, where nothing can change any more.
pub(crate) fn literal_prefix(format: &str) -> &str {
    format.split('%').next().unwrap_or("")
}

/// The verb after a `%`, and what follows it.
fn verb(text: &str, next: usize, offset: usize) -> Result<(Verb, &str), FormatError> {
    let mut verb = Verb {
        value: next,
        ..Verb::default()
    };
    let mut rest = text;
    loop {
        match rest.bytes().next() {
            Some(b'#') => verb.sharp = true,
            Some(b'0') => verb.zero = true,
            Some(b'-') => verb.minus = true,
            Some(b'+') => verb.plus = true,
            Some(b' ') => verb.space = true,
            _ => break,
        }
        rest = rest.get(1..).unwrap_or("");
    }
    let too_wide = || FormatError {
        value: None,
        reason: format!("the width or precision at offset {offset} is larger than {MAX_WIDTH}"),
    };
    if rest.starts_with(|it: char| matches!(it, '1'..='9')) {
        let (width, after) = digits(rest);
        verb.width = Some(width.filter(|it| *it <= MAX_WIDTH).ok_or_else(too_wide)?);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = digits(after);
        verb.precision = Some(
            precision
                .filter(|it| *it <= MAX_WIDTH)
                .ok_or_else(too_wide)?,
        );
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('[') {
        let (position, after) = digits(after);
        let position = position.and_then(|it| it.checked_sub(1));
        let (Some(position), Some(after)) = (position, after.strip_prefix(']')) else {
            return error(format!(
                "at offset {offset}, brackets must hold the number of a value, from 1"
            ));
        };
        verb.value = position.min(usize::MAX - 1);
        rest = after;
    }
    let Some(mode) = rest.chars().next() else {
        return error(format!(
            "the text ends in the middle of a verb at offset {offset}; %% is a percent sign"
        ));
    };
    let after = rest.get(mode.len_utf8()..).unwrap_or("");
    verb.mode = mode;
    verb.raw = format!("%{}", text.get(..text.len() - after.len()).unwrap_or(""));
    if !"vtbdoxXeEfgGsq".contains(mode) {
        return error(format!(
            "at offset {offset} there is no verb {}",
            value::show::quoted(&verb.raw)
        ));
    }
    Ok((verb, after))
}

/// A number, if it is not too large, and what follows. No digits are 0.
fn digits(text: &str) -> (Option<usize>, &str) {
    let end = text
        .find(|it: char| !it.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return (Some(0), rest);
    }
    (digits.parse().ok(), rest)
}

impl Verb {
    fn text(&self, value: &Value) -> Result<String, FormatError> {
        if self.mode == 'v' {
            return self.as_is(value);
        }
        if value.is_null() {
            return error(format!("{} cannot show null; %v can", self.raw));
        }
        match self.mode {
            't' => match self.converted(value, &Type::Bool, "a bool")? {
                Plain::Bool(it) => Ok(it.to_string()),
                _ => error(format!("{} needs a bool", self.raw)),
            },
            's' | 'q' => match self.converted(value, &Type::String, "a string")? {
                Plain::String(it) => Ok(self.string(&it)),
                _ => error(format!("{} needs a string", self.raw)),
            },
            _ => match self.converted(value, &Type::Number, "a number")? {
                Plain::Number(it) => self.number(&it),
                _ => error(format!("{} needs a number", self.raw)),
            },
        }
    }

    fn converted(&self, value: &Value, ty: &Type, what: &str) -> Result<Plain, FormatError> {
        match convert(value, ty) {
            Ok(it) => Ok(it.split().0),
            Err(_) => error(format!(
                "{} needs {what}, and the value is {}",
                self.raw,
                value::show::friendly_type(&value.ty())
            )),
        }
    }

    fn as_is(&self, value: &Value) -> Result<String, FormatError> {
        let text = match value.peek().0 {
            Plain::String(it) if !self.sharp => it.to_string(),
            Plain::Number(it) if !self.sharp => general(it, None, 'e'),
            _ => {
                json::check(value).or_else(|it| error(it.reason))?;
                json::to_json_text(value)
            }
        };
        Ok(self.padded(text))
    }

    fn string(&self, text: &str) -> String {
        let cut = match self.precision {
            Some(it) if it > 0 => {
                let length = graphemes::clusters(text).take(it).map(str::len).sum();
                text.get(..length).unwrap_or(text)
            }
            _ => text,
        };
        let text = if self.mode == 'q' {
            value::show::quoted(cut)
        } else {
            cut.to_owned()
        };
        self.padded(text)
    }

    fn padded(&self, text: String) -> String {
        let Some(width) = self.width else {
            return text;
        };
        let missing = width.saturating_sub(graphemes::count(&text));
        let pad = if self.zero { "0" } else { " " }.repeat(missing);
        if self.minus { text + &pad } else { pad + &text }
    }

    fn number(&self, number: &Number) -> Result<String, FormatError> {
        if matches!(self.mode, 'b' | 'd' | 'o' | 'x' | 'X') {
            return match number.to_bigint() {
                Some(it) => Ok(self.whole(&it)),
                None => error(format!("{} needs a whole number", self.raw)),
            };
        }
        let negative = number.is_negative();
        let text = if number.is_infinite() {
            "Inf".to_owned()
        } else {
            if number.exact_digits().1.saturating_abs() > MAX_DIGITS && self.mode == 'f' {
                return error(format!("the number has too many digits for {}", self.raw));
            }
            let it = number.abs();
            match self.mode {
                'f' => fixed(&it, self.precision.unwrap_or(6)),
                'e' | 'E' => {
                    let digits = it.exact_digits();
                    scientific(
                        &rounded(&digits, self.precision.unwrap_or(6) + 1),
                        self.precision.unwrap_or(6),
                        self.mode,
                    )
                }
                'G' => general(&it, self.precision, 'E'),
                _ => general(&it, self.precision, 'e'),
            }
        };
        let sign = match (negative, number.is_infinite()) {
            (true, _) => "-",
            (false, true) if self.space => " ",
            (false, true) => "+",
            _ if self.plus => "+",
            _ if self.space => " ",
            _ => "",
        };
        let width = self.width.unwrap_or(0);
        let missing = width.saturating_sub(sign.len() + text.len());
        Ok(if self.zero && !number.is_infinite() {
            format!("{sign}{}{text}", "0".repeat(missing))
        } else if self.minus {
            format!("{sign}{text}{}", " ".repeat(missing))
        } else {
            format!("{}{sign}{text}", " ".repeat(missing))
        })
    }

    fn whole(&self, number: &BigInt) -> String {
        let (base, prefix) = match self.mode {
            'b' => (2, "0b"),
            'o' => (8, "0"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let prefix = if self.sharp { prefix } else { "" };
        let negative = number.sign() == num_bigint::Sign::Minus;
        let mut digits = number.magnitude().to_str_radix(base);
        if self.mode == 'X' {
            digits.make_ascii_uppercase();
        }
        if digits == "0" && self.precision == Some(0) {
            return String::new();
        }
        let sign = match negative {
            true => "-",
            false if self.plus => "+",
            false if self.space => " ",
            false => "",
        };
        let mut zeros = self.precision.unwrap_or(0).saturating_sub(digits.len());
        let length = sign.len() + prefix.len() + zeros + digits.len();
        let missing = self.width.unwrap_or(0).saturating_sub(length);
        let (mut left, mut right) = (0, 0);
        if self.minus {
            right = missing;
        } else if self.zero && self.precision.is_none() {
            zeros = missing;
        } else {
            left = missing;
        }
        format!(
            "{}{sign}{prefix}{}{digits}{}",
            " ".repeat(left),
            "0".repeat(zeros),
            " ".repeat(right)
        )
    }
}

/// Digits and the place of the point before them, as `Number::exact_digits` gives them: `("125", -1)` is 0.0125.
type Digits = (String, i64);

/// The digits rounded to a number of them; halves to even.
fn rounded(digits: &Digits, count: usize) -> Digits {
    let (text, point) = digits;
    if text.len() <= count {
        return (text.clone(), *point);
    }
    let (kept, cut) = text.split_at(count);
    let up = match cut.as_bytes() {
        [b'5', rest @ ..] if rest.iter().all(|it| *it == b'0') => {
            kept.bytes().last().is_some_and(|it| it % 2 == 1)
        }
        [first, ..] => *first >= b'5',
        [] => false,
    };
    let mut kept = kept.as_bytes().to_vec();
    let mut point = *point;
    if up {
        let mut at = kept.len();
        loop {
            match at.checked_sub(1).and_then(|at| kept.get_mut(at)) {
                Some(it) if *it == b'9' => {
                    *it = b'0';
                    at -= 1;
                }
                Some(it) => {
                    *it += 1;
                    break;
                }
                None => {
                    kept.insert(0, b'1');
                    point += 1;
                    break;
                }
            }
        }
    }
    let text = String::from_utf8(kept).unwrap_or_default();
    (text.trim_end_matches('0').to_owned(), point)
}

/// Without an exponent, with so many digits after the point.
fn fixed(number: &Number, precision: usize) -> String {
    let digits = number.exact_digits();
    let places = usize::try_from(digits.1.saturating_add(precision as i64));
    let (text, point) = match places {
        Ok(places) => rounded(&digits, places),
        Err(_) => (String::new(), 0),
    };
    let digit = |at: i64| {
        usize::try_from(at)
            .ok()
            .and_then(|at| text.as_bytes().get(at))
            .map_or('0', |it| char::from(*it))
    };
    let mut res: String = if point > 0 {
        (0..point).map(digit).collect()
    } else {
        "0".to_owned()
    };
    if precision > 0 {
        res.push('.');
        res.extend((0..precision as i64).map(|at| digit(point + at)));
    }
    res
}

/// With an exponent and so many digits after the point.
fn scientific(digits: &Digits, precision: usize, mark: char) -> String {
    let (text, point) = digits;
    let mut all = text.chars();
    let mut res = String::from(all.next().unwrap_or('0'));
    if precision > 0 {
        res.push('.');
        res.extend(all.chain(std::iter::repeat('0')).take(precision));
    }
    let exponent = if text.is_empty() { 0 } else { point - 1 };
    let sign = if exponent < 0 { '-' } else { '+' };
    res.push_str(&format!("{mark}{sign}{:02}", exponent.abs()));
    res
}

/// With an exponent only where the number is very large or small, and no zeros at the end.
fn general(number: &Number, precision: Option<usize>, mark: char) -> String {
    if number.is_infinite() {
        return if number.is_negative() { "-Inf" } else { "+Inf" }.to_owned();
    }
    let sign = if number.is_negative() { "-" } else { "" };
    let digits = match precision {
        None => number.abs().shortest_digits(),
        Some(it) => rounded(&number.abs().exact_digits(), it.max(1)),
    };
    let limit = match precision {
        None => 6,
        Some(it) => {
            let it = it.max(1);
            let length = digits.0.len();
            if it > length && length as i64 >= digits.1 {
                length
            } else {
                it
            }
        }
    };
    let exponent = if digits.0.is_empty() {
        -1
    } else {
        digits.1 - 1
    };
    let text = if exponent < -4 || exponent >= limit as i64 {
        scientific(&digits, digits.0.len().saturating_sub(1), mark)
    } else {
        plain(&digits)
    };
    format!("{sign}{text}")
}

/// Digits without an exponent.
fn plain(digits: &Digits) -> String {
    let (text, point) = digits;
    if text.is_empty() {
        return "0".to_owned();
    }
    match usize::try_from(*point) {
        Ok(point) if point >= text.len() => {
            format!("{text}{}", "0".repeat(point - text.len()))
        }
        Ok(point) if point > 0 => {
            let (whole, fraction) = text.split_at(point);
            format!("{whole}.{fraction}")
        }
        _ => {
            let zeros = usize::try_from(point.unsigned_abs()).unwrap_or(0);
            format!("0.{}{text}", "0".repeat(zeros))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, value: &str, expected: &str) {
        let number = Value::from(Number::parse(value).unwrap());
        let res = Format::parse(format).and_then(|it| it.apply(&[number]));
        assert_eq!(res.as_deref(), Ok(expected), "{format} of {value}");
    }

    #[test]
    fn numbers() {
        check("%d", "5", "5");
        check("%#o", "8", "010");
        check("%08b", "37", "00100101");
        check("%e", "12345.678", "1.234568e+04");
        check("%e", "0", "0.000000e+00");
        check("%.0f", "2.5", "2");
        check("%.0f", "3.5", "4");
        check("%.0f", "0.5", "0");
        check("%.1f", "0.06", "0.1");
        check("%.1f", "0.04", "0.0");
        check("%.2f", "999.999", "1000.00");
        check("%f", "1e20", "100000000000000000000.000000");
        check("%G", "1e100", "1E+100");
        check("%.3g", "1234.5", "1.23e+03");
        check("%05.1f", "3.14159", "003.1");
        check("%v", "1234567", "1.234567e+06");
        check("%v", "0.0000012", "1.2e-06");
        check("%v", "0.00012", "0.00012");
        check("%v", "0", "0");
        check("%6v|", "1.5", "   1.5|");
        check("%g", "100", "100");
        check("%.10g", "100", "100");
        check("%.3g", "0.5", "0.5");
    }

    #[test]
    fn mistakes() {
        for format in [
            "%",
            "%z",
            "%[x]s",
            "%[0]s",
            "%é",
            "%9999999999999s",
            "%.9999999d",
            "%*d",
        ] {
            assert!(Format::parse(format).is_err(), "{format}");
        }
    }
}
