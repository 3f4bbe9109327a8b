//! What a simulator is started with.

use std::fmt;
use std::str::FromStr;

/// A version of Dokploy whose behaviour was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// The oldest that users of the Terraform provider run: error bodies without `data`, fewer required fields.
    V0_26_5,
    /// The one that the recordings were made with.
    V0_30_2,
}

impl Version {
    /// All versions, oldest first.
    pub const ALL: [Version; 2] = [Version::V0_26_5, Version::V0_30_2];
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::V0_26_5 => "v0.26.5",
            Version::V0_30_2 => "v0.30.2",
        })
    }
}

/// The error of parsing a [`Version`]: the text names none that the simulator can play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVersion(String);

impl fmt::Display for UnknownVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Version::ALL.map(|it| it.to_string()).join(" and ");
        write!(
            f,
            "the simulator does not play Dokploy \"{}\", only {known}",
            self.0
        )
    }
}

impl std::error::Error for UnknownVersion {}

impl FromStr for Version {
    type Err = UnknownVersion;

    /// Accepts the version with and without the leading `v`.
    fn from_str(text: &str) -> Result<Version, UnknownVersion> {
        Version::ALL
            .into_iter()
            .find(|it| {
                let name = it.to_string();
                text == name || Some(text) == name.strip_prefix('v')
            })
            .ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}

/// How new objects are named, and with it which Dokploy is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdStyle {
    /// As a real Dokploy: 21 characters of `A-Za-z0-9_-`, the first of which may be `-` or `_`.
    /// They follow from the seed, so a run can be repeated.
    Nanoid,
    /// As the stand-in behind the recorded Terraform sessions: `registry0000000000001`, and with it that stand-in's
    /// other constants (a fixed `appName`, an empty `metricsConfig`, `enableDockerCleanup` false unless asked for,
    /// no check of the form of ssh keys nor that pointers lead somewhere), so that those recordings replay byte for byte.
    Counted,
}

/// What a simulator is started with. There is no default: each caller decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The Dokploy to play.
    pub version: Version,
    /// The key of the administrator, which is never rate-limited.
    pub api_key: String,
    /// What ids follow from.
    pub seed: u64,
    /// The time of the first call in milliseconds since 1970. The clock moves only when something is created, or by
    /// [`Sim::advance`](crate::Sim::advance): a run does not depend on the hour it is made at.
    pub started_at: u64,
    /// How much later the clock is after each creation, in milliseconds.
    pub tick: u64,
    /// How objects are named.
    pub ids: IdStyle,
}

impl Settings {
    /// Settings for tests: key `test-key`, seed 1, the clock at 2026-01-15T10:00:00Z moving by a second.
    pub fn for_tests(version: Version) -> Settings {
        Settings {
            version,
            api_key: "test-key".to_owned(),
            seed: 1,
            started_at: 1_768_471_200_000,
            tick: 1_000,
            ids: IdStyle::Nanoid,
        }
    }

    /// Settings that answer as the stand-in of the recorded Terraform sessions did: as
    /// [`for_tests`](Settings::for_tests), with [`IdStyle::Counted`].
    pub fn for_terraform_recordings(version: Version) -> Settings {
        Settings {
            ids: IdStyle::Counted,
            ..Settings::for_tests(version)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_parse_and_print() {
        for version in Version::ALL {
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        assert_eq!("0.30.2".parse(), Ok(Version::V0_30_2));
        let error = "v1".parse::<Version>().unwrap_err().to_string();
        assert_eq!(
            error,
            "the simulator does not play Dokploy \"v1\", only v0.26.5 and v0.30.2"
        );
    }
}
