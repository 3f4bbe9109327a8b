//! Numbers as the reference has them: binary floating point with a precision of its own per value.
//!
//! Rounding is to the nearest, ties to even. What an operation keeps of its operands' precisions is said at each.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use num_bigint::{BigInt, BigUint, Sign};

/// The precision of numbers from literals, texts and JSON.
const TEXT_BITS: u32 = 512;
/// The precision of counts.
const COUNT_BITS: u32 = 64;
/// The precision of what comes from floating point.
const FLOAT_BITS: u32 = 53;
/// A number of this magnitude (as a power of two) and more is infinite.
const MAX_EXPONENT: i64 = i32::MAX as i64;
/// A number below this magnitude (as a power of two) is zero.
const MIN_EXPONENT: i64 = i32::MIN as i64;

/// Texts of larger (or smaller) finite numbers are refused: printing one takes minutes, as it does with the reference.
const MAX_READ_EXPONENT: i64 = 4_000_000;

/// A number: 512 bits from literals and texts, 64 from counts, 53 from floating point; the result of an operation has
/// the larger precision of its operands. Zero has a sign, and there are two infinities.
///
/// Numbers are equal if they print the same (so that one read back from its text is equal to itself, whatever its
/// precision was), and `-0` equals `0`. Order and hash go with that; [`Number::compare`] looks at the exact value.
#[derive(Debug, Clone)]
pub struct Number {
    form: Form,
    bits: u32,
}

/// Each value has exactly one form, whatever its precision.
#[derive(Debug, Clone)]
enum Form {
    /// A whole number, not `i64::MIN`; zero without a sign.
    Small(i64),
    /// Zero with a sign.
    MinusZero,
    /// Everything else that is finite.
    Big(Arc<Big>),
    /// Above or below everything.
    Infinite { negative: bool },
}

/// `mantissa · 2^exponent`, with an odd mantissa.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Big {
    negative: bool,
    mantissa: BigUint,
    exponent: i64,
}

/// An operation on numbers that has no result, such as `0 / 0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANumber;

impl Number {
    /// Parses a decimal text as `tonumber` does (`+5`, `1.`, `.5`, `1e3`, `inf`); `None` where it is not one, or
    /// is finite and has more than a million digits.
    pub fn parse(text: &str) -> Option<Number> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        if digits == "inf" || digits == "Inf" {
            return Some(Number::infinity(negative));
        }
        if digits.len() <= 18 && !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
        {
            let value: i64 = digits.parse().ok()?;
            return Some(match (value, negative) {
                (0, true) => Number::zero(true, TEXT_BITS),
                (_, true) => Number::small(-value, TEXT_BITS),
                (_, false) => Number::small(value, TEXT_BITS),
            });
        }
        parse_decimal(negative, digits)
    }

    /// From floating point, with 53 bits. What is not a number becomes zero: ask before.
    pub fn from_f64(it: f64) -> Number {
        if it.is_infinite() {
            return Number::infinity(it < 0.0);
        }
        if it == 0.0 || it.is_nan() {
            return Number::zero(it.is_sign_negative() && it == 0.0, FLOAT_BITS);
        }
        let bits = it.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0) {
            0 => (fraction, -1074),
            exponent => (fraction | (1 << 52), exponent - 1075),
        };
        finite(it < 0.0, mantissa.into(), exponent, false, FLOAT_BITS)
    }

    /// From a whole number of any size, exactly: with as many bits as it needs, and 64 at least.
    pub fn from_bigint(it: &BigInt) -> Number {
        let bits = u32::try_from(it.bits()).unwrap_or(u32::MAX).max(COUNT_BITS);
        from_int(it, bits)
    }

    /// `+Inf` or `-Inf`.
    pub fn infinity(negative: bool) -> Number {
        Number {
            form: Form::Infinite { negative },
            bits: TEXT_BITS,
        }
    }

    /// The value as a whole number, if it is one and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.form {
            Form::Small(it) => Some(*it),
            Form::MinusZero => Some(0),
            Form::Infinite { .. } => None,
            Form::Big(it) => {
                (it.negative && it.exponent == 63 && it.top() == 64).then_some(i64::MIN)
            }
        }
    }

    /// The value as a whole number, if it is one, is not negative, and fits.
    pub fn to_u64(&self) -> Option<u64> {
        match &self.form {
            Form::Small(it) => u64::try_from(*it).ok(),
            Form::MinusZero => Some(0),
            Form::Infinite { .. } => None,
            Form::Big(it) => {
                if it.negative || it.exponent < 0 || it.top() > 64 {
                    return None;
                }
                u64::try_from(&it.mantissa << it.exponent).ok()
            }
        }
    }

    /// The value as a position or count, if it is one.
    pub fn to_usize(&self) -> Option<usize> {
        self.to_u64().and_then(|it| usize::try_from(it).ok())
    }

    /// The value as a whole number of any size, if it is one.
    pub fn to_bigint(&self) -> Option<BigInt> {
        (self.is_whole()).then(|| self.truncated())
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        match &self.form {
            Form::Small(it) => *it as f64,
            Form::MinusZero => -0.0,
            Form::Infinite { negative: true } => f64::NEG_INFINITY,
            Form::Infinite { negative: false } => f64::INFINITY,
            Form::Big(it) => it.to_f64(),
        }
    }

    /// The value in JSON; `None` where it is infinite.
    pub fn to_json(&self) -> Option<serde_json::Number> {
        if let Form::Small(it) = self.form
            && self.is_exact(it)
        {
            return Some(it.into());
        }
        self.to_string().parse().ok()
    }

    /// Whether it has no fraction. Infinities are not whole.
    pub fn is_whole(&self) -> bool {
        match &self.form {
            Form::Small(_) | Form::MinusZero => true,
            Form::Infinite { .. } => false,
            Form::Big(it) => it.exponent >= 0,
        }
    }

    /// Whether it is `+Inf` or `-Inf`.
    pub fn is_infinite(&self) -> bool {
        matches!(self.form, Form::Infinite { .. })
    }

    /// Whether it is zero, of either sign.
    pub fn is_zero(&self) -> bool {
        matches!(self.form, Form::Small(0) | Form::MinusZero)
    }

    /// Whether it has a minus sign, as `-0` has too.
    pub fn is_negative(&self) -> bool {
        match &self.form {
            Form::Small(it) => *it < 0,
            Form::MinusZero => true,
            Form::Infinite { negative } => *negative,
            Form::Big(it) => it.negative,
        }
    }

    /// How many bits of precision it has.
    pub fn precision(&self) -> u32 {
        self.bits
    }

    /// The value with the other sign.
    pub fn neg(&self) -> Number {
        let form = match &self.form {
            Form::Small(0) => Form::MinusZero,
            Form::MinusZero => Form::Small(0),
            Form::Small(it) => Form::Small(-it),
            Form::Infinite { negative } => Form::Infinite {
                negative: !negative,
            },
            Form::Big(it) => Form::Big(Arc::new(Big {
                negative: !it.negative,
                ..Big::clone(it)
            })),
        };
        Number {
            form,
            bits: self.bits,
        }
    }

    /// The value without its sign.
    pub fn abs(&self) -> Number {
        if self.is_negative() {
            self.neg()
        } else {
            self.clone()
        }
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i64 {
        if self.is_zero() {
            0
        } else if self.is_negative() {
            -1
        } else {
            1
        }
    }

    /// The largest whole number that is not larger. Infinities stay.
    pub fn floor(&self) -> Number {
        self.rounded(-1)
    }

    /// The smallest whole number that is not smaller. Infinities stay.
    pub fn ceil(&self) -> Number {
        self.rounded(1)
    }

    /// The whole number towards zero. Infinities stay.
    pub fn trunc(&self) -> Number {
        self.rounded(0)
    }

    /// The sum; has none for `+Inf + -Inf`. Precision: the larger of the two.
    pub fn add(&self, other: &Number) -> Result<Number, NotANumber> {
        let bits = self.bits.max(other.bits);
        match (&self.form, &other.form) {
            (Form::Infinite { negative }, Form::Infinite { negative: other }) => {
                if negative == other {
                    Ok(Number::infinity(*negative))
                } else {
                    Err(NotANumber)
                }
            }
            (Form::Infinite { negative }, _) | (_, Form::Infinite { negative }) => {
                Ok(Number::infinity(*negative))
            }
            (Form::MinusZero, Form::MinusZero) => Ok(Number::zero(true, bits)),
            (Form::Small(left), Form::Small(right)) => Ok(Number::from_i128(
                i128::from(*left) + i128::from(*right),
                bits,
            )),
            _ => Ok(sum(self, other, bits)),
        }
    }

    /// The difference; has none for `+Inf - +Inf`. Precision: the larger of the two.
    pub fn sub(&self, other: &Number) -> Result<Number, NotANumber> {
        self.add(&other.neg())
    }

    /// The product; has none for `0 * Inf`. Precision: the larger of the two, or as much more as the exact product
    /// needs, up to 512 bits.
    pub fn mul(&self, other: &Number) -> Result<Number, NotANumber> {
        let bits = self.bits.max(other.bits);
        let negative = self.is_negative() != other.is_negative();
        if self.is_infinite() || other.is_infinite() {
            return if self.is_zero() || other.is_zero() {
                Err(NotANumber)
            } else {
                Ok(Number::infinity(negative))
            };
        }
        if let (Form::Small(left), Form::Small(right)) = (&self.form, &other.form)
            && let Some(product) = left.checked_mul(*right)
            && product != 0
            && product != i64::MIN
        {
            let needs = significant_bits(product);
            return Ok(Number::small(product, bits.max(needs)));
        }
        Ok(match (self.parts(), other.parts()) {
            (Some(left), Some(right)) => {
                let product = finite(
                    negative,
                    left.mantissa * right.mantissa,
                    left.exponent.saturating_add(right.exponent),
                    false,
                    TEXT_BITS,
                );
                let needs = product.needed_bits();
                product.with_precision(bits.max(needs))
            }
            _ => Number::zero(negative, bits),
        })
    }

    /// The quotient; has none for `0 / 0` and `Inf / Inf`. Precision: the larger of the two.
    pub fn div(&self, other: &Number) -> Result<Number, NotANumber> {
        self.quotient(other, self.bits.max(other.bits))
    }

    /// What is left after subtracting `other` as often as it fits (towards zero): the sign is that of `self`.
    /// `x % 0` is `x`. Has none where an infinity is involved. Precision: that of `self`.
    pub fn modulo(&self, other: &Number) -> Result<Number, NotANumber> {
        if self.is_infinite() || other.is_infinite() {
            return Err(NotANumber);
        }
        if other.is_zero() {
            return Ok(self.clone());
        }
        if let (Form::Small(left), Form::Small(right)) = (&self.form, &other.form)
            && significant_bits(*left).max(significant_bits(*right)) <= FLOAT_BITS
            && *left != 0
        {
            return Ok(match left % right {
                // The reference subtracts equal numbers here, which gives zero without a sign.
                0 => Number::zero(false, self.bits),
                rest => Number::small(rest, self.bits),
            });
        }
        let quotient = self.div(other)?;
        if quotient.is_infinite() {
            return Err(NotANumber);
        }
        let times = quotient.trunc().with_precision(self.bits);
        let product = match (other.parts(), times.parts()) {
            (Some(left), Some(right)) => finite(
                other.is_negative() != times.is_negative(),
                left.mantissa * right.mantissa,
                left.exponent.saturating_add(right.exponent),
                false,
                self.bits,
            ),
            _ => Number::zero(other.is_negative() != times.is_negative(), self.bits),
        };
        self.sub(&product).map(|it| it.with_precision(self.bits))
    }

    /// Which of two is larger by exact value, whatever they print: what `<` and `>` look at.
    pub fn compare(&self, other: &Number) -> Ordering {
        if let (Form::Small(left), Form::Small(right)) = (&self.form, &other.form) {
            return left.cmp(right);
        }
        let sign = self.signum().cmp(&other.signum());
        if sign != Ordering::Equal || self.is_zero() {
            return sign;
        }
        let magnitude = match (self.parts(), other.parts()) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(left), Some(right)) => left.top().cmp(&right.top()).then_with(|| {
                let by = left.exponent - right.exponent;
                if by >= 0 {
                    (left.mantissa << by).cmp(&right.mantissa)
                } else {
                    left.mantissa.cmp(&(right.mantissa << -by))
                }
            }),
        };
        if self.is_negative() {
            magnitude.reverse()
        } else {
            magnitude
        }
    }

    /// The same rounded to a precision.
    pub fn with_precision(&self, bits: u32) -> Number {
        match &self.form {
            Form::Small(0) | Form::MinusZero | Form::Infinite { .. } => Number {
                form: self.form.clone(),
                bits,
            },
            Form::Small(it) => Number::from_i128(i128::from(*it), bits),
            Form::Big(it) => finite(it.negative, it.mantissa.clone(), it.exponent, false, bits),
        }
    }

    /// The shortest decimal digits that give the number back at its precision, without sign and without zeros at
    /// either end, and where the point is: `("125", -1)` is 0.0125. Zero has no digits; an infinity none either.
    pub fn shortest_digits(&self) -> (String, i64) {
        match &self.form {
            Form::Small(0) | Form::MinusZero | Form::Infinite { .. } => (String::new(), 0),
            Form::Small(it) if self.is_exact(*it) => trimmed(it.unsigned_abs().to_string(), 0),
            Form::Small(_) => self
                .parts()
                .map_or_else(|| (String::new(), 0), |it| shortest(&it, self.bits)),
            Form::Big(it) => shortest(it, self.bits),
        }
    }

    /// All decimal digits of the exact value, otherwise as [`Number::shortest_digits`].
    pub fn exact_digits(&self) -> (String, i64) {
        match &self.form {
            Form::Small(0) | Form::MinusZero | Form::Infinite { .. } => (String::new(), 0),
            Form::Small(it) => trimmed(it.unsigned_abs().to_string(), 0),
            Form::Big(it) => decimal(&it.mantissa, it.exponent),
        }
    }

    /// The text with at most ten digits, with an exponent where it is shorter: the key under which the reference
    /// sorts numbers inside of the elements of sets.
    pub(crate) fn ten_digits(&self) -> String {
        let sign = if self.is_negative() { "-" } else { "" };
        if self.is_infinite() {
            return if self.is_negative() { "-Inf" } else { "+Inf" }.to_owned();
        }
        let (digits, point) = self.exact_digits();
        let (digits, point) = round_digits(&digits, point, 10);
        let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let limit = if 10 > count && count >= point {
            count
        } else {
            10
        };
        let exponent = point - 1;
        if digits.is_empty() {
            format!("{sign}0")
        } else if exponent < -4 || exponent >= limit {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            let minus = if exponent < 0 { '-' } else { '+' };
            format!("{sign}{first}{dot}{rest}e{minus}{:02}", exponent.abs())
        } else {
            format!("{sign}{}", plain_text(&digits, point))
        }
    }

    /// Whether two numbers are equal, where that is seen without their digits.
    fn known_equal(&self, other: &Number) -> Option<bool> {
        match (&self.form, &other.form) {
            (Form::Small(0) | Form::MinusZero, _) => Some(other.is_zero()),
            (_, Form::Small(0) | Form::MinusZero) => Some(false),
            (Form::Small(left), Form::Small(right))
                if self.is_exact(*left) && other.is_exact(*right) =>
            {
                Some(left == right)
            }
            (Form::Infinite { negative: left }, Form::Infinite { negative: right }) => {
                Some(left == right)
            }
            (Form::Infinite { .. }, _) | (_, Form::Infinite { .. }) => Some(false),
            _ => None,
        }
    }

    /// Whether the last place of the precision is a whole number or less: then all digits of a whole number count.
    fn is_exact(&self, whole: i64) -> bool {
        u64::BITS - whole.unsigned_abs().leading_zeros() <= self.bits
    }

    fn small(value: i64, bits: u32) -> Number {
        Number {
            form: Form::Small(value),
            bits,
        }
    }

    fn zero(negative: bool, bits: u32) -> Number {
        Number {
            form: if negative {
                Form::MinusZero
            } else {
                Form::Small(0)
            },
            bits,
        }
    }

    fn from_i128(value: i128, bits: u32) -> Number {
        match i64::try_from(value) {
            Ok(it) if it != i64::MIN && (bits >= COUNT_BITS || significant_bits(it) <= bits) => {
                Number::small(it, bits)
            }
            _ => finite(value < 0, value.unsigned_abs().into(), 0, false, bits),
        }
    }

    /// Sign aside, as mantissa and exponent; `None` for zeros and infinities.
    fn parts(&self) -> Option<Big> {
        match &self.form {
            Form::Small(0) | Form::MinusZero | Form::Infinite { .. } => None,
            Form::Small(it) => {
                let zeros = it.trailing_zeros();
                Some(Big {
                    negative: *it < 0,
                    mantissa: (it.unsigned_abs() >> zeros).into(),
                    exponent: zeros.into(),
                })
            }
            Form::Big(it) => Some(Big::clone(it)),
        }
    }

    /// How many bits the exact value needs.
    fn needed_bits(&self) -> u32 {
        match &self.form {
            Form::Small(it) => significant_bits(*it),
            Form::MinusZero | Form::Infinite { .. } => 0,
            Form::Big(it) => u32::try_from(it.mantissa.bits()).unwrap_or(u32::MAX),
        }
    }

    fn quotient(&self, other: &Number, bits: u32) -> Result<Number, NotANumber> {
        let negative = self.is_negative() != other.is_negative();
        if (self.is_zero() && other.is_zero()) || (self.is_infinite() && other.is_infinite()) {
            return Err(NotANumber);
        }
        if self.is_infinite() || other.is_zero() {
            return Ok(Number::infinity(negative));
        }
        if let (Form::Small(left), Form::Small(right)) = (&self.form, &other.form)
            && *left != 0
            && left % right == 0
        {
            return Ok(Number::from_i128(
                i128::from(*left) / i128::from(*right),
                bits,
            ));
        }
        let (Some(left), Some(right)) = (self.parts(), other.parts()) else {
            return Ok(Number::zero(negative, bits));
        };
        Ok(divided(
            negative,
            left.mantissa,
            left.exponent,
            &right.mantissa,
            right.exponent,
            bits,
        ))
    }

    fn rounded(&self, direction: i8) -> Number {
        let Form::Big(big) = &self.form else {
            return match self.form {
                Form::MinusZero => Number::zero(false, self.bits),
                _ => self.clone(),
            };
        };
        if big.exponent >= 0 {
            return self.clone();
        }
        let mut whole = self.truncated();
        match (direction, big.negative) {
            (-1, true) => whole -= 1,
            (1, false) => whole += 1,
            _ => {}
        }
        from_int(&whole, self.bits)
    }

    fn truncated(&self) -> BigInt {
        match &self.form {
            Form::Small(it) => (*it).into(),
            Form::MinusZero | Form::Infinite { .. } => 0.into(),
            Form::Big(it) => {
                let magnitude = if it.exponent >= 0 {
                    &it.mantissa << it.exponent
                } else {
                    &it.mantissa >> it.exponent.unsigned_abs()
                };
                let sign = if it.negative { Sign::Minus } else { Sign::Plus };
                BigInt::from_biguint(sign, magnitude)
            }
        }
    }
}

impl Big {
    /// The power of two above it.
    fn top(&self) -> i64 {
        self.exponent
            .saturating_add(i64::try_from(self.mantissa.bits()).unwrap_or(i64::MAX))
    }

    fn to_f64(&self) -> f64 {
        const HIDDEN: u64 = 1 << 52;
        let top = self.top();
        let sign = u64::from(self.negative) << 63;
        // Below 2^-1022 there are fewer bits.
        let room = (top + 1074).min(53);
        if room < 0 {
            return f64::from_bits(sign);
        }
        let (mantissa, exponent) =
            rounded_bits(self.mantissa.clone(), self.exponent, false, room as u64);
        let bits = i64::try_from(mantissa.bits()).unwrap_or(0);
        let Ok(mantissa) = u64::try_from(mantissa) else {
            return f64::from_bits(sign);
        };
        let top = exponent + bits;
        if mantissa == 0 {
            f64::from_bits(sign)
        } else if top > 1024 {
            f64::from_bits(sign | 0x7ff << 52)
        } else if top > -1022 {
            let field = (top + 1022) as u64;
            f64::from_bits(sign | field << 52 | (mantissa << (53 - bits)) & (HIDDEN - 1))
        } else {
            f64::from_bits(sign | mantissa << (exponent + 1074))
        }
    }
}

impl From<i64> for Number {
    /// A count, with 64 bits.
    fn from(it: i64) -> Self {
        Number::from_i128(it.into(), COUNT_BITS)
    }
}

impl From<u64> for Number {
    /// A count, with 64 bits.
    fn from(it: u64) -> Self {
        Number::from_i128(it.into(), COUNT_BITS)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (self.known_equal(other), self.bits == other.bits) {
            (Some(it), _) => it,
            // Of one precision, different values have different texts.
            (None, true) => self.compare(other) == Ordering::Equal,
            (None, false) => {
                self.is_negative() == other.is_negative()
                    && self.shortest_digits() == other.shortest_digits()
            }
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if self.is_zero() {
            "0".hash(state);
        } else {
            self.to_string().hash(state);
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    /// By the printed value, as equality.
    fn cmp(&self, other: &Number) -> Ordering {
        if self.bits == other.bits || self.known_equal(other) == Some(true) {
            return self.compare(other);
        }
        let sign = self.signum().cmp(&other.signum());
        if sign != Ordering::Equal || self.is_zero() || self.is_infinite() || other.is_infinite() {
            return self.compare(other);
        }
        let (digits, point) = self.shortest_digits();
        let (other_digits, other_point) = other.shortest_digits();
        let magnitude = point
            .cmp(&other_point)
            .then_with(|| digits.cmp(&other_digits));
        if self.is_negative() {
            magnitude.reverse()
        } else {
            magnitude
        }
    }
}

impl std::fmt::Display for Number {
    /// The shortest decimal text that gives the number back at its precision, never with an exponent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.form {
            Form::Small(it) if self.is_exact(*it) => write!(f, "{it}"),
            Form::MinusZero => f.write_str("-0"),
            Form::Infinite { negative: true } => f.write_str("-Inf"),
            Form::Infinite { negative: false } => f.write_str("+Inf"),
            Form::Small(_) | Form::Big(_) => {
                if self.is_negative() {
                    f.write_str("-")?;
                }
                let (digits, point) = self.shortest_digits();
                f.write_str(&plain_text(&digits, point))
            }
        }
    }
}

/// Rounds a mantissa to so many bits; `sticky` says that there is more below it.
fn rounded_bits(mantissa: BigUint, exponent: i64, sticky: bool, bits: u64) -> (BigUint, i64) {
    let has = mantissa.bits();
    if has <= bits {
        return (mantissa, exponent);
    }
    let drop = has - bits;
    let half = mantissa.bit(drop - 1);
    let below = sticky || mantissa.trailing_zeros().is_some_and(|it| it < drop - 1);
    let mut kept = mantissa >> drop;
    if half && (below || kept.bit(0)) {
        kept += 1u32;
    }
    (
        kept,
        exponent.saturating_add(i64::try_from(drop).unwrap_or(i64::MAX)),
    )
}

/// The number `mantissa · 2^exponent` rounded to so many bits, in its one form.
fn finite(negative: bool, mantissa: BigUint, exponent: i64, sticky: bool, bits: u32) -> Number {
    let (mut mantissa, mut exponent) = rounded_bits(mantissa, exponent, sticky, bits.into());
    let Some(zeros) = mantissa.trailing_zeros() else {
        return Number::zero(negative, bits);
    };
    if zeros > 0 {
        mantissa >>= zeros;
        exponent = exponent.saturating_add(i64::try_from(zeros).unwrap_or(i64::MAX));
    }
    let big = Big {
        negative,
        mantissa,
        exponent,
    };
    let top = big.top();
    if top > MAX_EXPONENT {
        return Number {
            form: Form::Infinite { negative },
            bits,
        };
    }
    if top < MIN_EXPONENT {
        return Number::zero(negative, bits);
    }
    if exponent >= 0
        && top <= 63
        && let Ok(magnitude) = i64::try_from(&big.mantissa << exponent)
    {
        return Number::small(if negative { -magnitude } else { magnitude }, bits);
    }
    Number {
        form: Form::Big(Arc::new(big)),
        bits,
    }
}

fn from_int(it: &BigInt, bits: u32) -> Number {
    finite(
        it.sign() == Sign::Minus,
        it.magnitude().clone(),
        0,
        false,
        bits,
    )
}

/// How many bits a whole number needs, zeros at its end aside.
fn significant_bits(it: i64) -> u32 {
    let magnitude = it.unsigned_abs();
    if magnitude == 0 {
        return 0;
    }
    u64::BITS - magnitude.leading_zeros() - magnitude.trailing_zeros()
}

/// The sum of two finite numbers.
fn sum(left: &Number, right: &Number, bits: u32) -> Number {
    let (left, right) = match (left.parts(), right.parts()) {
        (Some(left), Some(right)) => (left, right),
        (Some(one), None) | (None, Some(one)) => {
            return finite(one.negative, one.mantissa, one.exponent, false, bits);
        }
        (None, None) => return Number::zero(false, bits),
    };
    let (large, little) = if left.top() >= right.top() {
        (left, right)
    } else {
        (right, left)
    };
    // Where the smaller is far below the last bit of the larger, only its sign matters.
    let room = i64::from(bits) + 4;
    if large.top() - little.top() > room && large.exponent > little.top() {
        let shift = (room - (large.top() - large.exponent))
            .max(0)
            .min(large.exponent - little.top());
        if large.top() - (large.exponent - shift) >= room {
            let mut mantissa = large.mantissa << shift;
            if large.negative != little.negative {
                mantissa -= 1u32;
            }
            return finite(large.negative, mantissa, large.exponent - shift, true, bits);
        }
    }
    let exponent = large.exponent.min(little.exponent);
    let one = large.mantissa << (large.exponent - exponent);
    let other = little.mantissa << (little.exponent - exponent);
    if large.negative == little.negative {
        return finite(large.negative, one + other, exponent, false, bits);
    }
    match one.cmp(&other) {
        Ordering::Equal => Number::zero(false, bits),
        Ordering::Greater => finite(large.negative, one - other, exponent, false, bits),
        Ordering::Less => finite(little.negative, other - one, exponent, false, bits),
    }
}

fn divided(
    negative: bool,
    mantissa: BigUint,
    exponent: i64,
    by: &BigUint,
    by_exponent: i64,
    bits: u32,
) -> Number {
    let shift = (u64::from(bits) + 2 + by.bits()).saturating_sub(mantissa.bits());
    let shifted = mantissa << shift;
    let quotient = &shifted / by;
    let sticky = &quotient * by != shifted;
    let exponent = exponent
        .saturating_sub(by_exponent)
        .saturating_sub(i64::try_from(shift).unwrap_or(i64::MAX));
    finite(negative, quotient, exponent, sticky, bits)
}

/// `5^n`, exactly where that is short, else with many more bits than are kept in the end.
fn power_of_five(n: u64) -> (BigUint, i64) {
    const KEPT: u64 = TEXT_BITS as u64 + 192;
    let mut res = (BigUint::from(1u32), 0i64);
    let mut square = (BigUint::from(5u32), 0i64);
    let mut rest = n;
    let times = |left: &(BigUint, i64), right: &(BigUint, i64)| {
        let exponent = left.1.saturating_add(right.1);
        rounded_bits(&left.0 * &right.0, exponent, false, KEPT)
    };
    while rest > 0 {
        if rest & 1 == 1 {
            res = times(&res, &square);
        }
        rest >>= 1;
        if rest > 0 {
            square = times(&square, &square);
        }
    }
    res
}

/// Digits with an optional point and an optional exponent, which is of ten (`e`) or of two (`p`).
fn parse_decimal(negative: bool, text: &str) -> Option<Number> {
    let end = text
        .bytes()
        .position(|it| !it.is_ascii_digit() && it != b'.')
        .unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at_checked(end)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') {
        return None;
    }
    let scale = i64::try_from(fraction.len()).ok()?;
    let (tens, twos) = match exponent.as_bytes().first() {
        None => (0, 0),
        Some(b'e' | b'E') => (parse_exponent(exponent.get(1..)?)?, 0),
        Some(b'p' | b'P') => (0, parse_exponent(exponent.get(1..)?)?),
        Some(_) => return None,
    };
    let fives = tens.checked_sub(scale)?;
    let twos = fives.checked_add(twos)?;
    let mantissa = BigUint::parse_bytes(format!("{whole}{fraction}").as_bytes(), 10)?;
    if mantissa.bits() == 0 {
        return Some(Number::zero(negative, TEXT_BITS));
    }
    let top = twos.checked_add(i64::try_from(mantissa.bits()).ok()?)?;
    if !(MIN_EXPONENT..=MAX_EXPONENT).contains(&top) {
        return None;
    }
    let (power, exponent) = power_of_five(fives.unsigned_abs());
    let res = if fives >= 0 {
        finite(
            negative,
            mantissa * power,
            twos.saturating_add(exponent),
            false,
            TEXT_BITS,
        )
    } else {
        divided(negative, mantissa, twos, &power, exponent, TEXT_BITS)
    };
    match &res.form {
        Form::Big(it) if it.top().abs() > MAX_READ_EXPONENT => None,
        _ => Some(res),
    }
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The digits of `mantissa · 2^exponent` and the place of the point.
fn decimal(mantissa: &BigUint, exponent: i64) -> (String, i64) {
    if exponent >= 0 {
        trimmed((mantissa << exponent).to_string(), 0)
    } else {
        let fives = u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX);
        trimmed(
            (mantissa * BigUint::from(5u32).pow(fives)).to_string(),
            exponent,
        )
    }
}

/// Digits without zeros at their end, and the place of the point.
fn trimmed(mut digits: String, scale: i64) -> (String, i64) {
    let point = i64::try_from(digits.len())
        .unwrap_or(i64::MAX)
        .saturating_add(scale);
    digits.truncate(digits.trim_end_matches('0').len());
    (digits, point)
}

/// The fewest digits of a decimal number that rounds to this one at so many bits.
fn shortest(it: &Big, bits: u32) -> (String, i64) {
    // With one bit more than the precision, the last bit is half of the last place.
    let shift = i64::from(bits) + 1 - i64::try_from(it.mantissa.bits()).unwrap_or(0);
    if shift < 1 {
        return decimal(&it.mantissa, it.exponent);
    }
    let mantissa = &it.mantissa << shift;
    let exponent = it.exponent - shift;
    // Ties go to the even mantissa: then both ends round to this number.
    let inclusive = !mantissa.bit(1);
    let (digits, point) = decimal(&it.mantissa, it.exponent);
    let (lower, _) = decimal(&(&mantissa - 1u32), exponent);
    let (upper, _) = decimal(&(&mantissa + 1u32), exponent);
    let at = |text: &str, place: usize| text.as_bytes().get(place).copied().unwrap_or(b'0');
    for (place, digit) in digits.bytes().enumerate() {
        let (low, high) = (at(&lower, place), at(&upper, place));
        let down = low != digit || inclusive && place + 1 == lower.len();
        let up = digit != high && (inclusive || digit + 1 < high || place + 1 < upper.len());
        let keep = place + 1;
        if down && up {
            return round_digits(&digits, point, keep);
        }
        if down {
            return trimmed(
                digits.get(..keep).unwrap_or_default().to_owned(),
                point - i64::try_from(keep).unwrap_or(i64::MAX),
            );
        }
        if up {
            return rounded_up(&digits, point, keep);
        }
    }
    (digits, point)
}

/// So many digits, the last rounded to the nearest, ties to even.
fn round_digits(digits: &str, point: i64, keep: usize) -> (String, i64) {
    let Some((kept, dropped)) = digits.split_at_checked(keep) else {
        return (digits.to_owned(), point);
    };
    let odd = kept.bytes().last().is_some_and(|it| it & 1 == 1);
    let up = match dropped.as_bytes() {
        [] => false,
        [b'5'] => odd,
        [first, ..] => *first >= b'5',
    };
    if up {
        rounded_up(digits, point, keep)
    } else {
        let scale = i64::try_from(kept.len()).unwrap_or(i64::MAX);
        trimmed(kept.to_owned(), point - scale)
    }
}

/// So many digits, the last one more.
fn rounded_up(digits: &str, point: i64, keep: usize) -> (String, i64) {
    if keep >= digits.len() {
        return (digits.to_owned(), point);
    }
    let mut kept: Vec<u8> = digits.bytes().take(keep).collect();
    while let Some(last) = kept.pop() {
        if last < b'9' {
            kept.push(last + 1);
            return (String::from_utf8(kept).unwrap_or_default(), point);
        }
    }
    ("1".to_owned(), point + 1)
}

/// Digits and the place of the point as a text without exponent.
fn plain_text(digits: &str, point: i64) -> String {
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    if point <= 0 {
        let zeros = usize::try_from(-point).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    }
    if point >= count {
        let zeros = usize::try_from(point - count).unwrap_or(0);
        return format!("{digits}{}", "0".repeat(zeros));
    }
    let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
    format!("{whole}.{fraction}")
}
