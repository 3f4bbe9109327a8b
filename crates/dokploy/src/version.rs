//! Versions of Dokploy, as far as calls differ between them.

use std::fmt;

/// A version of Dokploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

/// From here on `application.update` is described with all of its columns.
pub const V0_27: Version = Version::new(0, 27, 0);

/// From here on a field that may be `null` may still be demanded, and errors carry `data`.
pub const V0_28: Version = Version::new(0, 28, 0);

/// From here on destinations have flags, and permissions cover Git providers and servers.
pub const V0_30: Version = Version::new(0, 30, 0);

/// The newest version whose calls are known.
pub const NEWEST_KNOWN: Version = Version::new(0, 30, 2);

/// The oldest version whose calls are known.
pub const OLDEST_KNOWN: Version = Version::new(0, 26, 5);

impl Version {
    const fn new(major: u32, minor: u32, patch: u32) -> Version {
        Version {
            major,
            minor,
            patch,
        }
    }

    /// The version that a text names: `v0.30.2`, with or without the `v`, and with anything after it.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.trim();
        let mut parts = text.strip_prefix(['v', 'V']).unwrap_or(text).split('.');
        let mut number = |is_last: bool| {
            let part = parts.next()?;
            let digits = part.find(|it: char| !it.is_ascii_digit());
            let digits = part.get(..digits.filter(|_| is_last).unwrap_or(part.len()))?;
            digits.parse().ok()
        };
        Some(Version::new(number(false)?, number(false)?, number(true)?))
    }

    /// Whether calls may have changed since they were last looked at.
    pub fn is_newer_than_known(self) -> bool {
        self > NEWEST_KNOWN
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::{NEWEST_KNOWN, OLDEST_KNOWN, V0_28, Version};

    #[test]
    fn texts_name_versions() {
        assert_eq!(Version::parse("v0.26.5"), Some(OLDEST_KNOWN));
        assert_eq!(Version::parse("0.30.2-canary.1"), Some(NEWEST_KNOWN));
        for text in ["", "latest", "v0.30", "v1.x.2", "v0.30.", "-1.2.3"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert!(OLDEST_KNOWN < V0_28 && V0_28 < NEWEST_KNOWN);
        assert!(Version::parse("v1.0.0").is_some_and(Version::is_newer_than_known));
    }
}
