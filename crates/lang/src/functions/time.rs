//! Functions of moments.

use value::function::{Call, CallError, Function, text};
use value::{Type, Value};

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new(
            "timestamp",
            "Gives the time at which it is evaluated, in UTC.",
        )
        .gives(Type::String)
        .not_null()
        .body(|call| Ok(call.world.now().map_or_else(|| call.unknown(), Value::from)))
        .example("length(timestamp())", "20"),
        Function::new(
            "plantimestamp",
            "Gives the time of the plan, in UTC, also during apply.",
        )
        .gives(Type::String)
        .not_null()
        .body(|call| {
            Ok(call
                .world
                .plan_time()
                .map_or_else(|| call.unknown(), Value::from))
        })
        .example("can(plantimestamp())", "true"),
        Function::new("timeadd", "Adds a duration such as `1h30m` to a time.")
            .takes([text("timestamp"), text("duration")])
            .gives(Type::String)
            .not_null()
            .body(|call| {
                let moment = Moment::parse(call.text(0)).map_err(CallError::new)?;
                let nanoseconds = duration(call.text(1)).map_err(CallError::new)?;
                let res = moment.after(nanoseconds).ok_or_else(|| {
                    CallError::new("the result is outside of the years 0 to 9999")
                })?;
                Ok(res.rfc3339().into())
            })
            .example(
                r#"timeadd("2017-11-22T00:00:00Z", "10m")"#,
                r#""2017-11-22T00:10:00Z""#,
            ),
        Function::new(
            "timecmp",
            "Gives -1, 0 or 1 for a time before, at or after another.",
        )
        .takes([text("timestamp_a"), text("timestamp_b")])
        .gives(Type::Number)
        .not_null()
        .body(|call| {
            let moment =
                |at| Moment::parse_lenient(call.text(at)).map_err(|it| CallError::at(at, it));
            let (a, b) = (moment(0)?.instant(), moment(1)?.instant());
            Ok(Value::from(a.cmp(&b) as i64))
        })
        .example(
            r#"timecmp("2017-11-22T00:00:00Z", "2017-11-22T01:00:00Z")"#,
            "-1",
        ),
        Function::new(
            "formatdate",
            "Writes a time in another form, by letters such as `YYYY`.",
        )
        .takes([text("format"), text("time")])
        .gives(Type::String)
        .not_null()
        .body(|call: &Call<'_>| {
            let moment = Moment::parse(call.text(1)).map_err(|it| CallError::at(1, it))?;
            let res = moment
                .format(call.text(0))
                .map_err(|it| CallError::at(0, it))?;
            Ok(res.into())
        })
        .example(
            r#"formatdate("EEE, DD MMM YYYY hh:mm ZZZ", "2018-01-02T23:12:01Z")"#,
            r#""Tue, 02 Jan 2018 23:12 UTC""#,
        ),
    ]
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];
const DAY: i64 = 86_400;

/// A time of a calendar day with its distance to UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    /// Minutes east of UTC.
    offset: i64,
}

impl Moment {
    /// Reads RFC 3339.
    pub(crate) fn parse(text: &str) -> Result<Moment, String> {
        Self::read(text, 23, 59)
            .ok_or_else(|| "it is not a time of RFC 3339 such as 2017-11-22T00:00:00Z".to_owned())
    }

    /// With the largest hours and minutes that the distance to UTC may have.
    fn read(text: &str, hours: i64, minutes: i64) -> Option<Moment> {
        let mut reader = Reader(text);
        let year = reader.digits(4, 4)?;
        reader.mark("-")?;
        let month = reader.digits(2, 2)?;
        reader.mark("-")?;
        let day = reader.digits(2, 2)?;
        reader.mark("T")?;
        let hour = reader.digits(2, 2)?;
        reader.mark(":")?;
        let minute = reader.digits(2, 2)?;
        reader.mark(":")?;
        let second = reader.digits(2, 2)?;
        let nanosecond = reader.fraction()?;
        let offset = reader.zone(hours, minutes)?;
        reader.end()?;
        Moment {
            year,
            month,
            day,
            hour,
            minute,
            second,
            nanosecond,
            offset,
        }
        .checked()
    }

    /// Reads the forms that YAML has for times.
    pub(crate) fn parse_yaml(text: &str) -> Option<Moment> {
        let mut reader = Reader(text);
        let year = reader.digits(4, 4)?;
        reader.mark("-")?;
        let month = reader.digits(1, 2)?;
        reader.mark("-")?;
        let day = reader.digits(1, 2)?;
        let (mut hour, mut minute, mut second, mut nanosecond, mut offset) = (0, 0, 0, 0, 0);
        if reader.end().is_none() {
            let zoned = reader.mark("T").or_else(|| reader.mark("t")).is_some();
            if !zoned {
                reader.mark(" ")?;
            }
            hour = reader.digits(1, 2)?;
            reader.mark(":")?;
            minute = reader.digits(1, 2)?;
            reader.mark(":")?;
            second = reader.digits(1, 2)?;
            nanosecond = reader.fraction()?;
            if zoned {
                offset = reader.zone(23, 59)?;
            }
            reader.end()?;
        }
        Moment {
            year,
            month,
            day,
            hour,
            minute,
            second,
            nanosecond,
            offset,
        }
        .checked()
    }

    fn checked(self) -> Option<Moment> {
        let valid = (1..=12).contains(&self.month)
            && (1..=days_in(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60;
        valid.then_some(self)
    }

    /// Reads RFC 3339 as `timecmp` of the reference does: an hour may have one digit, a comma may stand before the
    /// parts of a second, and the distance to UTC may have 24 hours and 60 minutes.
    fn parse_lenient(text: &str) -> Result<Moment, String> {
        let mut text = text.to_owned();
        if let Some(at) = text.find('T') {
            let digits = text.bytes().skip(at + 1).take_while(u8::is_ascii_digit);
            if digits.count() == 1 {
                text.insert(at + 1, '0');
            }
        }
        let text = text.replacen(',', ".", 1);
        Self::read(&text, 24, 60).map_or_else(|| Self::parse(&text), Ok)
    }

    /// Seconds since 1970 in UTC, and nanoseconds.
    fn instant(&self) -> (i64, i64) {
        let seconds = self.days() * DAY + self.hour * 3600 + self.minute * 60 + self.second;
        (seconds - self.offset * 60, self.nanosecond)
    }

    /// Days since 1970 on its own calendar.
    fn days(&self) -> i64 {
        // Years begin in March, so that the leap day is the last one.
        let year = if self.month <= 2 {
            self.year - 1
        } else {
            self.year
        };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let month = (self.month + 9) % 12;
        let of_year = (153 * month + 2) / 5 + self.day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// So many nanoseconds later, with the same distance to UTC.
    fn after(&self, nanoseconds: i64) -> Option<Moment> {
        let (seconds, own) = self.instant();
        let total = i128::from(seconds) * 1_000_000_000 + i128::from(own) + i128::from(nanoseconds);
        let seconds = i64::try_from(total.div_euclid(1_000_000_000)).ok()? + self.offset * 60;
        let nanosecond = i64::try_from(total.rem_euclid(1_000_000_000)).ok()?;
        let (days, of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        (0..=9999).contains(&year).then_some(Moment {
            year,
            month,
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            nanosecond,
            offset: self.offset,
        })
    }

    /// RFC 3339 without parts of seconds.
    pub(crate) fn rfc3339(&self) -> String {
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}",
            self.year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.zone(true, true)
        )
    }

    fn zone(&self, z: bool, colon: bool) -> String {
        if z && self.offset == 0 {
            return "Z".to_owned();
        }
        let sign = if self.offset < 0 { '-' } else { '+' };
        let (hours, minutes) = (self.offset.abs() / 60, self.offset.abs() % 60);
        let colon = if colon { ":" } else { "" };
        format!("{sign}{hours:02}{colon}{minutes:02}")
    }

    /// The time as a format of letters says.
    fn format(&self, format: &str) -> Result<String, String> {
        let mut res = String::new();
        let mut rest = format;
        while let Some(first) = rest.chars().next() {
            if first == '\'' {
                rest = quoted(rest, &mut res)?;
                continue;
            }
            let length = rest.len() - rest.trim_start_matches(first).len();
            let (run, after) = rest.split_at(length);
            rest = after;
            if !first.is_ascii_alphabetic() {
                res.push_str(run);
                continue;
            }
            let part = self
                .part(first, run.len())
                .ok_or_else(|| mistake(first, run))?;
            res.push_str(&part);
        }
        Ok(res)
    }

    fn part(&self, letter: char, count: usize) -> Option<String> {
        let plain_or_two = |it: i64| match count {
            1 => Some(it.to_string()),
            2 => Some(format!("{it:02}")),
            _ => None,
        };
        let month = || {
            usize::try_from(self.month - 1)
                .ok()
                .and_then(|at| MONTHS.get(at))
                .copied()
        };
        let weekday = || {
            usize::try_from(self.days().rem_euclid(7))
                .ok()
                .and_then(|at| WEEKDAYS.get(at))
                .copied()
        };
        let short = |it: &str| it.get(..3).unwrap_or(it).to_owned();
        match (letter, count) {
            ('Y', 2) => Some(format!("{:02}", self.year % 100)),
            ('Y', 4) => Some(format!("{:04}", self.year)),
            ('M', 1 | 2) => plain_or_two(self.month),
            ('M', 3) => month().map(short),
            ('M', 4) => month().map(str::to_owned),
            ('D', _) => plain_or_two(self.day),
            ('E', 3) => weekday().map(short),
            ('E', 4) => weekday().map(str::to_owned),
            ('h', _) => plain_or_two(self.hour),
            ('H', _) => plain_or_two(match self.hour % 12 {
                0 => 12,
                it => it,
            }),
            ('A', 2) => Some(if self.hour < 12 { "AM" } else { "PM" }.to_owned()),
            ('a', 2) => Some(if self.hour < 12 { "am" } else { "pm" }.to_owned()),
            ('m', _) => plain_or_two(self.minute),
            ('s', _) => plain_or_two(self.second),
            ('Z', 1) => Some(self.zone(true, true)),
            ('Z', 3) if self.offset == 0 => Some("UTC".to_owned()),
            ('Z', 3 | 4) => Some(self.zone(false, false)),
            ('Z', 5) => Some(self.zone(false, true)),
            _ => None,
        }
    }
}

fn mistake(letter: char, run: &str) -> String {
    let counts = match letter {
        'Y' => "YY or YYYY for the year",
        'M' => "M, MM, MMM or MMMM for the month",
        'D' => "D or DD for the day",
        'E' => "EEE or EEEE for the day of the week",
        'h' => "h or hh for the hour of 24",
        'H' => "H or HH for the hour of 12",
        'A' => "AA for AM or PM",
        'a' => "aa for am or pm",
        'm' => "m or mm for the minute",
        's' => "s or ss for the second",
        'Z' => "Z, ZZZ, ZZZZ or ZZZZZ for the time zone",
        _ => {
            return format!(
                "{run} stands for nothing; letters that are to be written as they are go between single quotes"
            );
        }
    };
    format!("instead of {run} there is {counts}")
}

/// Text between single quotes, two of which are one; gives what follows.
fn quoted<'f>(text: &'f str, to: &mut String) -> Result<&'f str, String> {
    let mut rest = text.get(1..).unwrap_or("");
    loop {
        let Some((part, after)) = rest.split_once('\'') else {
            return Err("a text in single quotes has no end".to_owned());
        };
        to.push_str(part);
        match after.strip_prefix('\'') {
            Some(after) => {
                to.push('\'');
                rest = after;
            }
            None => return Ok(after),
        }
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

struct Reader<'t>(&'t str);

impl Reader<'_> {
    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let n = self
            .0
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        if n < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(n);
        self.0 = rest;
        digits.parse().ok()
    }

    fn mark(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// Parts of a second, as nanoseconds; digits beyond those do not count.
    fn fraction(&mut self) -> Option<i64> {
        if self.mark(".").is_none() {
            return Some(0);
        }
        let n = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(n);
        self.0 = rest;
        if n == 0 {
            return None;
        }
        let padded = format!("{digits:0<9}");
        padded.get(..9)?.parse().ok()
    }

    fn zone(&mut self, most_hours: i64, most_minutes: i64) -> Option<i64> {
        if self.mark("Z").is_some() {
            return Some(0);
        }
        let sign = if self.mark("+").is_some() {
            1
        } else {
            self.mark("-")?;
            -1
        };
        let hours = self.digits(2, 2)?;
        self.mark(":")?;
        let minutes = self.digits(2, 2)?;
        (hours <= most_hours && minutes <= most_minutes).then_some(sign * (hours * 60 + minutes))
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// The nanoseconds of a duration such as `-1h30m0.5s`.
fn duration(text: &str) -> Result<i64, String> {
    let wrong = || {
        "the duration must be numbers with units, such as 1h30m; the units are h, m, s, ms, us and ns"
            .to_owned()
    };
    let (sign, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (-1, text.get(1..).unwrap_or("")),
        Some(b'+') => (1, text.get(1..).unwrap_or("")),
        _ => (1, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut total = 0_i128;
    while !rest.is_empty() {
        let n = rest
            .bytes()
            .take_while(|it| it.is_ascii_digit() || *it == b'.')
            .count();
        let (number, after) = rest.split_at(n);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(wrong());
        }
        let units = after
            .find(|it: char| it == '.' || it.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(units);
        rest = after;
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(wrong()),
        };
        let too_long = || "the duration is longer than 292 years".to_owned();
        let whole: i128 = if whole.is_empty() {
            0
        } else {
            whole.parse::<u64>().map_err(|_| too_long())?.into()
        };
        let fraction = fraction.get(..fraction.len().min(18)).unwrap_or("");
        let part: i128 = if fraction.is_empty() {
            0
        } else {
            let scale = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(18));
            fraction.parse::<i128>().map_err(|_| wrong())? * unit / scale
        };
        total += whole * unit + part;
        if total > i128::from(i64::MAX) + i128::from(sign < 0) {
            return Err(too_long());
        }
    }
    i64::try_from(sign * total).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("1.5h"), Ok(5_400_000_000_000));
        assert_eq!(duration("-1h30m"), Ok(-5_400_000_000_000));
        assert_eq!(duration(".5s"), Ok(500_000_000));
        assert_eq!(duration("0"), Ok(0));
        for text in [
            "", "1", "1d", "1h 30m", "-", ".", "9999999h", "1..5h", "1.5.5h", "é",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lenient_times() {
        let strict = Moment::parse("2017-11-22T01:00:00.5Z").unwrap();
        assert_eq!(Moment::parse_lenient("2017-11-22T1:00:00,5Z"), Ok(strict));
        assert!(Moment::parse("2017-11-22T1:00:00Z").is_err());
        assert!(Moment::parse("2017-11-22T01:00:00,5Z").is_err());
        for text in [
            "2017-11-22T001:00:00Z",
            "2017-11-22T:00:00Z",
            "2017-11-22T1:0:00Z",
            "2017,11-22T01:00:00Z",
            "T",
            ",",
        ] {
            assert!(Moment::parse_lenient(text).is_err(), "{text}");
        }
    }

    #[test]
    fn calendar() {
        let check = |from: &str, add: i64, to: &str| {
            let res = Moment::parse(from)
                .unwrap()
                .after(add * 1_000_000_000)
                .unwrap();
            assert_eq!(res.rfc3339(), to);
        };
        check("2016-02-28T23:59:59Z", 1, "2016-02-29T00:00:00Z");
        check("1970-01-01T00:00:00Z", -1, "1969-12-31T23:59:59Z");
        check("0000-03-01T00:00:00+02:00", -1, "0000-02-29T23:59:59+02:00");
        check("2000-12-31T23:59:59-05:30", 1, "2001-01-01T00:00:00-05:30");
        assert!(
            Moment::parse("9999-12-31T23:59:59Z")
                .unwrap()
                .after(1_000_000_000)
                .is_none()
        );
    }
}
