//! What is checked of the repository itself.

mod layers;
mod tidy;
