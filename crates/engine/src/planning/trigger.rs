//! `replace_triggered_by`: whether something that an instance names will change.

use diag::Diagnostics;

use crate::expand::Each;
use crate::planning::Planning;

impl Planning<'_> {
    /// Whether one of the things that `replace_triggered_by` names will change.
    pub(crate) fn is_triggered(
        &self,
        declared: &config::Resource,
        module: usize,
        each: &Each,
        diags: &mut Diagnostics,
    ) -> bool {
        let _ = (declared, module, each, diags);
        false
    }
}
