//! Marks: what is known about a value beside the value.

/// Something said of a value that everything computed from it inherits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Must not be shown.
    Sensitive,
    /// Must not be stored.
    Ephemeral,
    /// The result of `type()` in the console, printed as a type.
    ConsoleType,
}

/// A set of marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marks(u8);

impl Marks {
    /// No marks.
    pub const NONE: Marks = Marks(0);
    /// Only [`Mark::Sensitive`].
    pub const SENSITIVE: Marks = Marks(1);
    /// Only [`Mark::Ephemeral`].
    pub const EPHEMERAL: Marks = Marks(2);

    const fn bit(mark: Mark) -> u8 {
        match mark {
            Mark::Sensitive => 1,
            Mark::Ephemeral => 2,
            Mark::ConsoleType => 4,
        }
    }

    /// With one more.
    pub const fn with(self, mark: Mark) -> Marks {
        Marks(self.0 | Self::bit(mark))
    }

    /// Without one.
    pub const fn without(self, mark: Mark) -> Marks {
        Marks(self.0 & !Self::bit(mark))
    }

    /// Those of either.
    pub const fn union(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }

    /// Whether a mark is in it.
    pub const fn has(self, mark: Mark) -> bool {
        self.0 & Self::bit(mark) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl From<Mark> for Marks {
    fn from(mark: Mark) -> Self {
        Marks::NONE.with(mark)
    }
}
