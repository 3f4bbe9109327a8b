//! Numbers as the reference has them: binary floating point with a precision of its own per value.

/// A number: 512 bits from literals and texts, 64 from counts, 53 from floating point; the result of an operation has
/// the larger precision of its operands. Zero has a sign, and there are two infinities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    // stub until the value helper lands the real one
    text: String,
}

impl Number {
    /// Parses a decimal text as `tonumber` does (`+5`, `1.`, `.5`, `1e3`, `inf`); `None` where it is not one.
    pub fn parse(text: &str) -> Option<Number> {
        Some(Number {
            text: text.to_owned(),
        })
    }

    /// The value as a whole number, if it is one and fits.
    pub fn to_i64(&self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        self.text.parse().unwrap_or(0.0)
    }

    /// From floating point, with 53 bits.
    pub fn from_f64(it: f64) -> Number {
        Number {
            text: it.to_string(),
        }
    }

    /// Whether it has no fraction.
    pub fn is_whole(&self) -> bool {
        true
    }
}

impl From<i64> for Number {
    fn from(it: i64) -> Self {
        Number {
            text: it.to_string(),
        }
    }
}

impl std::fmt::Display for Number {
    /// The shortest decimal text that gives the number back at its precision, never with an exponent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
