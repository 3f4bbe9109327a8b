//! Which characters make an identifier, in the version of Unicode that the reference was built with.

/// Whether an identifier can begin with it.
pub(crate) fn is_start(char: char) -> bool {
    char == '_' || char.is_alphabetic()
}

/// Whether an identifier can go on with it.
pub(crate) fn is_continue(char: char) -> bool {
    char == '-' || char == '_' || char.is_alphanumeric()
}
