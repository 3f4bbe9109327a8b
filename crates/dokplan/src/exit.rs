//! How a command ends.

/// The exit code of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0.
    Success,
    /// 1: an error, which was reported.
    Failure,
    /// 2: `plan -detailed-exitcode` with changes; `fmt` with a syntax error.
    Changes,
    /// 3: `fmt -check` with files to be formatted.
    Unformatted,
    /// 127: no command.
    NoCommand,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Changes => 2,
            Exit::Unformatted => 3,
            Exit::NoCommand => 127,
        }
    }
}

/// A command that could not do what was asked; everything was reported already.
#[derive(Debug)]
pub(crate) struct Reported;

/// What a command gives.
pub(crate) type Outcome = Result<Exit, Reported>;
